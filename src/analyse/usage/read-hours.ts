// Stored series as columns with one entry per hour (or another step), NaN where nothing is known.
import { inGroups } from "../../lib/in-groups.ts";
import type { EntityId } from "../../model/ids.ts";
import type { Aggregation, MetricId } from "../../model/metrics.ts";
import type { SeriesFrame } from "../../model/store.ts";
import type { SeriesStore } from "../context.ts";

export const hourMs = 3_600_000;
/** What a range query takes at once. */
const idsAtOnce = 200;

export interface StepRange {
  /** A whole multiple of the step since the epoch. */
  readonly fromMs: number;
  readonly count: number;
  readonly stepMs: number;
}

export type HourSeries = ReadonlyMap<EntityId, Float64Array>;

/** The last whole hours before now. */
export function hoursBefore(nowMs: number, days: number): StepRange {
  const toMs = Math.floor(nowMs / hourMs) * hourMs;
  return { fromMs: toMs - days * 24 * hourMs, count: days * 24, stepMs: hourMs };
}

export const endOfRange = ({ fromMs, count, stepMs }: StepRange): number => fromMs + count * stepMs;

interface Question {
  readonly metric: MetricId;
  readonly aggregation: Aggregation;
  /**
   * Whether a point that stands for longer than a step counts for all steps that it covers. Only where presence is asked:
   * the mean of six hours is not the value of any of them.
   */
  readonly spread?: boolean;
}

/** Series without any point are missing. */
export async function readHours(
  store: Pick<SeriesStore, "range">,
  ids: readonly EntityId[],
  { metric, aggregation, spread = false }: Question,
  range: StepRange,
): Promise<HourSeries> {
  const found = new Map<EntityId, Float64Array>();
  for (const some of inGroups(ids, idsAtOnce)) {
    const { frames } = await store.range({
      ids: some,
      metric,
      aggregation,
      fromMs: range.fromMs,
      toMs: endOfRange(range),
      stepMs: range.stepMs,
    });
    for (const frame of frames) {
      const column = columnOf(frame, range, spread);
      if (column !== undefined) found.set(frame.id, column);
    }
  }
  return found;
}

function columnOf(frame: SeriesFrame, { fromMs, count, stepMs }: StepRange, spread: boolean): Float64Array | undefined {
  const column = new Float64Array(count).fill(Number.NaN);
  let isEmpty = true;
  for (let point = 0; point < frame.timeMs.length; point++) {
    const [time, value] = [frame.timeMs[point] ?? Number.NaN, frame.values[point] ?? null];
    const widthMs = Math.max(stepMs, (frame.resolutionS[point] ?? 0) * 1000);
    if (value === null || (widthMs > stepMs && !spread)) continue;
    // Points of Proxmox VE's history carry the end of what they stand for.
    const begin = frame.origins[point]?.startsWith("rrd") === true && widthMs > stepMs ? time - widthMs : time;
    const first = Math.floor((begin - fromMs) / stepMs);
    for (let step = Math.max(0, first); step < Math.min(count, first + Math.round(widthMs / stepMs)); step++) {
      column[step] = value;
      isEmpty = false;
    }
  }
  return isEmpty ? undefined : column;
}
