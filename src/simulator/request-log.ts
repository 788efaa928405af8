// Every request that the simulator got, so that a test can say what a client did and how often.
export interface LoggedRequest {
  readonly method: string;
  /** Path without /api2/json and without the query. */
  readonly path: string;
  readonly query: string;
  /** The called node. */
  readonly node: string;
  /** Virtual time in epoch milliseconds. */
  readonly at: number;
}

const kept = 20_000;

export class RequestLog {
  #entries: LoggedRequest[] = [];
  #total = 0;

  add(entry: LoggedRequest): void {
    this.#total++;
    this.#entries.push(entry);
    if (this.#entries.length > kept) this.#entries = this.#entries.slice(kept / 2);
  }

  /** All requests so far, also those that `list` no longer holds. */
  get total(): number {
    return this.#total;
  }

  /** The newest requests, oldest first; with a filter those whose path it matches. */
  list(path?: RegExp): readonly LoggedRequest[] {
    return path === undefined ? [...this.#entries] : this.#entries.filter((entry) => path.test(entry.path));
  }

  clear(): void {
    this.#entries = [];
    this.#total = 0;
  }
}
