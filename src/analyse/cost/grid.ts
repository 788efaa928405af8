// Stored series on the slots that costs are computed in. A slot that nothing is known of is NaN, never 0.
import { inGroups } from "../../lib/in-groups.ts";
import type { EntityId } from "../../model/ids.ts";
import type { SeriesFrame } from "../../model/store.ts";
import type { SeriesStore } from "../context.ts";

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

export type Grids = ReadonlyMap<EntityId, Float64Array>;

/** The most that the store takes in one question. */
const idsPerQuery = 200;

export const slotCount = ({ fromMs, toMs, stepMs }: Window): number => Math.round((toMs - fromMs) / stepMs);

/** Averages over each slot; series without any value are missing. */
export async function readGrids(
  store: Pick<SeriesStore, "range">,
  ids: readonly EntityId[],
  metric: string,
  window: Window,
): Promise<Grids> {
  const grids = new Map<EntityId, Float64Array>();
  for (const some of inGroups(ids, idsPerQuery)) {
    const { frames } = await store.range({ ids: some, metric, aggregation: "avg", ...window });
    for (const frame of frames) if (frame.timeMs.length > 0) grids.set(frame.id, onSlots(frame, window));
  }
  return grids;
}

/** A point wider than a slot stands for every slot that begins in it; finer points win where both are. */
export function onSlots(frame: SeriesFrame, window: Window): Float64Array {
  const grid = new Float64Array(slotCount(window)).fill(Number.NaN);
  const places = [...frame.timeMs.keys()].sort((a, b) => (frame.resolutionS[b] ?? 0) - (frame.resolutionS[a] ?? 0));
  for (const place of places) {
    const value = frame.values[place] ?? null;
    if (value === null) continue;
    const [fromMs, toMs] = stretchOf(frame, place, window.stepMs);
    const first = Math.max(0, Math.ceil((fromMs - window.fromMs) / window.stepMs));
    const end = Math.min(grid.length, Math.ceil((toMs - window.fromMs) / window.stepMs));
    for (let slot = first; slot < end; slot++) grid[slot] = value;
  }
  return grid;
}

/** A point of PVE's history is told by its end, every other by its begin. */
function stretchOf(frame: SeriesFrame, place: number, stepMs: number): readonly [fromMs: number, toMs: number] {
  const timeMs = frame.timeMs[place] ?? 0;
  const widthMs = 1000 * (frame.resolutionS[place] ?? 0);
  if (widthMs <= stepMs) {
    const begin = Math.floor(timeMs / stepMs) * stepMs;
    return [begin, begin + stepMs];
  }
  const isImported = frame.origins[place] === "rrd-avg" || frame.origins[place] === "rrd-max";
  return isImported ? [timeMs - widthMs, timeMs] : [timeMs, timeMs + widthMs];
}

/** The value at a slot, else the newest before it, else the first after it; null when there is none at all. */
export function nearest(grid: Float64Array | undefined, slot: number): number | null {
  if (grid === undefined) return null;
  for (let at = slot; at >= 0; at--) if (!Number.isNaN(grid[at])) return grid[at] ?? null;
  for (let at = slot + 1; at < grid.length; at++) if (!Number.isNaN(grid[at])) return grid[at] ?? null;
  return null;
}

export function valueAt(grid: Float64Array | undefined, slot: number): number | null {
  const value = grid?.[slot];
  return value === undefined || Number.isNaN(value) ? null : value;
}
