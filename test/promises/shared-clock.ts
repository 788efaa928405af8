// What a process that is to be killed and the test that kills it agree on: one accelerated time, which follows the
// machine's clock, some times faster; and a store in small pieces, so that a kill can hit every kind of moment.
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

export const smallPieces = { applyRows: 25, segmentBytes: 20_000 };
