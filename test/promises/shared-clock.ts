// One accelerated time for several processes: it follows the machine's clock, some times faster.
import { type Clock, systemClock } from "../../src/lib/clock.ts";

export interface WhereTheClusterIs {
  readonly url: string;
  readonly tokenId: string;
  readonly tokenSecret: string;
  readonly fingerprint: string;
  /** Real moment, in epoch milliseconds, from which on time runs faster. */
  readonly since: number;
  readonly speed: number;
}

export function sharedClock({ since, speed }: Pick<WhereTheClusterIs, "since" | "speed">): Clock {
  const now = (): number => since + (Date.now() - since) * speed;
  return { now, monotonic: now, sleep: (ms, signal) => systemClock.sleep(ms / speed, signal) };
}
