// Wakes whoever waits for something to change: loops look at the state, and when there is nothing to do, they wait here.
import type { Clock } from "../../lib/clock.ts";

export class Bell {
  readonly #clock: Clock;
  #next = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    const rung = this.#next;
    this.#next = new AbortController();
    rung.abort();
  }

  /** Returns at the next ring, or after `ms`. */
  async wait(ms?: number): Promise<void> {
    const { signal } = this.#next;
    if (ms !== undefined) {
      await this.#clock.sleep(ms, signal);
      return;
    }
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}
