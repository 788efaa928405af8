// Answers about many series from their points, where averages of PVE lie among our own: finer points win, as in a graph.
// Pure; every driver uses it.
import type { QuantileRow, QuantilesQuery, TrendQuery } from "../model/store.ts";
import { finestPoints } from "./merge.ts";
import { type Point, type Points, pointAt } from "./points.ts";
import { samplesOf, weightedQuantilesOf } from "./quantiles.ts";
import { anchorOf, beginOf, dayMs, dayOf, endOf, imported, isRrd, rolledFromAverages, rrdAvg } from "./tiers.ts";
import { type TrendSums, trendSums } from "./trend.ts";

/** The finest points that fall into a range, by time. */
function pointsWithin(points: Points, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Point[] {
  return finestPoints(points)
    .map((index) => pointAt(points, index))
    .filter((point) => anchorOf(point) >= fromMs && anchorOf(point) < toMs);
}

export const isAveraged = ({ origin, derived }: Pick<Point, "origin" | "derived">): boolean =>
  isRrd(origin) || derived !== imported;

/** Undefined when the series has nothing in the range. */
export function quantileRow(id: string, points: Points, query: QuantilesQuery): QuantileRow | undefined {
  const found = pointsWithin(points, query);
  if (found.length === 0) return undefined;
  const items = found.map(({ value, stepS }) => ({ value, weight: samplesOf(stepS) }));
  const total = items.reduce((sum, { weight }) => sum + weight, 0);
  const averaged = found.reduce((sum, point) => sum + (isAveraged(point) ? samplesOf(point.stepS) : 0), 0);
  return { id, values: weightedQuantilesOf(items, query.ps), samples: total, averaged };
}

/** Averages that stand for days of which there are no samples. */
export function averagesBesideSketches(
  points: Points,
  range: { readonly fromMs: number; readonly toMs: number },
  isSketched: (dayMs: number) => boolean,
): { readonly value: number; readonly weight: number }[] {
  return pointsWithin(points, range)
    .filter((point) => !touchesSketch(point, isSketched))
    .map(({ value, weight }) => ({ value, weight: Math.round(weight) }));
}

function touchesSketch(point: Point, isSketched: (dayMs: number) => boolean): boolean {
  for (let day = dayOf(beginOf(point)); day < endOf(point); day += dayMs) if (isSketched(day)) return true;
  return false;
}

export interface FoundTrend {
  readonly sums: TrendSums;
  readonly exact: boolean;
}

export function trendOfPoints(points: Points, query: TrendQuery): FoundTrend | undefined {
  const found = pointsWithin(points, query);
  const sums = trendSums(
    found.map((point) => ({ timeMs: anchorOf(point), value: point.value, weight: point.weight })),
    query.fromMs,
  );
  if (sums === undefined) return undefined;
  return { sums, exact: found.every(({ origin, derived }) => origin !== rrdAvg && derived !== rolledFromAverages) };
}
