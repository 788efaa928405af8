// What costs are computed from: per slot what each guest was given and used, and what the cluster has to give. From
// stored series, configurations and the inventory, deleted guests included.

import type { CostOwner } from "../../model/cost-ledger.ts";
import type { CostModel } from "../../model/cost-model.ts";
import type { HeldFact } from "../../model/facts.ts";
import type { FleetView, LiveEntity } from "../../model/fleet.ts";
import type { ClusterId, EntityKind } from "../../model/ids.ts";
import type { GuestEntity, NodeEntity, StorageEntity } from "../../model/inventory.ts";
import type { AnalysisContext } from "../context.ts";
import { type GuestSupply, guestSupply } from "../supply/index.ts";
import { type Attribution, attribute } from "./attribution.ts";
import { hourMs } from "./calendar.ts";
import type { GuestSlot } from "./charge.ts";
import type { CostSlot } from "./engine.ts";
import { type Grids, nearest, readGrids, slotCount, valueAt, type Window } from "./grid.ts";
import { energyKwh } from "./power.ts";

const gibibyte = 2 ** 30;

export interface CostReadings {
  readonly owners: readonly CostOwner[];
  readonly slots: readonly CostSlot[];
}

type ReadingContext = Pick<AnalysisContext, "fleet" | "facts" | "store">;

/** `window` begins and ends with whole slots. Tags, pools and disks are as they are now: ask soon. */
export async function readCosts(
  context: ReadingContext,
  cluster: ClusterId,
  model: Pick<CostModel, "attribution" | "power">,
  window: Window,
): Promise<CostReadings> {
  const guests = things<GuestEntity>(context.fleet, "guest", cluster, window);
  const { series, before } = await seriesWithBefore(context, guests, window);
  const configs = new Map(context.facts.list("guest_config").map((fact) => [fact.subject, fact]));
  const seriesWindow = { ...window, fromMs: window.fromMs - before * window.stepMs };
  const readers = guests.map((guest) => guestReader(guest, configs.get(guest.entity.id), series, seriesWindow));
  const supply = await supplyReader(context, cluster, model, window);
  const slots = Array.from({ length: slotCount(window) }, (_, index) => {
    const uses = new Map<number, GuestSlot>();
    for (const [guest, read] of readers.entries()) {
      const use = read(index + before);
      if (use !== undefined) uses.set(guest, use);
    }
    return { ...supply(index), guests: uses };
  });
  const owners = guests.map(({ entity }) => ownerOf(entity, attribute(model.attribution, entity)));
  return { owners, slots };
}

type Thing<Kind extends LiveEntity["entity"]> = LiveEntity & { readonly entity: Kind };

/** Of a cluster, also those that went within or after the window. */
function things<Kind extends LiveEntity["entity"]>(
  fleet: Pick<FleetView, "list">,
  kind: EntityKind,
  cluster: ClusterId,
  { fromMs }: Pick<Window, "fromMs">,
): readonly Thing<Kind>[] {
  return fleet
    .list(kind, { gone: true })
    .filter(({ entity }) => entity.cluster === cluster && (entity.goneAt === null || entity.goneAt > fromMs))
    .map((live) => live as Thing<Kind>);
}

const ownerOf = (
  { id, name, type, node, pool, tags }: GuestEntity,
  { owner, ownerBy, environment, compliant }: Attribution,
): CostOwner => ({ ...{ id, name, type, node, pool, tags }, ...{ owner, ownerBy, environment, compliant } });

const guestMetrics = [
  "running",
  "cpu_ratio",
  "cpu_count",
  "mem_total_bytes",
  "mem_used_bytes",
  "mem_host_bytes",
] as const;
type GuestMetric = (typeof guestMetrics)[number];
type OwnGrids = Partial<Record<GuestMetric, Float64Array>>;

interface GuestSeries {
  readonly grids: Readonly<Record<GuestMetric, Grids>>;
  /** Slots in which any guest of the cluster was seen. */
  readonly seen: Uint8Array;
}

/** As far back as is looked for how things stood, when the window begins with slots in which nobody was seen. */
const lookBackMs = 24 * hourMs;

/** `before`: how many slots the series begin earlier than the window. */
async function seriesWithBefore(
  context: ReadingContext,
  guests: readonly Thing<GuestEntity>[],
  window: Window,
): Promise<{ readonly series: GuestSeries; readonly before: number }> {
  const series = await guestSeries(context, guests, window);
  if (series.seen[0] !== 0) return { series, before: 0 };
  const fromMs = window.fromMs - lookBackMs;
  return { series: await guestSeries(context, guests, { ...window, fromMs }), before: lookBackMs / window.stepMs };
}

