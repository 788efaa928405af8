// Feeds what has come since the last run to the watches.
import { inGroups } from "../../lib/in-groups.ts";
import type { EntityId } from "../../model/ids.ts";
import type { Episode, SeriesWatch } from "../anomaly/index.ts";
import type { SeriesStore } from "../context.ts";
import { idsPerQuestion, readRows } from "./read-rows.ts";
import { type WatchedMetric, watchedMetrics } from "./watched-metrics.ts";
import { coarseStepMs, fineStepMs, type WatchedSeries } from "./watched-series.ts";

/** What a node that was not heard for a while is caught up on comes late by as much. */
const lateMs = 1_800_000;

export interface FollowRequest {
  readonly store: Pick<SeriesStore, "range">;
  readonly toMs: number;
  readonly series: WatchedSeries;
  readonly onBegan: (metric: WatchedMetric, id: EntityId, watch: SeriesWatch, episode: Episode) => void;
}

/** Returns how many rows were judged. */
export async function follow(request: FollowRequest): Promise<number> {
  let rows = 0;
  for (const stepMs of [fineStepMs, coarseStepMs]) {
    const toMs = Math.floor(request.toMs / stepMs) * stepMs;
    const fedToMs = request.series.fedToMs.get(stepMs) ?? toMs;
    if (fedToMs < toMs) rows += await feed(request, { stepMs, fromMs: fedToMs - lateMs, toMs });
    request.series.fedToMs.set(stepMs, toMs);
  }
  return rows;
}

async function feed(
  { store, series, onBegan }: FollowRequest,
  grid: { readonly stepMs: number; readonly fromMs: number; readonly toMs: number },
): Promise<number> {
  let judged = 0;
  for (const metric of watchedMetrics) {
    const watches = series.of(metric);
    const ids = [...watches].flatMap(([id, { stepMs }]) => (stepMs === grid.stepMs ? [id] : []));
    for (const group of inGroups(ids, idsPerQuestion)) {
      for (const { id, times, values } of await readRows(store, { ids: group, metric: metric.metric, ...grid })) {
        const watch = watches.get(id);
        for (let row = 0; watch !== undefined && row < times.length; row++) {
          const atMs = times[row] ?? 0;
          if (atMs > watch.lastMs) judged++;
          for (const episode of watch.next(atMs, values[row] ?? Number.NaN)) onBegan(metric, id, watch, episode);
        }
      }
    }
  }
  return judged;
}
