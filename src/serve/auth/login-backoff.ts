// Makes guessing slow: after a few wrong passwords an account, and an address, have to wait longer and longer.
import type { Clock } from "../../lib/clock.ts";
import { HttpError } from "../http/http-error.ts";

interface Failures {
  count: number;
  /** By the clock's `now`. */
  blockedUntil: number;
}

/** An account waits at most a minute, so that nobody can lock its owner out for long; an address a quarter of an hour. */
const accountRule = { free: 5, longestMs: 60_000 };
const addressRule = { free: 10, longestMs: 15 * 60_000 };
const firstWaitMs = 2_000;
/** Beyond it the oldest are forgotten, so that made-up names cannot fill the memory. */
const mostKeys = 10_000;

export class LoginBackoff {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts an attempt as failed before it is checked, so that many at once gain nothing. Throws an HttpError 429. */
  attempt(account: string, address: string): void {
    const keys = [
      [`account ${account.toLowerCase()}`, accountRule],
      [`address ${address}`, addressRule],
    ] as const;
    const waitMs = Math.max(...keys.map(([key]) => (this.#failures.get(key)?.blockedUntil ?? 0) - this.#clock.now()));
    if (waitMs > 0) throw tooMany(Math.ceil(waitMs / 1000));
    for (const [key, rule] of keys) this.#count(key, rule);
  }

  /** The password was right: the account's and the address's failures are forgotten. */
  succeeded(account: string, address: string): void {
    this.#failures.delete(`account ${account.toLowerCase()}`);
    this.#failures.delete(`address ${address}`);
  }

  #count(key: string, rule: { readonly free: number; readonly longestMs: number }): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const waitMs = count < rule.free ? 0 : Math.min(rule.longestMs, firstWaitMs * 2 ** (count - rule.free));
    this.#failures.delete(key);
    this.#failures.set(key, { count, blockedUntil: this.#clock.now() + waitMs });
    const oldest = this.#failures.size > mostKeys ? this.#failures.keys().next().value : undefined;
    if (oldest !== undefined) this.#failures.delete(oldest);
  }
}

const tooMany = (seconds: number): HttpError =>
  new HttpError(429, `Too many wrong passwords; try again in ${seconds} seconds.`, { "retry-after": String(seconds) });
