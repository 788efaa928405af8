// Growth: a straight line through the points of each series by least squares, every point weighted with the time it
// stands for. Slope = Σw(t−t̄)(v−v̄) / Σw(t−t̄)²; time is counted in days from the begin of the question. Pure.
import type { Tier, TrendQuery, TrendRow } from "../model/store.ts";
import { dayMs } from "./tiers.ts";

/** The sums of one series. Values are counted from `origin`, a value of the series, so that large ones lose nothing. */
export interface TrendSums {
  readonly points: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly origin: number;
  readonly weight: number;
  readonly t: number;
  readonly v: number;
  readonly tt: number;
  readonly tv: number;
}

/** The tier that suits the range, and the finer ones for when it has nothing yet. */
export function tiersOfTrend({ fromMs, toMs }: Pick<TrendQuery, "fromMs" | "toMs">): readonly [Tier, ...Tier[]] {
  if (toMs - fromMs <= 1_800_000) return ["raw"];
  return toMs - fromMs <= 2 * dayMs ? ["5m", "raw"] : ["1h", "5m", "raw"];
}

/** Undefined when there are fewer than two moments: one point has no slope. */
export function trendRow(id: string, sums: TrendSums): TrendRow | undefined {
  const { weight, t, v, tt, tv, points, firstMs, lastMs, origin } = sums;
  const spread = tt - (t * t) / weight;
  if (points < 2 || firstMs === lastMs || !(spread > 0)) return undefined;
  const slopePerDay = (tv - (t * v) / weight) / spread;
  return {
    id,
    slopePerDay,
    growth: (slopePerDay * (lastMs - firstMs)) / dayMs,
    mean: origin + v / weight,
    points,
    firstMs,
    lastMs,
  };
}

export interface TrendPoint {
  readonly timeMs: number;
  readonly value: number;
  readonly weight: number;
}

export function trendSums(points: readonly TrendPoint[], fromMs: number): TrendSums | undefined {
  const [first] = points;
  if (first === undefined) return undefined;
  const sums = { points: 0, firstMs: first.timeMs, lastMs: first.timeMs, origin: first.value };
  let [weight, t, v, tt, tv] = [0, 0, 0, 0, 0];
  for (const point of points) {
    const days = (point.timeMs - fromMs) / dayMs;
    const value = point.value - first.value;
    sums.points++;
    sums.firstMs = Math.min(sums.firstMs, point.timeMs);
    sums.lastMs = Math.max(sums.lastMs, point.timeMs);
    weight += point.weight;
    t += point.weight * days;
    v += point.weight * value;
    tt += point.weight * days * days;
    tv += point.weight * days * value;
  }
  return { ...sums, weight, t, v, tt, tv };
}

/** Most growth first; `top` of them. */
export function rankedTrends(rows: readonly TrendRow[], top = rows.length): TrendRow[] {
  return [...rows].sort((a, b) => b.growth - a.growth || (a.id < b.id ? -1 : 1)).slice(0, top);
}
