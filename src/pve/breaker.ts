// Stops asking what does not answer: after some failures in a row it opens, and after a while lets one call try.
import type { Clock } from "../lib/clock.ts";
import type { PveError } from "./errors.ts";

export type BreakerState = "closed" | "open" | "half-open";

export interface BreakerOptions {
  readonly failures: number;
  readonly openMs: number;
  readonly clock: Clock;
}

export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #openUntil = 0;
  #probing = false;
  #lastError: PveError | null = null;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    if (this.#failures < this.#options.failures) return "closed";
    return this.#options.clock.monotonic() < this.#openUntil ? "open" : "half-open";
  }

  get lastError(): PveError | null {
    return this.#lastError;
  }

  /** How long until a call may try again; 0 when one may now. */
  get waitMs(): number {
    return this.state === "open" ? this.#openUntil - this.#options.clock.monotonic() : 0;
  }

  admits(): boolean {
    return this.state === "closed" || (this.state === "half-open" && !this.#probing);
  }

  /** A call goes out. While half-open it is the only one until it is settled by `ok`, `fail` or `withdraw`. */
  begin(): void {
    if (this.state === "half-open") this.#probing = true;
  }

  ok(): void {
    this.#failures = 0;
    this.#probing = false;
    this.#lastError = null;
  }

  fail(error: PveError): void {
    this.#failures++;
    this.#probing = false;
    this.#lastError = error;
    this.#openUntil = this.#options.clock.monotonic() + this.#options.openMs;
  }

  /** The call ended without telling anything about the other side. */
  withdraw(): void {
    this.#probing = false;
  }
}
