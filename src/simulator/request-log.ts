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

/** How many requests the simulator had at the same time. */
export interface InFlightPeaks {
  readonly inAll: number;
  readonly ofOneNode: number;
}

export class RequestLog {
  #entries: LoggedRequest[] = [];
  #total = 0;
  readonly #open = new Map<string, number>();
  #peaks = { inAll: 0, ofOneNode: 0 };

  add(entry: LoggedRequest): void {
    this.#total++;
    this.#entries.push(entry);
    if (this.#entries.length > kept) this.#entries = this.#entries.slice(kept / 2);
  }

  /** A request has come in; call what is returned when its answer is out. */
  begin(node: string): () => void {
    this.#count(node, 1);
    const inAll = [...this.#open.values()].reduce((sum, open) => sum + open, 0);
    const ofOneNode = this.#open.get(node) ?? 0;
    this.#peaks = { inAll: Math.max(this.#peaks.inAll, inAll), ofOneNode: Math.max(this.#peaks.ofOneNode, ofOneNode) };
    return () => this.#count(node, -1);
  }

  get peaks(): InFlightPeaks {
    return this.#peaks;
  }

  #count(node: string, by: 1 | -1): void {
    this.#open.set(node, (this.#open.get(node) ?? 0) + by);
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
    this.#peaks = { inAll: 0, ofOneNode: 0 };
  }
}
