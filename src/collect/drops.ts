// Counts values that were not kept, by reason. Counting is the log: what happens every poll must not fill a file.

export class Drops {
  readonly #counts: Record<string, number> = {};

  add(reason: string, count = 1): void {
    if (count > 0) this.#counts[reason] = (this.#counts[reason] ?? 0) + count;
  }

  get counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }
}
