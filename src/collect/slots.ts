// Questions that are asked again and again, each never twice at the same time: a node that hangs keeps only its own slot
// busy, and nothing waits for the slowest.
import type { Clock } from "../lib/clock.ts";

export interface Outcome<T> {
  readonly key: string;
  readonly value: T | undefined;
  readonly error: unknown;
  readonly durationMs: number;
}

const settled = "settled";

export class Slots<T> {
  readonly #clock: Clock;
  readonly #onLate: () => void;
  readonly #busy = new Map<string, Promise<void>>();
  #arrived: Outcome<T>[] = [];
  #settling = false;

  /** `onLate`: an answer has come that no `settle` waits for any more. */
  constructor(clock: Clock, onLate: () => void) {
    this.#clock = clock;
    this.#onLate = onLate;
  }

  /** Starts `ask` unless this key is still waiting for its last answer; false then. */
  start(key: string, ask: () => Promise<T>): boolean {
    if (this.#busy.has(key)) return false;
    const begun = this.#clock.monotonic();
    const finish = (value: T | undefined, error: unknown): void => {
      this.#busy.delete(key);
      this.#arrived.push({ key, value, error, durationMs: this.#clock.monotonic() - begun });
      if (!this.#settling) this.#onLate();
    };
    this.#busy.set(
      key,
      ask().then(
        (value) => finish(value, undefined),
        (error: unknown) => finish(undefined, error),
      ),
    );
    return true;
  }

  /** Waits until nothing is under way, at most `ms`. */
  async settle(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#busy.size === 0) return;
    // Not AbortSignal.any: it stays attached to the long-lived signal, poll after poll.
    const timer = new AbortController();
    // Without a reason of ours, `abort` makes an exception with a stack trace each time.
    const stop = (): void => timer.abort(settled);
    signal.addEventListener("abort", stop, { once: true });
    this.#settling = true;
    await Promise.race([Promise.all(this.#busy.values()), this.#clock.sleep(ms, timer.signal)]);
    this.#settling = false;
    signal.removeEventListener("abort", stop);
    stop();
  }

  /** What has arrived since the last call. */
  take(): readonly Outcome<T>[] {
    const arrived = this.#arrived;
    this.#arrived = [];
    return arrived;
  }
}
