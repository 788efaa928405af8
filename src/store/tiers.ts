// Which tier a point lives in, and which stretch of time it describes. The SQL of the DuckDB driver says the same in
// its own words (duckdb/rollup.ts); the contract tests hold both against each other.
import { origins } from "../model/batch.ts";
import type { RolledTier, Tier } from "../model/store.ts";

export const rrdAvg = origins.indexOf("rrd-avg");
export const rrdMax = origins.indexOf("rrd-max");
/** Read at its own pace, about a thing whose samples come otherwise; of disks and pools there is nothing else. */
export const fact = origins.indexOf("fact");
export const isRrd = (origin: number): boolean => origin === rrdAvg || origin === rrdMax;

export type RollupTier = RolledTier;
/** What is made of samples: roll-ups, and the hours of sketches. */
export type WindowTier = RollupTier | "sketch";
export const rollupTiers = ["5m", "1h"] as const satisfies readonly RollupTier[];
export const windowMs: Readonly<Record<RollupTier, number>> = { "5m": 300_000, "1h": 3_600_000 };
/** Sketches are built hour by hour, and days of them once the day is over. */
export const sketchWindowMs = 3_600_000;
export const dayMs = 86_400_000;
export const dayOf = (ms: number): number => Math.floor(ms / dayMs) * dayMs;
/** A window is rolled up this long after its end, when its last poll has surely arrived. */
export const rollupGraceMs = 120_000;

/** The longest interval that a point of the tier describes; PVE's "decade" has steps of a week. */
export const maxStepMs: Readonly<Record<Tier, number>> = { raw: 300_000, "5m": 3_600_000, "1h": 7 * 86_400_000 };

/** How a row came into a roll-up table. The numbers are on disk. */
export const imported = 0;
export const rolledFromSamples = 1;
/** Some of the points below were averages already (PVE's RRD), so minimum and maximum are not the true ones. */
export const rolledFromAverages = 2;

export function tierOfStep(stepS: number): Tier {
  if (stepS < 300) return "raw";
  return stepS < 3600 ? "5m" : "1h";
}

/** The tier that answers a question with buckets of this width; finer ones only fill in what is not rolled up yet. */
export const tierOfQuery = (stepMs: number): Tier => tierOfStep(stepMs / 1000);

/** In samples of ten seconds, the period of PVE's own statistics: what averages are weighted with and sums count. */
export const weightOf = (stepS: number): number => Math.max(stepS, 1) / 10;

export interface Interval {
  readonly ts: number;
  readonly stepS: number;
  readonly origin: number;
  readonly derived: number;
}

/** The moment that decides which bucket a point falls into: the middle of its interval, or a sample's own time. */
export function anchorOf({ ts, stepS, origin, derived }: Interval): number {
  if (derived !== imported) return ts + stepS * 500;
  return isRrd(origin) ? ts - stepS * 500 : ts;
}

/** First millisecond of what the point describes. RRD gives the end of the interval, a roll-up its begin. */
export function beginOf({ ts, stepS, origin, derived }: Interval): number {
  return derived === imported && isRrd(origin) ? ts - stepS * 1000 : ts;
}

/** First millisecond after it. A sample of the raw tier is an instant and has no width that anything could lie in. */
export function endOf(point: Interval): number {
  const { stepS, origin, derived } = point;
  if (derived === imported && !isRrd(origin) && stepS < 300) return point.ts + 1;
  return beginOf(point) + stepS * 1000;
}

/** True for points that describe a stretch and so give way to finer points inside it. */
export const isSpan = ({ stepS, origin, derived }: Interval): boolean =>
  derived !== imported || isRrd(origin) || stepS >= 300;

/** Smaller is finer. At the same step our own points go before PVE's averages. */
export const rankOf = ({ stepS, origin, derived }: Interval): number =>
  stepS * 2 + (derived === imported && isRrd(origin) ? 1 : 0);
