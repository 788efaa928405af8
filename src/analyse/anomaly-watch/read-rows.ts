// Reads stored series on a regular grid, many at a time. Points coarser than the grid are left out: an average over hours
// is calmer than one over minutes, and a detector that was fed both would take the first minute for an earthquake.
import type { EntityId } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";
import type { SeriesStore } from "../context.ts";

/** What one question to the store may name. */
export const idsPerQuestion = 200;

export interface RowsQuestion {
  readonly ids: readonly EntityId[];
  readonly metric: MetricId;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

export interface StoredRows {
  readonly id: EntityId;
  /** Begins of the rows (epoch milliseconds), rising. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** Series without rows are left out. */
export async function readRows(
  store: Pick<SeriesStore, "range">,
  question: RowsQuestion,
): Promise<readonly StoredRows[]> {
  const { frames } = await store.range({ ...question, aggregation: "avg" });
  return frames.flatMap(({ id, timeMs, values, resolutionS }) => {
    const times = new Float64Array(timeMs.length);
    const kept = new Float64Array(timeMs.length);
    let rows = 0;
    for (let place = 0; place < timeMs.length; place++) {
      const value = values[place] ?? null;
      if (value === null || 1000 * (resolutionS[place] ?? 0) > question.stepMs) continue;
      times[rows] = timeMs[place] ?? 0;
      kept[rows++] = value;
    }
    return rows === 0 ? [] : [{ id, times: times.subarray(0, rows), values: kept.subarray(0, rows) }];
  });
}
