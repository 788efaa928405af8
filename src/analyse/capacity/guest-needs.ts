// How much of a node each running guest needs: percentiles and means of the window, else its newest sample, else what it
// was given. PVE 9 tells what a guest costs its node (mem_host_bytes); where that is absent, mem_used_bytes stands in.
import type { LiveEntity } from "../../model/fleet.ts";
import type { EntityId } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";
import type { SeriesStore } from "../context.ts";
import type { Amount, GuestNeed } from "./cluster-model.ts";

/** A month: every weekday four times, and month-ends. */
export const needWindowMs = 30 * 86_400_000;

export type GuestNeeds = ReadonlyMap<EntityId, GuestNeed>;

interface Measured {
  readonly p95: number;
  readonly mean: number;
}

/** Asks the store five questions, whatever the number of guests. */
export async function measureNeeds(
  store: Pick<SeriesStore, "quantiles" | "trend">,
  guests: readonly LiveEntity[],
  nowMs: number,
): Promise<GuestNeeds> {
  const ids = guests.map(({ entity }) => entity.id);
  const cpu = await measured(store, ids, "cpu_ratio", nowMs);
  const onHost = await measured(store, ids, "mem_host_bytes", nowMs);
  const used = await measured(
    store,
    ids.filter((id) => !onHost.has(id)),
    "mem_used_bytes",
    nowMs,
  );
  return new Map(
    guests.map((guest) => [guest.entity.id, needOf(guest, cpu, onHost.size > 0 ? both(onHost, used) : used)]),
  );
}

const both = <Value>(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
  new Map([...b, ...a]);

async function measured(
  store: Pick<SeriesStore, "quantiles" | "trend">,
  ids: readonly EntityId[],
  metric: MetricId,
  nowMs: number,
): Promise<ReadonlyMap<EntityId, Measured>> {
  if (ids.length === 0) return new Map();
  const range = { ids, metric, fromMs: nowMs - needWindowMs, toMs: nowMs };
  const { rows } = await store.quantiles({ ...range, ps: [0.95] });
  const means = new Map((await store.trend(range)).rows.map(({ id, mean }) => [id, mean]));
  return new Map(
    rows.flatMap(({ id, values: [p95] }) => (p95 === undefined ? [] : [[id, { p95, mean: means.get(id) ?? p95 }]])),
  );
}

/** Without any sample a guest counts with all that it was given. */
function needOf(
  guest: LiveEntity,
  cpu: ReadonlyMap<EntityId, Measured>,
  memory: ReadonlyMap<EntityId, Measured>,
): GuestNeed {
  const cores = guest.values["cpu_count"] ?? 0;
  const [ratio, bytes] = [cpu.get(guest.entity.id), memory.get(guest.entity.id)];
  if (ratio === undefined || bytes === undefined) return unmeasuredNeed(guest);
  return {
    p95: { cpuCores: ratio.p95 * cores, memoryBytes: bytes.p95 },
    mean: { cpuCores: ratio.mean * cores, memoryBytes: bytes.mean },
    basis: "measured",
  };
}

export function unmeasuredNeed({ values }: Pick<LiveEntity, "values">): GuestNeed {
  const allocated = allocationOf({ values });
  const ratio = values["cpu_ratio"];
  const bytes = values["mem_host_bytes"] ?? values["mem_used_bytes"];
  if (ratio === undefined || bytes === undefined) return { p95: allocated, mean: allocated, basis: "allocated" };
  const now = { cpuCores: ratio * allocated.cpuCores, memoryBytes: bytes };
  return { p95: now, mean: now, basis: "latest" };
}

export const allocationOf = ({ values }: Pick<LiveEntity, "values">): Amount => ({
  cpuCores: values["cpu_count"] ?? 0,
  memoryBytes: values["mem_total_bytes"] ?? 0,
});
