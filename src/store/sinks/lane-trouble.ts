// What is in the way of one lane of a sink, and when it may try again.
import { describeError, SinkError } from "../../lib/errors.ts";
import { backoffMs } from "./backoff.ts";

/** A sink that needs a person is looked at this often: an account must not be locked by trying. */
const heldMs = 60_000;
/** A newer batch may be tried before the back-off is over, but not more often than this. */
const probeMs = 5_000;

export class LaneTrouble {
  readonly #random: () => number;
  #failures = 0;
  #held = false;
  #reason: string | null = null;
  #since = 0;
  #triedAt = 0;
  #triedSeq = 0;
  #waitMs = 0;
  #askedMs = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  get isFailing(): boolean {
    return this.#failures > 0;
  }

  get isHeld(): boolean {
    return this.#held;
  }

  get reason(): string | null {
    return this.#reason;
  }

  /** Monotonic time of the first failure in a row. */
  get since(): number {
    return this.#since;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#held = false;
    this.#reason = null;
  }

  failed(error: unknown, seq: number, nowMs: number): void {
    if (this.#failures === 0) this.#since = nowMs;
    this.#failures++;
    this.#held = error instanceof SinkError && error.refusal === "person";
    this.#askedMs = error instanceof SinkError ? error.retryAfterMs : 0;
    this.#reason = describeError(error);
    this.#triedAt = nowMs;
    this.#triedSeq = seq;
    this.#waitMs = this.#held ? heldMs : backoffMs(this.#failures, this.#random);
  }

  /** Milliseconds until `seq` may be tried; 0 or less when it may be now. */
  waitMs(seq: number, nowMs: number): number {
    if (this.#failures === 0) return 0;
    const isNewer = seq > this.#triedSeq && !this.#held;
    const wait = isNewer ? Math.min(this.#waitMs, probeMs) : this.#waitMs;
    return this.#triedAt + Math.max(wait, this.#askedMs) - nowMs;
  }
}
