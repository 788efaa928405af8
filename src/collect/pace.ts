// The pace of work that has time (history, gaps, creation times): so many requests per second of a cluster in all,
// whoever makes them, and none while the cluster answers slowly.
import type { Clock } from "../lib/clock.ts";

export interface PaceOptions {
  readonly clock: Clock;
  readonly requestsPerSecond: number;
  /** True while polls themselves come slower than they should. */
  readonly mustWait: () => boolean;
}

const lookAgainMs = 5_000;

export class Pace {
  readonly #options: PaceOptions;
  #free = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  get requestsPerSecond(): number {
    return this.#options.requestsPerSecond;
  }

  get isHeld(): boolean {
    return this.#options.mustWait();
  }

  /** Resolves when so many requests may be sent, or when `signal` aborts. */
  async turn(requests: number, signal: AbortSignal): Promise<void> {
    const { clock, requestsPerSecond, mustWait } = this.#options;
    while (mustWait() && !signal.aborted) await clock.sleep(lookAgainMs, signal);
    const begin = Math.max(this.#free, clock.monotonic());
    this.#free = begin + (1000 * requests) / requestsPerSecond;
    const waitMs = begin - clock.monotonic();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }
}
