// From the points of all tiers to one series: finer points win, what remains goes into buckets, and points coarser than
// a bucket stay what they are. Pure; every driver uses it.
import type { RangeQuery, Tier } from "../model/store.ts";
import { type Point, type Points, pointAt } from "./points.ts";
import { anchorOf, beginOf, endOf, isSpan, rankOf, rolledFromAverages, rrdAvg, rrdMax, tierOfStep } from "./tiers.ts";

export type MergeQuery = Pick<RangeQuery, "aggregation" | "fromMs" | "toMs" | "stepMs">;

export interface MergedSeries {
  readonly timeMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly resolutionS: ArrayLike<number>;
  readonly origins: ArrayLike<number>;
  readonly tiers: ReadonlySet<Tier>;
  readonly exact: boolean;
}

interface Entry {
  readonly timeMs: number;
  readonly value: number;
  readonly resolutionS: number;
  readonly origin: number;
}

export function mergeSeries(points: Points, query: MergeQuery): MergedSeries {
  const tiers = new Set<Tier>();
  let exact = true;
  const buckets = new Buckets(query);
  const entries: Entry[] = [];
  for (const index of finestPoints(points)) {
    const point = pointAt(points, index);
    const inBucket = query.stepMs > 0 && point.stepS * 1000 <= query.stepMs;
    const time = inBucket ? anchorOf(point) : point.ts;
    if (time < query.fromMs || time >= query.toMs) continue;
    tiers.add(tierOfStep(point.stepS));
    exact &&= point.origin !== rrdAvg && point.derived !== rolledFromAverages;
    if (inBucket) buckets.add(point, time);
    else entries.push(ownEntry(point, query));
  }
  entries.push(...buckets.entries());
  return { ...columnsOf(entries), tiers, exact };
}

const ownEntry = (point: Point, query: MergeQuery): Entry => ({
  timeMs: point.ts,
  value: query.aggregation === "sum" ? point.value * point.weight : point.value,
  resolutionS: point.stepS,
  origin: point.origin,
});

/** The points to show, by anchor: the uncovered ones, and one only at any moment. */
export const finestPoints = (points: Points): number[] => withoutTwins(points, uncoveredPoints(points));

/**
 * The points that have nothing finer inside the stretch they describe, by anchor. A coarse point goes as a whole: half
 * of an average is not known.
 */
export function uncoveredPoints(points: Points): number[] {
  const groups = groupsByRank(points);
  const finer: Float64Array[] = [];
  const kept: number[] = [];
  for (const { members, anchors, covers } of groups) {
    for (const index of members) {
      const point = pointAt(points, index);
      if (!isSpan(point) || !finer.some((sorted) => hasBetween(sorted, beginOf(point), endOf(point)))) kept.push(index);
    }
    if (covers) finer.push(anchors);
  }
  return groups.length > 1 ? sortByAnchor(points, kept) : kept;
}

interface RankGroup {
  readonly members: readonly number[];
  readonly anchors: Float64Array;
  readonly covers: boolean;
}

function groupsByRank(points: Points): RankGroup[] {
  const byRank = new Map<number, number[]>();
  for (let index = 0; index < points.ts.length; index++) {
    const rank = rankOf(pointAt(points, index));
    const group = byRank.get(rank);
    if (group === undefined) byRank.set(rank, [index]);
    else group.push(index);
  }
  return [...byRank]
    .sort(([a], [b]) => a - b)
    .map(([, indexes]) => {
      const members = sortByAnchor(points, indexes);
      // A maximum alone hides nothing: it says how high, not how much.
      const covering = members.filter((index) => points.origin[index] !== rrdMax);
      const anchors = Float64Array.from(covering, (index) => anchorOf(pointAt(points, index)));
      return { members, anchors, covers: covering.length > 0 };
    });
}

function sortByAnchor(points: Points, indexes: readonly number[]): number[] {
  if (areInOrder(points, indexes)) return [...indexes];
  const keyed = indexes.map((index) => {
    const point = pointAt(points, index);
    return { index, anchor: anchorOf(point), rank: rankOf(point), isMax: point.origin === rrdMax ? 0 : 1 };
  });
  keyed.sort((a, b) => a.anchor - b.anchor || a.rank - b.rank || a.isMax - b.isMax || a.index - b.index);
  return keyed.map(({ index }) => index);
}

