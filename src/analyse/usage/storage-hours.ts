// Storage in use hour by hour, each backing once: its use now, scaled by how its storages were filled then.
import type { SeriesStore } from "../context.ts";
import type { BackingSupply } from "../supply/index.ts";
import { readHours, type StepRange } from "./read-hours.ts";

export interface StorageHours {
  readonly used: Float64Array;
  /** What may be filled; now's, since limits are rules and sizes change rarely. NaN where one is not known. */
  readonly usable: number;
}

export async function readStorageHours(
  store: Pick<SeriesStore, "range">,
  backings: readonly BackingSupply[],
  range: StepRange,
): Promise<StorageHours> {
  const counted = backings.filter(({ role }) => role === "guests");
  const ids = counted.flatMap(({ storages }) => storages);
  const series = await readHours(store, ids, { metric: "used_bytes", aggregation: "avg" }, range);
  const used = new Float64Array(range.count).fill(counted.length === 0 ? Number.NaN : 0);
  let usable = counted.length === 0 ? Number.NaN : 0;
  for (const { storages, usedBytes, usableBytes } of counted) {
    const own = storages.flatMap((id) => series.get(id) ?? []);
    usable += usableBytes ?? Number.NaN;
    for (let hour = 0; hour < range.count; hour++) used[hour] = (used[hour] ?? 0) + usedIn(own, hour, usedBytes);
  }
  return { used, usable };
}

function usedIn(own: readonly Float64Array[], hour: number, usedNow: number | null): number {
  let [then, now] = [0, 0];
  for (const column of own) {
    then += column[hour] ?? Number.NaN;
    now += column.findLast((value) => !Number.isNaN(value)) ?? Number.NaN;
  }
  // Nothing else on the disk can be told from what the storages report.
  if (usedNow === null || !(now > 0)) return own.length === 0 ? Number.NaN : then;
  return (usedNow * then) / now;
}
