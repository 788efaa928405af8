// Percentiles of samples for the windows of the table, from the store's sketches.
import { inGroups } from "../../lib/in-groups.ts";
import type { EntityId } from "../../model/ids.ts";
import type { QuantileRow } from "../../model/store.ts";
import type { SeriesStore } from "../context.ts";
import type { ClusterUsage } from "../usage/cluster-usage.ts";
import { endOfRange } from "../usage/read-hours.ts";
import type { NodeData } from "./given.ts";
import type { Percentiles, WindowPercentiles } from "./utilization-items.ts";

const ps = [0.5, 0.95, 0.99, 1];
/** What one question may name. */
const idsAtOnce = 20_000;
const hourMs = 3_600_000;
/** Samples are counted in tens of seconds. */
const samplesPerHour = 360;

type Store = Pick<SeriesStore, "quantiles">;

export async function readPercentiles(store: Store, usage: ClusterUsage, days: number): Promise<WindowPercentiles> {
  const toMs = endOfRange(usage.range);
  const range = { fromMs: toMs - days * 24 * hourMs, toMs };
  const there = usage.guests.filter(({ entity }) => entity.goneAt === null);
  const [host, others] = [[] as EntityId[], [] as EntityId[]];
  for (const { entity, supply } of there) (supply?.memoryDemandSource === "host" ? host : others).push(entity.id);
  const nodes = usage.supply.nodes.map(({ id }) => id);
  const memory = new Map([
    ...(await rowsOf(store, host, "mem_host_bytes", range)),
    ...(await rowsOf(store, others, "mem_used_bytes", range)),
  ]);
  return {
    guestCpuRatio: sampled(await rowsOf(store, [...host, ...others], "cpu_ratio", range)),
    guestMemory: sampled(memory),
    nodeCpuRatio: sampled(await rowsOf(store, nodes, "cpu_ratio", range)),
  };
}

/** How long each node is known in the range, and how much of it only as averages. */
export async function readNodeData(store: Store, usage: ClusterUsage): Promise<readonly NodeData[]> {
  const ids = usage.supply.nodes.map(({ id }) => id);
  const { fromMs } = usage.range;
  const rows = await rowsOf(store, ids, "cpu_ratio", { fromMs, toMs: endOfRange(usage.range) });
  return ids.map((id) => {
    const row = rows.get(id);
    // Sketches begin with a whole day, so they may hold a few hours more than were asked for.
    const known = Math.min(usage.range.count, (row?.samples ?? 0) / samplesPerHour);
    const averaged = row === undefined || row.samples === 0 ? 0 : (known * row.averaged) / row.samples;
    return { knownHours: known, averagedHours: averaged };
  });
}

async function rowsOf(
  store: Store,
  ids: readonly EntityId[],
  metric: string,
  range: { readonly fromMs: number; readonly toMs: number },
): Promise<ReadonlyMap<EntityId, QuantileRow>> {
  const found = new Map<EntityId, QuantileRow>();
  for (const some of inGroups(ids, idsAtOnce)) {
    const { rows } = await store.quantiles({ ids: some, metric, ps, ...range });
    for (const row of rows) found.set(row.id, row);
  }
  return found;
}

/**
 * Only where most of it is samples: of Proxmox VE's averages the hours' own percentiles say as much, and while history is
 * being imported sketches know less of a series than its hours do.
 */
const sampled = (rows: ReadonlyMap<EntityId, QuantileRow>): Percentiles =>
  new Map(
    [...rows.values()].map(({ id, values, samples, averaged }) => [
      id,
      { values, sampledHours: (samples - averaged) / samplesPerHour },
    ]),
  );
