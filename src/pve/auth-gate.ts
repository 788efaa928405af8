// After a 401 the cluster is left alone: one try a minute, and everything else fails at once with the same error. A
// wrong token or password repeated at full rate fills PVE's log and holds its workers (it delays every 401 by 3 s).
import type { Clock } from "../lib/clock.ts";
import type { PveAuthError } from "./errors.ts";

const pauseMs = 60_000;

export class AuthGate {
  readonly #clock: Clock;
  #error: PveAuthError | null = null;
  #closedUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws the error of the last 401 while the pause lasts. */
  check(): void {
    if (this.#error !== null && this.#clock.monotonic() < this.#closedUntil) throw this.#error;
  }

  /** As `check`, for the call that now goes out: after the pause it is the one try of the next minute. */
  pass(): void {
    this.check();
    if (this.#error !== null) this.#closedUntil = this.#clock.monotonic() + pauseMs;
  }

  /** What the gate itself has thrown makes the pause no longer. */
  refused(error: PveAuthError): void {
    if (error === this.#error) return;
    this.#error = error;
    this.#closedUntil = this.#clock.monotonic() + pauseMs;
  }

  accepted(): void {
    this.#error = null;
  }
}
