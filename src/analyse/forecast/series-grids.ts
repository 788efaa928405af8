// Stored series on the regular grid that a forecast starts from.

import { inGroups } from "../../lib/in-groups.ts";
import { type Outlook, outlooks } from "../../model/forecasts.ts";
import type { EntityId } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";
import type { MetricsStore, SeriesFrame } from "../../model/store.ts";

export interface Grid {
  readonly fromMs: number;
  /** The step that is under way is not whole, and would look like a fall: it is the first that is forecast. */
  readonly toMs: number;
  readonly stepMs: number;
}

export function gridFor(outlook: Outlook, nowMs: number): Grid {
  const { stepMs, historyMs } = outlooks[outlook];
  const toMs = Math.floor(nowMs / stepMs) * stepMs;
  return { fromMs: toMs - historyMs, toMs, stepMs };
}

/** What the store takes in one question. */
const mostIds = 200;

/** Oldest value first, NaN where nothing was measured. A series without any point is all NaN. */
export async function readGrids(
  store: Pick<MetricsStore, "range">,
  { ids, metric, grid }: { readonly ids: readonly EntityId[]; readonly metric: MetricId; readonly grid: Grid },
): Promise<ReadonlyMap<EntityId, Float64Array>> {
  const found = new Map<EntityId, Float64Array>();
  for (const part of inGroups(ids, mostIds)) {
    const { frames } = await store.range({ ids: part, metric, aggregation: "avg", ...grid });
    const byId = new Map(frames.map((frame) => [frame.id, frame]));
    for (const id of part) found.set(id, onGrid(byId.get(id), grid));
  }
  return found;
}

/** Points coarser than the step say nothing of the single hours: they are missing, and counted as such. */
function onGrid(frame: SeriesFrame | undefined, { fromMs, toMs, stepMs }: Grid): Float64Array {
  const values = new Float64Array((toMs - fromMs) / stepMs).fill(Number.NaN);
  if (frame === undefined) return values;
  const { timeMs, values: measured, resolutionS } = frame;
  for (let place = 0; place < timeMs.length; place++) {
    const value = measured[place] ?? null;
    if (value === null || 1000 * (resolutionS[place] ?? 0) > stepMs) continue;
    values[Math.floor(((timeMs[place] ?? 0) - fromMs) / stepMs)] = value;
  }
  return values;
}