async function guestSeries(
  { store }: ReadingContext,
  guests: readonly Thing<GuestEntity>[],
  window: Window,
): Promise<GuestSeries> {
  const ids = guests.map(({ entity }) => entity.id);
  const found: Partial<Record<GuestMetric, Grids>> = {};
  for (const metric of guestMetrics) found[metric] = await readGrids(store, ids, metric, window);
  const grids = found as Record<GuestMetric, Grids>;
  const seen = new Uint8Array(slotCount(window));
  for (const metric of ["running", "cpu_ratio"] as const) {
    for (const grid of grids[metric].values())
      for (const [slot, value] of grid.entries()) if (!Number.isNaN(value)) seen[slot] = 1;
  }
  return { grids, seen };
}

/** Slot by slot; undefined where the guest did not exist. */
function guestReader(
  live: Thing<GuestEntity>,
  config: HeldFact | undefined,
  { grids, seen }: GuestSeries,
  window: Window,
): (slot: number) => GuestSlot | undefined {
  const guest = live.entity;
  const own = Object.fromEntries(guestMetrics.map((metric) => [metric, grids[metric].get(guest.id)])) as OwnGrids;
  const supply = guestSupply(live, config?.fields);
  const storageGib = disksOf(supply);
  const begin = beginOf(guest, own, window);
  return (slot) => {
    const startMs = window.fromMs + slot * window.stepMs;
    const hours = overlapHours(startMs, startMs + window.stepMs, begin, guest.goneAt ?? Number.POSITIVE_INFINITY);
    if (hours <= 0) return undefined;
    const state = guest.template ? { share: 0, at: slot, estimated: false } : runningAt(own, seen, slot);
    const cores = nearest(own.cpu_count, state.at) ?? supply.cpuCount;
    const ratio = nearest(own.cpu_ratio, state.at);
    const memory = nearest(own.mem_total_bytes, state.at) ?? supply.memoryAllocatedBytes;
    const used = nearest(own.mem_host_bytes, state.at) ?? nearest(own.mem_used_bytes, state.at);
    return {
      hours,
      runningHours: hours * state.share,
      allocatedCores: givenCores(supply, cores),
      usedCores: ratio === null || cores === null ? null : ratio * cores,
      allocatedMemoryGib: memory === null ? null : memory / gibibyte,
      // What QEMU itself takes beyond the guest's memory is the host's own cost, not the guest's.
      usedMemoryGib: used === null ? null : Math.min(used, memory ?? used) / gibibyte,
      storageGib,
      estimated: state.estimated,
    };
  };
}

/**
 * The cores of that time, within the limit of now. A container that may use the whole node, or that might, is charged for
 * what it uses.
 */
function givenCores({ entity, cpuBase, cpuBaseCores }: GuestSupply, cores: number | null): number | null {
  if (cpuBase === "unlimited" || (cpuBase === "unknown" && entity.type === "lxc")) return null;
  if (cpuBaseCores === null || cores === null) return cores ?? cpuBaseCores;
  return cpuBase === "config" ? Math.min(cores, cpuBaseCores) : cores;
}

/** GiB by storage. A linked clone shares its base's volume, which the template pays for; what differs nobody tells. */
function disksOf({ volumes }: GuestSupply): Readonly<Record<string, number>> {
  const gib: Record<string, number> = {};
  for (const { storage, sizeBytes, linkedTo } of volumes) {
    if (storage === null || sizeBytes === null || linkedTo !== null) continue;
    gib[storage] = (gib[storage] ?? 0) + sizeBytes / gibibyte;
  }
  return gib;
}

/** From its creation, where PVE tells it, or from when it was first seen or has stored samples. */
function beginOf(guest: GuestEntity, own: OwnGrids, window: Window): number {
  const known = [own.running, own.cpu_ratio].flatMap((grid) => {
    const first = grid?.findIndex((value) => !Number.isNaN(value)) ?? -1;
    return first < 0 ? [] : [window.fromMs + first * window.stepMs];
  });
  const firstSeen = Math.min(guest.firstSeenAt, ...known);
  return Math.max(guest.createdAt ?? 0, firstSeen);
}

const overlapHours = (fromMs: number, toMs: number, beginMs: number, endMs: number): number =>
  (Math.min(toMs, endMs) - Math.max(fromMs, beginMs)) / hourMs;

