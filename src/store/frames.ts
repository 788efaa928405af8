// Merged series as the answer of the port, and as columns that travel between threads.
import type { Transferable } from "node:worker_threads";
import { type Origin, origins } from "../model/batch.ts";
import type { EntityId } from "../model/ids.ts";
import { tiers as allTiers, type RangeResult, type SeriesFrame, type StoreReader, type Tier } from "../model/store.ts";
import type { MergedSeries } from "./merge.ts";
import { tierOfQuery } from "./tiers.ts";

/** A result with typed columns, which can be moved to another thread without being copied. */
export interface PackedResult {
  readonly stepMs: number;
  readonly tiers: readonly Tier[];
  readonly exact: boolean;
  readonly reader: StoreReader;
  readonly frames: readonly PackedFrame[];
}

interface PackedFrame {
  readonly id: EntityId;
  readonly timeMs: Float64Array;
  readonly values: Float64Array;
  readonly resolutionS: Float64Array;
  readonly origins: Uint8Array;
}

export function packResult(
  stepMs: number,
  series: readonly (readonly [EntityId, MergedSeries])[],
  reader: StoreReader = "duckdb",
): PackedResult {
  const used = new Set(series.flatMap(([, merged]) => [...merged.tiers]));
  if (used.size === 0) used.add(tierOfQuery(stepMs));
  return {
    stepMs,
    reader,
    tiers: allTiers.filter((tier) => used.has(tier)),
    exact: series.every(([, merged]) => merged.exact),
    frames: series.map(([id, merged]) => ({
      id,
      timeMs: Float64Array.from(merged.timeMs),
      values: Float64Array.from(merged.values),
      resolutionS: Float64Array.from(merged.resolutionS),
      origins: Uint8Array.from(merged.origins),
    })),
  };
}

export const buffersOf = (result: PackedResult): Transferable[] =>
  result.frames.flatMap((frame) => [
    frame.timeMs.buffer,
    frame.values.buffer,
    frame.resolutionS.buffer,
    frame.origins.buffer,
  ]) as Transferable[];

export const unpackResult = (result: PackedResult): RangeResult => ({
  ...result,
  frames: result.frames.map(unpackFrame),
});

const unpackFrame = (frame: PackedFrame): SeriesFrame => ({
  id: frame.id,
  timeMs: Array.from(frame.timeMs),
  values: Array.from(frame.values),
  resolutionS: Array.from(frame.resolutionS),
  origins: Array.from(frame.origins, (origin): Origin => origins[origin] ?? "export"),
});
