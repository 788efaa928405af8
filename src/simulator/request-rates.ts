// The highest number of requests in any second and at any one time, per node and in total.
export interface Peaks {
  readonly total: number;
  /** By the node that the client called. */
  readonly by_node: Readonly<Record<string, number>>;
  /** By the node that did the work, which a forwarded call reaches through another. */
  readonly by_target: Readonly<Record<string, number>>;
}

export interface RequestPeaks {
  /** In the busiest 1,000 ms, wherever they begin. */
  readonly per_second: Peaks;
  readonly in_flight: Peaks;
}

const everything = "total";
const windowMs = 1000;

export class RequestRates {
  readonly #monotonic: () => number;
  readonly #recent = new Map<string, number[]>();
  readonly #flying = new Map<string, number>();
  readonly #mostPerSecond = new Map<string, number>();
  readonly #mostFlying = new Map<string, number>();

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  begin(node: string, target: string): () => void {
    const keys = [everything, `node ${node}`, `target ${target}`];
    for (const key of keys) this.#enter(key);
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      for (const key of keys) this.#flying.set(key, Math.max(0, (this.#flying.get(key) ?? 0) - 1));
    };
  }

  get peaks(): RequestPeaks {
    return { per_second: peaksOf(this.#mostPerSecond), in_flight: peaksOf(this.#mostFlying) };
  }

  /** What is in flight stays so. */
  clear(): void {
    this.#recent.clear();
    this.#mostPerSecond.clear();
    this.#mostFlying.clear();
  }

  #enter(key: string): void {
    const now = this.#monotonic();
    const recent = (this.#recent.get(key) ?? []).filter((at) => at > now - windowMs);
    recent.push(now);
    this.#recent.set(key, recent);
    raise(this.#mostPerSecond, key, recent.length);
    const flying = (this.#flying.get(key) ?? 0) + 1;
    this.#flying.set(key, flying);
    raise(this.#mostFlying, key, flying);
  }
}

function raise(most: Map<string, number>, key: string, value: number): void {
  if (value > (most.get(key) ?? 0)) most.set(key, value);
}

function peaksOf(most: ReadonlyMap<string, number>): Peaks {
  const of = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      [...most].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]),
    );
  return { total: most.get(everything) ?? 0, by_node: of("node "), by_target: of("target ") };
}