interface RunState {
  /** Share of the slot in which it ran. */
  readonly share: number;
  /** The slot whose amounts count. */
  readonly at: number;
  readonly estimated: boolean;
}

/**
 * PVE's imported history tells nothing of guests that are off, so a guest without a value in a slot in which others have
 * one did not run. In a slot in which nobody was seen we were blind: everything stands as it was before, or after.
 */
function runningAt(own: OwnGrids, seen: Uint8Array, slot: number): RunState {
  const told = shareAt(own, slot);
  if (told !== null) return { share: told, at: slot, estimated: false };
  if (seen[slot] === 1) return { share: 0, at: slot, estimated: false };
  for (const step of [-1, 1]) {
    for (let at = slot + step; at >= 0 && at < seen.length; at += step) {
      if (seen[at] === 1) return { share: shareAt(own, at) ?? 0, at, estimated: true };
    }
  }
  return { share: 0, at: slot, estimated: true };
}

function shareAt(own: OwnGrids, slot: number): number | null {
  const running = valueAt(own.running, slot);
  if (running !== null) return Math.min(1, Math.max(0, running));
  return valueAt(own.cpu_ratio, slot) === null ? null : 1;
}

type Supplied = Omit<CostSlot, "guests">;

/** What the cluster has to give, slot by slot; a node that is off was paid for all the same. */
async function supplyReader(
  { fleet, facts, store }: ReadingContext,
  cluster: ClusterId,
  { power }: Pick<CostModel, "power">,
  window: Window,
): Promise<(slot: number) => Supplied> {
  const nodes = things<NodeEntity>(fleet, "node", cluster, window);
  const ids = nodes.map(({ entity }) => entity.id);
  const cores = await readGrids(store, ids, "cpu_count", window);
  const memory = await readGrids(store, ids, "mem_total_bytes", window);
  const load = power === null ? new Map<string, Float64Array>() : await readGrids(store, ids, "cpu_ratio", window);
  const storages = countedStorages(things<StorageEntity>(fleet, "storage", cluster, window), facts);
  const storageIds = storages.map(({ entity }) => entity.id);
  const sizes = await readGrids(store, storageIds, "total_bytes", window);
  const types: Record<string, string> = {};
  for (const { entity } of storages) if (entity.pluginType !== null) types[entity.storage] = entity.pluginType;
  return (slot) => {
    const startMs = window.fromMs + slot * window.stepMs;
    const hours = window.stepMs / hourMs;
    const there = nodes.filter(({ entity }) => entity.goneAt === null || entity.goneAt > startMs);
    const sum = (grids: Grids, metric: string): number =>
      there.reduce((all, { entity, values }) => all + (nearest(grids.get(entity.id), slot) ?? values[metric] ?? 0), 0);
    const storageGib: Record<string, number> = {};
    for (const { entity, values, counts } of storages) {
      const bytes = counts ? (nearest(sizes.get(entity.id), slot) ?? values["total_bytes"] ?? 0) : 0;
      storageGib[entity.storage] = (storageGib[entity.storage] ?? 0) + bytes / gibibyte;
    }
    const draws = there.flatMap(({ entity }) => {
      const ratio = valueAt(load.get(entity.id), slot);
      return power === null || ratio === null ? [] : [energyKwh(power, ratio, hours)];
    });
    return {
      startMs,
      hours,
      nodes: there.length,
      cores: sum(cores, "cpu_count"),
      memoryGib: sum(memory, "mem_total_bytes") / gibibyte,
      storageGib,
      storageTypes: types,
      energyKwh: draws.length === 0 ? null : draws.reduce((all, kwh) => all + kwh, 0),
    };
  };
}

/** Storages for disks of guests; of those that lie on the same backing only the first counts. */
function countedStorages(
  storages: readonly Thing<StorageEntity>[],
  facts: ReadingContext["facts"],
): readonly (Thing<StorageEntity> & { readonly counts: boolean })[] {
  const backings = new Map(facts.list("storage_backing").map(({ subject, fields }) => [subject, fields["backing"]]));
  const taken = new Set<unknown>();
  return storages
    .filter(({ entity }) => entity.content.some((kind) => kind === "images" || kind === "rootdir"))
    .sort((a, b) => (a.entity.id < b.entity.id ? -1 : 1))
    .map((storage) => {
      const backing = backings.get(storage.entity.id) ?? storage.entity.id;
      const counts = !taken.has(backing);
      taken.add(backing);
      return { ...storage, counts };
    });
}
