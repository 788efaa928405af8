// A month of one cluster, hour by hour: what the job `kpis` reckons everything from.

import type { LiveEntity } from "../../model/fleet.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { GuestEntity } from "../../model/inventory.ts";
import type { AnalysisContext } from "../context.ts";
import { type ClusterSupply, clusterSupply, defaultSmtGain } from "../supply/index.ts";
import { type CapacityHours, capacityHours } from "./capacity-hours.ts";
import { type GuestHours, readGuestHours } from "./guest-hours.ts";
import { fineMs, finePerHour, hoursWithLostNode, type KnownTime, readKnownTime } from "./known-time.ts";
import { type NodeHours, readNodeHours } from "./node-hours.ts";
import { measuredOverheads } from "./overheads.ts";
import { hourMs, readHours, type StepRange } from "./read-hours.ts";
import { countedHours, hourCoverage } from "./scope-hours.ts";
import { settledFrom } from "./settled.ts";
import { readStorageHours, type StorageHours } from "./storage-hours.ts";

export interface ClusterUsage {
  readonly cluster: ClusterId;
  readonly range: StepRange;
  readonly supply: ClusterSupply;
  readonly nodes: readonly NodeHours[];
  /** Those that are gone since the range began included; templates are not. */
  readonly guests: readonly GuestHours[];
  readonly capacity: CapacityHours;
  readonly storage: StorageHours;
  /** Share of the nodes that each hour is known of. */
  readonly coverage: Float64Array;
  /** 1 for hours that sums are made of. */
  readonly counted: Uint8Array;
  readonly known: KnownTime;
  /** By guest: running in steps of five minutes, in the hours in which a node was lost. */
  readonly fine: ReadonlyMap<string, Float64Array>;
}

type Context = Pick<AnalysisContext, "fleet" | "facts" | "store" | "events"> & {
  readonly settings: Pick<AnalysisContext["settings"], "reserveNodes">;
};

export async function readClusterUsage(context: Context, cluster: ClusterId, range: StepRange): Promise<ClusterUsage> {
  const { store, settings } = context;
  const { reserveNodes } = settings;
  const now = clusterSupply(context, cluster, { reserveNodes });
  const supplies = new Map(now.guests.map((guest) => [guest.id, guest]));
  const nodes = await readNodeHours(store, now.nodes, range, defaultSmtGain);
  const guests = await readGuestHours(store, guestsOf(context, cluster, range.fromMs), supplies, range);
  const overheads = measuredOverheads(nodes, guests, await settledFrom(context.events, cluster, guests, range));
  const supply = clusterSupply(context, cluster, { reserveNodes, overheads });
  const newest = new Map(supply.nodes.map((node) => [node.id, node]));
  const settled = nodes.map((node) => ({ ...node, supply: newest.get(node.supply.id) ?? node.supply }));
  const known = await readKnownTime(store, cluster, supply.nodes, range);
  const coverage = hourCoverage(settled, lostNodes(known, range.count));
  return {
    cluster,
    range,
    supply,
    nodes: settled,
    guests,
    capacity: capacityHours(settled, reserveNodes, range.count),
    storage: await readStorageHours(store, supply.storages, range),
    coverage,
    counted: countedHours(coverage),
    known,
    fine: await readFine(context, guests, known, range),
  };
}

function guestsOf({ fleet }: Context, cluster: ClusterId, sinceMs: number) {
  return fleet
    .list("guest", { gone: true })
    .filter(
      (live): live is LiveEntity & { readonly entity: GuestEntity } =>
        live.entity.kind === "guest" &&
        live.entity.cluster === cluster &&
        (live.entity.goneAt === null || live.entity.goneAt > sinceMs),
    );
}

/** How many nodes the cluster missed, as a mean over each hour. */
function lostNodes({ nodesLost }: KnownTime, hours: number): Float64Array {
  const means = new Float64Array(hours);
  for (let step = 0; step < nodesLost.length; step++) {
    const hour = Math.floor(step / finePerHour);
    means[hour] = (means[hour] ?? 0) + (nodesLost[step] ?? 0) / finePerHour;
  }
  return means.map(Math.ceil);
}

/** More than that and the whole hours have to do: a month in which nodes are lost all the time has no single outage. */
const mostFineHours = 72;

/** Only the hours around lost nodes: five-minute points of all guests of a month would be seventeen million. */
async function readFine(
  { store }: Context,
  guests: readonly GuestHours[],
  known: KnownTime,
  { fromMs, count }: StepRange,
): Promise<ReadonlyMap<string, Float64Array>> {
  const hours = hoursWithLostNode(known);
  const found = new Map<string, Float64Array>();
  if (hours.length === 0 || hours.length > mostFineHours) return found;
  const ids = guests.map(({ entity }) => entity.id);
  for (const [first, last] of stretchesOf(hours)) {
    const range = { fromMs: fromMs + first * hourMs, count: (last - first + 1) * finePerHour, stepMs: fineMs };
    for (const [id, values] of await readHours(store, ids, { metric: "running", aggregation: "avg" }, range)) {
      const column = found.get(id) ?? new Float64Array(count * finePerHour).fill(Number.NaN);
      column.set(values, first * finePerHour);
      found.set(id, column);
    }
  }
  return found;
}

function stretchesOf(hours: readonly number[]): readonly (readonly [first: number, last: number])[] {
  const stretches: [number, number][] = [];
  for (const hour of hours) {
    const last = stretches.at(-1);
    if (last !== undefined && last[1] === hour - 1) last[1] = hour;
    else stretches.push([hour, hour]);
  }
  return stretches;
}
