// The documents of a run: how far the watch is, and which series it has.
import type { AnomalySeriesDocument, AnomalyWatchDocument } from "../../model/anomalies.ts";
import type { ClusterId, EntityId } from "../../model/ids.ts";
import { type Subjects, wantedOf } from "./subjects.ts";
import { watchedMetrics } from "./watched-metrics.ts";
import { coarseStepMs, type WatchedSeries } from "./watched-series.ts";

export function stateOf(
  cluster: ClusterId,
  { series, subjects, watchedToMs }: { series: WatchedSeries; subjects: Subjects; watchedToMs: number },
): AnomalyWatchDocument {
  const state = { watchedToMs, watched: 0, ofHalfHours: 0, waiting: 0, tooShort: 0 };
  let longestDays: number | null = null;
  for (const [metric, ids] of wantedOf(subjects)) {
    for (const id of ids) {
      if (subjects.get(id)?.cluster !== cluster) continue;
      const watch = series.of(metric).get(id);
      const later = series.later(metric).get(id);
      if (watch !== undefined) state.watched++;
      if (watch?.stepMs === coarseStepMs) state.ofHalfHours++;
      if (watch !== undefined) continue;
      if (later === undefined) state.waiting++;
      else {
        state.tooShort++;
        longestDays = Math.max(longestDays ?? 0, later.days);
      }
    }
  }
  return { ...state, longestDays };
}

export function listOf(cluster: ClusterId, series: WatchedSeries): AnomalySeriesDocument {
  const list: Record<string, readonly EntityId[]> = {};
  for (const metric of watchedMetrics) {
    const ids = [...series.of(metric).keys()].filter((id) => id.startsWith(`${cluster}/`)).sort();
    if (ids.length > 0) list[metric.metric] = [...(list[metric.metric] ?? []), ...ids];
  }
  return { series: list };
}

export const seriesIn = ({ series }: AnomalySeriesDocument): ReadonlySet<string> =>
  new Set(Object.entries(series).flatMap(([metric, ids]) => ids.map((id) => seriesKey(id, metric))));

export const seriesKey = (id: EntityId, metric: string): string => `${id} ${metric}`;