/** Mostly they are: then nothing has to be sorted. */
function areInOrder(points: Points, indexes: readonly number[]): boolean {
  let before = Number.NEGATIVE_INFINITY;
  for (const index of indexes) {
    const anchor = anchorOf(pointAt(points, index));
    if (!(anchor > before)) return false;
    before = anchor;
  }
  return true;
}

/** Of points at one moment the finest stays; PVE's maximum goes before its average of the same interval. */
function withoutTwins(points: Points, sorted: readonly number[]): number[] {
  let last = Number.NaN;
  return sorted.filter((index) => {
    const anchor = anchorOf(pointAt(points, index));
    const isTwin = anchor === last;
    last = anchor;
    return !isTwin;
  });
}

function hasBetween(sorted: Float64Array, from: number, to: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  const first = sorted[low];
  return first !== undefined && first < to;
}

/** Buckets of one width that are filled in order of time. */
class Buckets {
  readonly #query: MergeQuery;
  readonly #entries: Entry[] = [];
  #open: Bucket | undefined;

  constructor(query: MergeQuery) {
    this.#query = query;
  }

  add(point: Point, anchor: number): void {
    const { stepMs } = this.#query;
    const beginMs = Math.floor(anchor / stepMs) * stepMs;
    if (this.#open?.beginMs !== beginMs) {
      this.#close();
      this.#open = newBucket(beginMs);
    }
    const bucket = this.#open;
    bucket.weight += point.weight;
    bucket.weighted += point.value * point.weight;
    if (point.weight > 0 || this.#query.aggregation === "max") {
      bucket.min = Math.min(bucket.min, point.value);
      bucket.max = Math.max(bucket.max, point.value);
    }
    bucket.last = point.value;
    bucket.origin = point.origin;
  }

  entries(): readonly Entry[] {
    this.#close();
    return this.#entries;
  }

  #close(): void {
    const bucket = this.#open;
    if (bucket === undefined) return;
    this.#entries.push({
      timeMs: bucket.beginMs,
      value: bucketValue(bucket, this.#query.aggregation),
      resolutionS: this.#query.stepMs / 1000,
      origin: bucket.origin,
    });
    this.#open = undefined;
  }
}

interface Bucket {
  readonly beginMs: number;
  weight: number;
  weighted: number;
  min: number;
  max: number;
  last: number;
  origin: number;
}

const newBucket = (beginMs: number): Bucket => ({
  beginMs,
  weight: 0,
  weighted: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  last: Number.NaN,
  origin: 0,
});

function bucketValue(bucket: Bucket, aggregation: RangeQuery["aggregation"]): number {
  switch (aggregation) {
    case "avg":
      // Rounding can push the mean of equal values past them by one unit in the last place.
      return Math.min(bucket.max, Math.max(bucket.min, bucket.weighted / bucket.weight));
    case "min":
      return bucket.min;
    case "max":
      return bucket.max;
    case "last":
      return bucket.last;
    case "sum":
      return bucket.weighted;
  }
}

/** Entries by time, which strictly grows: an interval that ended where another point begins moves back a millisecond. */
function columnsOf(entries: Entry[]): Pick<MergedSeries, "timeMs" | "values" | "resolutionS" | "origins"> {
  const sorted = entries.sort((a, b) => a.timeMs - b.timeMs || b.resolutionS - a.resolutionS);
  const columns = {
    timeMs: [] as number[],
    values: [] as number[],
    resolutionS: [] as number[],
    origins: [] as number[],
  };
  for (const entry of sorted) {
    makeRoom(columns, entry.timeMs);
    columns.timeMs.push(entry.timeMs);
    columns.values.push(entry.value);
    columns.resolutionS.push(entry.resolutionS);
    columns.origins.push(entry.origin);
  }
  return columns;
}

function makeRoom(
  columns: { timeMs: number[]; values: number[]; resolutionS: number[]; origins: number[] },
  timeMs: number,
): void {
  const last = columns.timeMs.length - 1;
  if (columns.timeMs[last] !== timeMs) return;
  if (columns.timeMs[last - 1] !== timeMs - 1) {
    columns.timeMs[last] = timeMs - 1;
    return;
  }
  for (const column of Object.values(columns)) column.pop();
}
