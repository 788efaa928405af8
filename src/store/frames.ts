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
      timeMs: doublesOf(merged.timeMs),
      values: doublesOf(merged.values),
      resolutionS: doublesOf(merged.resolutionS),
      origins: merged.origins instanceof Uint8Array ? merged.origins : new Uint8Array(merged.origins),
    })),
  };
}

/** A column that is typed already travels as it is. */
const doublesOf = (values: ArrayLike<number>): Float64Array =>
  values instanceof Float64Array ? values : new Float64Array(values);

/** Each once: who asks for a series twice gets the same columns twice. */
export const buffersOf = (result: PackedResult): Transferable[] => [
  ...new Set(
    result.frames.flatMap((frame) => [
      frame.timeMs.buffer,
      frame.values.buffer,
      frame.resolutionS.buffer,
      frame.origins.buffer,
    ]) as Transferable[],
  ),
];

export const unpackResult = (result: PackedResult): RangeResult => ({
  ...result,
  frames: result.frames.map(unpackFrame),
});

const unpackFrame = (frame: PackedFrame): SeriesFrame => ({
  id: frame.id,
  timeMs: listOf(frame.timeMs, same),
  values: listOf(frame.values, same),
  resolutionS: listOf(frame.resolutionS, same),
  origins: listOf(frame.origins, (origin): Origin => origins[origin] ?? "export"),
});

const same = (value: number): number => value;

/** As Array.from, which takes several times as long: analysis reads millions of points. */
function listOf<Item>(values: Float64Array | Uint8Array, itemOf: (value: number) => Item): Item[] {
  const list = new Array<Item>(values.length);
  for (let place = 0; place < values.length; place++) list[place] = itemOf(values[place] ?? 0);
  return list;
}
