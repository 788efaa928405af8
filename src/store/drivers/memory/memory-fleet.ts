// Percentiles, trends and totals from plain arrays: the reference that the SQL is held against.
import type { EntityId } from "../../../model/ids.ts";
import type {
  QuantilesQuery,
  QuantilesResult,
  Tier,
  TotalsQuery,
  TotalsResult,
  TrendQuery,
  TrendResult,
} from "../../../model/store.ts";
import { averagesBesideSketches, quantileRow, trendOfPoints } from "../../fleet-points.ts";
import { checkQuantiles, checkTotals } from "../../fleet-question.ts";
import { binError } from "../../histogram.ts";
import { addPoint, emptyPoints, type Points } from "../../points.ts";
import { type AveragedPoint, planQuantiles, quantilesFromSketches } from "../../quantiles.ts";
import { dayOf, imported, rolledFromAverages, rolledFromSamples, rrdMax } from "../../tiers.ts";
import { rankedTrends, tiersOfTrend, trendRow } from "../../trend.ts";
import { type MemoryRows, type MemorySketch, pointOf, type StoredRow } from "./memory-rows.ts";

const pointsOf = (rows: readonly StoredRow[], id: EntityId, metric: string): Points => {
  const points = emptyPoints();
  for (const row of rows) {
    const point = row.id === id ? pointOf(row, metric, "avg") : undefined;
    if (point !== undefined) addPoint(points, point);
  }
  return points;
};

export function memoryQuantiles(rows: MemoryRows, query: QuantilesQuery): QuantilesResult {
  const { histogramBins: bins } = checkQuantiles(query).metric;
  const plan = planQuantiles(query, bins, Number.NEGATIVE_INFINITY);
  if (plan.source === "raw" || bins === null) {
    const all = [...rows.rows("raw"), ...rows.rows("5m"), ...rows.rows("1h")];
    const found = query.ids.flatMap((id) => quantileRow(id, pointsOf(all, id, query.metric), query) ?? []);
    const exact = found.every(({ averaged }) => averaged === 0);
    return { source: "raw", exact, fromMs: query.fromMs, toMs: query.toMs, error: null, rows: found };
  }
  const { fromMs } = plan;
  const sketches = rows.sketches(query.metric, fromMs, query.toMs);
  const ids = new Map(query.ids.map((id) => [rows.number(id), id]));
  const found = quantilesFromSketches(
    { bins, ps: query.ps, ids },
    sketches.map(({ sketch }) => sketch),
    [...ids].flatMap(([series, id]) => averagesOf(rows, { series, id, sketches, query: { ...query, fromMs } })),
  );
  const toMs = sketches.length === 0 ? query.toMs : Math.max(...sketches.map(({ endMs }) => endMs));
  return { source: "sketches", exact: false, fromMs, toMs, error: binError(bins), rows: found };
}

interface Asked {
  readonly series: number;
  readonly id: EntityId;
  readonly sketches: readonly MemorySketch[];
  readonly query: QuantilesQuery;
}

function averagesOf(rows: MemoryRows, { series, id, sketches, query }: Asked): AveragedPoint[] {
  const days = new Set<number>();
  for (const { beginMs, sketch } of sketches) {
    for (let at = 0; at < sketch.length; at++) if (sketch.series(at) === series) days.add(dayOf(beginMs));
  }
  const averages = rows.rows("1h").filter(({ derived }) => derived !== rolledFromSamples);
  const found = averagesBesideSketches(pointsOf(averages, id, query.metric), query, (day) => days.has(day));
  return found.map((point) => ({ series, ...point }));
}

export function memoryTrend(rows: MemoryRows, query: TrendQuery): TrendResult {
  const [first, ...finer] = tiersOfTrend(query);
  let [tier, found] = [first, trendsOf(rows, first, query)];
  for (const next of finer) {
    if (found.rows.length > 0) break;
    [tier, found] = [next, trendsOf(rows, next, query)];
  }
  return { tier, exact: found.exact, rows: rankedTrends(found.rows, query.top) };
}

function trendsOf(rows: MemoryRows, tier: Tier, query: TrendQuery) {
  const found = query.ids.flatMap((id) => {
    const trend = trendOfPoints(pointsOf(rows.rows(tier), id, query.metric), query);
    const row = trend === undefined ? undefined : trendRow(id, trend.sums);
    return trend === undefined || row === undefined ? [] : [{ row, exact: trend.exact }];
  });
  return { rows: found.map(({ row }) => row), exact: found.every(({ exact }) => exact) };
}

export function memoryTotals(rows: MemoryRows, query: TotalsQuery): TotalsResult {
  const { tier, weight } = checkTotals(query);
  const ids = new Set(query.ids);
  const windows = new Map<number, { sum: number; weight: number }>();
  let [averaged, leftOut] = [0, 0];
  for (const row of rows.rows(tier)) {
    const value = row.cells[query.metric]?.avg ?? null;
    const factor = weight === null ? 1 : (row.cells[weight.id]?.avg ?? null);
    if (!ids.has(row.id) || row.origin === rrdMax || value === null || factor === null) continue;
    if (row.ts < query.fromMs || row.ts >= query.toMs) continue;
    if (row.derived === rolledFromAverages) averaged++;
    if (row.derived === imported) leftOut++;
    else add(windows, row.ts, value * factor, factor);
  }
  return { tier, ...bucketed(windows, query.stepMs), exact: averaged + leftOut === 0, leftOut };
}

function add(windows: Map<number, { sum: number; weight: number }>, ts: number, sum: number, weight: number): void {
  const window = windows.get(ts) ?? { sum: 0, weight: 0 };
  windows.set(ts, { sum: window.sum + sum, weight: window.weight + weight });
}

function bucketed(windows: ReadonlyMap<number, { readonly sum: number; readonly weight: number }>, stepMs: number) {
  const buckets = new Map<number, { readonly sum: number; readonly weight: number }[]>();
  for (const [ts, window] of windows) {
    const begin = Math.floor(ts / stepMs) * stepMs;
    buckets.set(begin, [...(buckets.get(begin) ?? []), window]);
  }
  const timeMs = [...buckets.keys()].sort((a, b) => a - b);
  const meanOf = (time: number, key: "sum" | "weight"): number => {
    const all = buckets.get(time) ?? [];
    return all.reduce((sum, window) => sum + window[key], 0) / all.length;
  };
  return {
    timeMs,
    sums: timeMs.map((time) => meanOf(time, "sum")),
    weights: timeMs.map((time) => meanOf(time, "weight")),
  };
}
