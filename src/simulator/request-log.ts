// Every request that the simulator got, so that a test can say what a client did, how often, and how much at once.
import { type RequestPeaks, RequestRates } from "./request-rates.ts";

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

export interface RequestSummary extends RequestPeaks {
  readonly total: number;
  /** Requests by method and path, the variable parts as `{node}`; what the simulator does not know is `unknown`. */
  readonly by_path: Readonly<Record<string, number>>;
}

const kept = 20_000;

export class RequestLog {
  readonly #rates: RequestRates;
  readonly #byPath = new Map<string, number>();
  #entries: LoggedRequest[] = [];
  #total = 0;

  /** `monotonic` in milliseconds, of the clock that the client lives by. */
  constructor(monotonic: () => number) {
    this.#rates = new RequestRates(monotonic);
  }

  add(entry: LoggedRequest): void {
    this.#total++;
    this.#entries.push(entry);
    if (this.#entries.length > kept) this.#entries = this.#entries.slice(kept / 2);
  }

  /**
   * Counts a request as in flight until the returned function is called. `target` is the node that does the work: the
   * called one, or the one that it is forwarded to; `call` is method and path with `{node}` and the like.
   */
  begin(node: string, target: string, call: string): () => void {
    this.#byPath.set(call, (this.#byPath.get(call) ?? 0) + 1);
    return this.#rates.begin(node, target);
  }

  /** All requests so far, also those that `list` no longer holds. */
  get total(): number {
    return this.#total;
  }

  /** The newest requests, oldest first; with a filter those whose path it matches. */
  list(path?: RegExp): readonly LoggedRequest[] {
    return path === undefined ? [...this.#entries] : this.#entries.filter((entry) => path.test(entry.path));
  }

  /** Highest load since the start or the last `clear`. */
  get peaks(): RequestPeaks {
    return this.#rates.peaks;
  }

  summary(): RequestSummary {
    return { total: this.#total, ...this.peaks, by_path: Object.fromEntries([...this.#byPath].sort()) };
  }

  clear(): void {
    this.#entries = [];
    this.#total = 0;
    this.#byPath.clear();
    this.#rates.clear();
  }
}
