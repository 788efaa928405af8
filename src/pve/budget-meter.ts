// How much of the budget is used: requests and their wait by priority, and the most that there was at the same time and
// within one second. What is promised to a cluster has to be seen to be kept.
import type { Clock } from "../lib/clock.ts";
import type { Priority } from "./request.ts";

export interface PriorityUse {
  readonly requests: number;
  /** Time in the queue, of all requests together. */
  readonly waitedMs: number;
  readonly longestWaitMs: number;
}

export interface BudgetUse {
  readonly byPriority: Readonly<Record<Priority, PriorityUse>>;
  /** The most since the start. */
  readonly peakInFlight: number;
  readonly peakInFlightPerNode: number;
  readonly peakPerSecond: number;
}

export class BudgetMeter {
  readonly #clock: Clock;
  readonly #byPriority: Record<Priority, { requests: number; waitedMs: number; longestWaitMs: number }> = {
    interactive: none(),
    poll: none(),
    background: none(),
  };
  #second: number[] = [];
  #peaks = { peakInFlight: 0, peakInFlightPerNode: 0, peakPerSecond: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  began(
    { priority, since }: { readonly priority: Priority; readonly since: number },
    inAll: number,
    ofNode: number,
  ): void {
    const now = this.#clock.monotonic();
    const use = this.#byPriority[priority];
    use.requests += 1;
    use.waitedMs += now - since;
    use.longestWaitMs = Math.max(use.longestWaitMs, now - since);
    this.#second = [...this.#second.filter((at) => now - at < 1000), now];
    this.#peaks = {
      peakInFlight: Math.max(this.#peaks.peakInFlight, inAll),
      peakInFlightPerNode: Math.max(this.#peaks.peakInFlightPerNode, ofNode),
      peakPerSecond: Math.max(this.#peaks.peakPerSecond, this.#second.length),
    };
  }

  use(): BudgetUse {
    const { interactive, poll, background } = this.#byPriority;
    return {
      byPriority: { interactive: { ...interactive }, poll: { ...poll }, background: { ...background } },
      ...this.#peaks,
    };
  }
}

const none = (): { requests: number; waitedMs: number; longestWaitMs: number } => ({
  requests: 0,
  waitedMs: 0,
  longestWaitMs: 0,
});
