// How much of a node each running guest needs: percentiles and means of the window, else its newest sample, else what it
// was given. PVE 9 tells what a guest costs its node (mem_host_bytes); where that is absent, mem_used_bytes stands in.
import type { EntityId } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";
import type { SeriesStore } from "../context.ts";
import type { GuestSupply } from "../supply/index.ts";
import type { GuestNeed } from "./cluster-model.ts";

/** A month: every weekday four times, and month-ends. */
export const needWindowMs = 30 * 86_400_000;

export type GuestNeeds = ReadonlyMap<EntityId, GuestNeed>;

interface Measured {
  readonly p95: number;
  readonly mean: number;
}

/** Asks the store six questions, whatever the number of guests. */
export async function measureNeeds(
  store: Pick<SeriesStore, "quantiles" | "trend">,
  guests: readonly GuestSupply[],
  nowMs: number,
): Promise<GuestNeeds> {
  const ids = guests.map(({ id }) => id);
  const cpu = await measured(store, ids, "cpu_ratio", nowMs);
  const onHost = await measured(store, ids, "mem_host_bytes", nowMs);
  const used = await measured(
    store,
    ids.filter((id) => !onHost.has(id)),
    "mem_used_bytes",
    nowMs,
  );
  const memory = new Map([...used, ...onHost]);
  return new Map(guests.map((guest) => [guest.id, needOf(guest, cpu, memory)]));
}

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

function needOf(
  guest: GuestSupply,
  cpu: ReadonlyMap<EntityId, Measured>,
  memory: ReadonlyMap<EntityId, Measured>,
): GuestNeed {
  const [ratio, bytes] = [cpu.get(guest.id), memory.get(guest.id)];
  if (ratio === undefined || bytes === undefined || guest.cpuCount === null) return unmeasuredNeed(guest);
  return {
    p95: { cpuCores: ratio.p95 * guest.cpuCount, memoryBytes: bytes.p95 },
    mean: { cpuCores: ratio.mean * guest.cpuCount, memoryBytes: bytes.mean },
    basis: "measured",
  };
}

/** Without any sample of the window: what it takes now; without that, all that it was given. */
export function unmeasuredNeed(guest: GuestSupply): GuestNeed {
  const { cpuDemandCores, memoryDemandBytes } = guest;
  const given = { cpuCores: guest.cpuBaseCores ?? guest.cpuCount ?? 0, memoryBytes: guest.memoryAllocatedBytes ?? 0 };
  if (cpuDemandCores === null || memoryDemandBytes === null) return { p95: given, mean: given, basis: "allocated" };
  const now = { cpuCores: cpuDemandCores, memoryBytes: memoryDemandBytes };
  return { p95: now, mean: now, basis: "latest" };
}
