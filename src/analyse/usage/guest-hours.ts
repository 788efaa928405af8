// What each guest took and was given, hour by hour.
import type { LiveEntity } from "../../model/fleet.ts";
import type { EntityId } from "../../model/ids.ts";
import type { GuestEntity } from "../../model/inventory.ts";
import type { SeriesStore } from "../context.ts";
import type { GuestSupply } from "../supply/index.ts";
import { type HourSeries, readHours, type StepRange } from "./read-hours.ts";

export interface GuestHours {
  readonly entity: GuestEntity;
  /** null for a guest that is gone. */
  readonly supply: GuestSupply | null;
  /** Share of the hour that it ran, of the part that is known. */
  readonly running: Float64Array;
  /** Threads kept busy, mean over the hour; 0 while it did not run. */
  readonly cores: Float64Array;
  /** Bytes that it cost its node, mean over the hour; 0 while it did not run. */
  readonly memory: Float64Array;
  /** CPUs given while it ran, mean over the hour; NaN without a limit. */
  readonly coresGiven: Float64Array;
  readonly memoryGiven: Float64Array;
}

type LiveGuest = LiveEntity & { readonly entity: GuestEntity };

export async function readGuestHours(
  store: Pick<SeriesStore, "range">,
  guests: readonly LiveGuest[],
  supplies: ReadonlyMap<EntityId, GuestSupply>,
  range: StepRange,
): Promise<readonly GuestHours[]> {
  const counted = guests.filter(({ entity }) => !entity.template);
  const ids = counted.map(({ entity }) => entity.id);
  const read = (metric: string, aggregation: "avg" | "last", which: readonly EntityId[] = ids): Promise<HourSeries> =>
    readHours(store, which, { metric, aggregation }, range);
  const running = await read("running", "avg");
  const ratio = await read("cpu_ratio", "avg");
  const count = await read("cpu_count", "last");
  const host = await read("mem_host_bytes", "avg");
  const used = await read("mem_used_bytes", "avg", withoutHost(counted, host));
  const total = await read("mem_total_bytes", "last");
  return counted.map((live) => {
    const { id } = live.entity;
    const series = { running: running.get(id), ratio: ratio.get(id), count: count.get(id), total: total.get(id) };
    const memory = host.get(id) ?? used.get(id);
    return guestHours(live, supplies.get(id) ?? null, { ...series, memory }, range.count);
  });
}

/** Containers, and VMs of PVE 8, are only known by what they report themselves. */
const withoutHost = (guests: readonly LiveGuest[], host: HourSeries): readonly EntityId[] =>
  guests.flatMap(({ entity }) => (host.has(entity.id) ? [] : [entity.id]));

interface RawSeries {
  readonly running: Float64Array | undefined;
  readonly ratio: Float64Array | undefined;
  readonly count: Float64Array | undefined;
  readonly memory: Float64Array | undefined;
  readonly total: Float64Array | undefined;
}

export function guestHours(live: LiveGuest, supply: GuestSupply | null, raw: RawSeries, hours: number): GuestHours {
  const unknown = (): Float64Array => new Float64Array(hours).fill(Number.NaN);
  const result = {
    running: unknown(),
    cores: unknown(),
    memory: unknown(),
    coresGiven: unknown(),
    memoryGiven: unknown(),
  };
  const limit = limitShare(supply);
  for (let hour = 0; hour < hours; hour++) {
    const ratio = raw.ratio?.[hour] ?? Number.NaN;
    // Imported history has no word on whether it ran, but only what runs uses CPU.
    const told = raw.running?.[hour] ?? Number.NaN;
    const ran = Number.isNaN(told) && !Number.isNaN(ratio) ? 1 : told;
    const count = firstKnown(raw.count?.[hour], live.values["cpu_count"]);
    const share = (value: number | undefined): number => (ran === 0 ? 0 : (value ?? Number.NaN) * ran);
    result.running[hour] = ran;
    result.cores[hour] = share(ratio * count);
    result.memory[hour] = share(raw.memory?.[hour]);
    result.coresGiven[hour] = limit === null ? Number.NaN : share(count * limit);
    result.memoryGiven[hour] = share(firstKnown(raw.total?.[hour], live.values["mem_total_bytes"]));
  }
  return { entity: live.entity, supply, ...result };
}

/** What its CPU limit leaves of its CPUs; null for a container without any limit. */
function limitShare(supply: GuestSupply | null): number | null {
  if (supply === null) return 1;
  if (supply.cpuBaseCores === null) return supply.cpuBase === "unknown" && supply.entity.type === "qemu" ? 1 : null;
  return supply.cpuCount === null || supply.cpuCount === 0 ? 1 : Math.min(1, supply.cpuBaseCores / supply.cpuCount);
}

const firstKnown = (value: number | undefined, otherwise: number | undefined): number =>
  value === undefined || Number.isNaN(value) ? (otherwise ?? Number.NaN) : value;
