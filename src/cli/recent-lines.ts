// The last lines of the log, kept in memory for a support bundle.

const mostLines = 1_000;
/** A line with an answer in it would crowd out the others. */
const longestLine = 4_000;

export class RecentLines {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line.length > longestLine ? `${line.slice(0, longestLine)}…` : line);
    // In one go and not each time, because shifting a long list costs.
    if (this.#lines.length > 2 * mostLines) this.#lines.splice(0, this.#lines.length - mostLines);
  }

  /** Oldest first. */
  list(): readonly string[] {
    return this.#lines.slice(-mostLines);
  }
}
