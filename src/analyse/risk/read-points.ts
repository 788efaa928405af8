// Stored series as points, many at a time.
import type { EntityId } from "../../model/ids.ts";
import type { Aggregation, MetricId } from "../../model/metrics.ts";
import type { SeriesFrame } from "../../model/store.ts";
import type { SeriesStore } from "../context.ts";
import { noPoints, type Points } from "./numbers/points.ts";

/** What a store takes in one question (model/store.ts). */
const mostIds = 200;

export interface PointsQuery {
  readonly ids: readonly EntityId[];
  readonly metric: MetricId;
  readonly aggregation: Aggregation;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** Series without a point are left out. */
export async function readPoints(
  store: Pick<SeriesStore, "range">,
  query: PointsQuery,
): Promise<ReadonlyMap<EntityId, Points>> {
  const found = new Map<EntityId, Points>();
  for (const frame of await readFrames(store, query)) {
    const points = pointsOf(frame);
    if (points.atMs.length > 0) found.set(frame.id, points);
  }
  return found;
}

export async function readFrames(
  store: Pick<SeriesStore, "range">,
  query: PointsQuery,
): Promise<readonly SeriesFrame[]> {
  const frames: SeriesFrame[] = [];
  for (let first = 0; first < query.ids.length; first += mostIds) {
    const ids = query.ids.slice(first, first + mostIds);
    frames.push(...(await store.range({ ...query, ids })).frames);
  }
  return frames;
}

function pointsOf({ timeMs, values }: SeriesFrame): Points {
  const kept = timeMs.flatMap((atMs, place) => {
    const value = values[place] ?? null;
    return value === null || !Number.isFinite(value) ? [] : [{ atMs, value }];
  });
  if (kept.length === 0) return noPoints;
  return { atMs: kept.map(({ atMs }) => atMs), values: kept.map(({ value }) => value) };
}
