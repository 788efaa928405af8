// One line of the table "Utilization" per guest, node, cluster, pool and tag.
import { type ClusterId, clusterEntityId, type EntityId, scopeEntityId } from "../../model/ids.ts";
import type { ResourceUse, ResourceWeights, UtilizationItem } from "../../model/kpis.ts";
import { type CpuOfNode, coresInUse } from "../supply/index.ts";
import type { ClusterUsage } from "../usage/cluster-usage.ts";
import type { GuestHours } from "../usage/guest-hours.ts";
import { hourStatistics, lastHours, maskedPercentile, sumOfHours } from "../usage/hour-statistics.ts";
import type { NodeHours } from "../usage/node-hours.ts";
import { efficiencyHours, leastCoverage, onlyCounted, type ScopeHours, scopeHours } from "../usage/scope-hours.ts";
import type { ScopeOfGuests } from "./given.ts";
import { needsAndHas } from "./given.ts";

export interface SampledPercentiles {
  /** In the order 50, 95, 99, 100. */
  readonly values: readonly number[];
  /** Time that samples stand for; averages are left out. */
  readonly sampledHours: number;
}
export type Percentiles = ReadonlyMap<EntityId, SampledPercentiles>;

export interface WindowPercentiles {
  readonly guestCpuRatio: Percentiles;
  readonly guestMemory: Percentiles;
  readonly nodeCpuRatio: Percentiles;
}

export interface WindowContext {
  readonly usage: ClusterUsage;
  readonly days: number;
  readonly businessHours: Uint8Array;
  readonly weights: ResourceWeights;
  readonly percentiles: WindowPercentiles;
}

export interface SummedScope extends ScopeOfGuests {
  readonly hours: ScopeHours;
}

export const utilizationItems = (
  context: WindowContext,
  scopes: readonly SummedScope[],
): readonly UtilizationItem[] => [
  ...scopes.map((scope) => scopeItem(context, scope)),
  ...context.usage.nodes.map((node) => nodeItem(context, node)),
  ...context.usage.guests.filter(({ entity }) => entity.goneAt === null).map((guest) => guestItem(context, guest)),
];

function scopeItem(context: WindowContext, { type, key, guests, hours }: SummedScope): UtilizationItem {
  const { usage } = context;
  const { cluster, supply, counted } = usage;
  const there = guests.filter(({ entity }) => entity.goneAt === null);
  const running = there.flatMap(({ supply: own }) => (own?.running === true ? [own] : []));
  const ofCluster = type === "cluster";
  const use = (values: Float64Array) => hoursUse(context, onlyCounted(values, counted));
  const storages = supply.storages.filter(({ role }) => role === "guests");
  return {
    ...named(type, cluster, ofCluster ? clusterEntityId(cluster) : scopeEntityId(cluster, type, key)),
    name: ofCluster ? cluster : key,
    node: null,
    guests: there.length,
    ...coverageOf(context, counted),
    cpu: {
      capacity: ofCluster ? shown(supply.cpu?.usable) : null,
      allocated: sumOf(running, ({ cpuBaseCores }) => cpuBaseCores ?? 0),
      ...use(hours.cpuDemand),
    },
    memory: {
      capacity: ofCluster ? shown(supply.memory?.usable) : null,
      allocated: sumOf(running, ({ memoryAllocatedBytes }) => memoryAllocatedBytes),
      ...use(hours.memoryDemand),
    },
    memorySource: null,
    disk: {
      usedBytes: ofCluster ? sumOf(storages, ({ usedBytes }) => usedBytes) : null,
      allocatedBytes: sumOf(there, ({ supply: own }) => own?.diskBytes ?? null),
    },
    efficiency: efficiencyOf(context, hours, counted),
  };
}

/** A node is measured as a whole, with what it takes itself; so is its capacity. */
function nodeItem(context: WindowContext, node: NodeHours): UtilizationItem {
  const { supply } = node;
  const guests = context.usage.guests.filter(
    ({ entity }) => entity.node === supply.entity.name && entity.goneAt === null,
  );
  const running = guests.flatMap(({ supply: own }) => (own?.running === true ? [own] : []));
  const inUse = node.busyThreads.map((busy, hour) => busy * (node.coresPerThread[hour] ?? 1));
  const known = Uint8Array.from(node.busyThreads, (value) => Number(!Number.isNaN(value)));
  const hours = scopeHours(guests, [node], node.busyThreads.length);
  return {
    ...named("node", context.usage.cluster, supply.id),
    name: supply.entity.name,
    node: supply.entity.name,
    guests: guests.length,
    ...coverageOf(context, known),
    cpu: {
      capacity: supply.cpuCapacityCores,
      allocated: sumOf(running, ({ cpuBaseCores }) => cpuBaseCores ?? 0),
      ...sampledUse(hoursUse(context, inUse), context.percentiles.nodeCpuRatio.get(supply.id), {
        knownHours: countOf(known, context.days),
        toUnit: (ratio) => coresOf(supply.cpu, ratio),
      }),
    },
    memory: {
      capacity: supply.memoryBytes,
      allocated: sumOf(running, ({ memoryAllocatedBytes }) => memoryAllocatedBytes),
      ...hoursUse(context, node.memory),
    },
    memorySource: null,
    disk: { usedBytes: null, allocatedBytes: null },
    efficiency: efficiencyOf(context, hours, known),
  };
}

function guestItem(context: WindowContext, guest: GuestHours): UtilizationItem {
  const { entity, supply } = guest;
  const known = Uint8Array.from(guest.running, (value) => Number(!Number.isNaN(value)));
  const { guestCpuRatio, guestMemory } = context.percentiles;
  // Only while it runs has it samples of CPU and memory.
  const knownHours = sumOfHours(lastHours(guest.running, context.days * 24));
  return {
    ...named("guest", context.usage.cluster, entity.id),
    name: entity.name,
    node: entity.node,
    guests: 1,
    ...coverageOf(context, known),
    cpu: {
      capacity: supply?.cpuBaseCores ?? null,
      allocated: supply?.cpuBaseCores ?? null,
      ...sampledUse(hoursUse(context, guest.cores), guestCpuRatio.get(entity.id), {
        knownHours,
        toUnit: (ratio) => ratio * (supply?.cpuCount ?? Number.NaN),
      }),
    },
    memory: {
      capacity: supply?.memoryAllocatedBytes ?? null,
      allocated: supply?.memoryAllocatedBytes ?? null,
      ...sampledUse(hoursUse(context, guest.memory), guestMemory.get(entity.id), {
        knownHours,
        toUnit: (bytes) => bytes,
      }),
    },
    memorySource: supply?.memoryDemandSource ?? null,
    disk: { usedBytes: null, allocatedBytes: supply?.diskBytes ?? null },
    efficiency: efficiencyOf(context, scopeHours([guest], [], guest.running.length), known),
  };
}

const named = (type: UtilizationItem["type"], cluster: ClusterId, id: EntityId) => ({
  type,
  cluster,
  id,
});

/** The window's share of hours that are known; below 80 % the figures are left out and the line says why. */
function coverageOf({ days }: WindowContext, known: Uint8Array): Pick<UtilizationItem, "coverage" | "state"> {
  const coverage = countOf(known, days) / (days * 24);
  return { coverage, state: coverage < leastCoverage ? needsAndHas(coverage, days) : null };
}

function countOf(known: Uint8Array, days: number): number {
  let count = 0;
  for (const hour of lastHours(known, days * 24)) count += hour;
  return count;
}

type Course = Omit<ResourceUse, "capacity" | "allocated">;

function hoursUse({ days, businessHours }: WindowContext, values: Float64Array): Course {
  const hours = lastHours(values, days * 24);
  const found = hourStatistics(hours);
  const business = maskedPercentile(hours, lastHours(businessHours, days * 24), 0.95);
  return {
    avg: shown(found?.avg),
    p50: shown(found?.p50),
    p95: shown(found?.p95),
    p99: shown(found?.p99),
    max: shown(found?.max),
    businessP95: shown(business),
    of: "hours",
  };
}

/** Below it the samples are of another time than the hours. */
const leastSampledShare = 0.8;

/** Percentiles of samples where the store has them: they see peaks that an hour's mean does not. */
function sampledUse(
  course: Course,
  sampled: SampledPercentiles | undefined,
  { knownHours, toUnit }: { readonly knownHours: number; readonly toUnit: (value: number) => number },
): Course {
  if (sampled === undefined || course.avg === null) return course;
  if (sampled.sampledHours < leastSampledShare * knownHours) return course;
  const [p50, p95, p99, max] = sampled.values.map(toUnit);
  return { ...course, p50: shown(p50), p95: shown(p95), p99: shown(p99), max: shown(max), of: "samples" };
}

const coresOf = (cpu: CpuOfNode | null, ratio: number): number =>
  cpu === null ? Number.NaN : coresInUse(cpu, ratio * cpu.threads);

function efficiencyOf(context: WindowContext, hours: ScopeHours, counted: Uint8Array): number | null {
  // The mean of what is used by the mean of what is given, not the mean of the hours' shares.
  const last = (values: Float64Array): Float64Array => {
    const known = lastHours(onlyCounted(values, counted), context.days * 24);
    return Float64Array.of(known.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0));
  };
  const sums = {
    running: last(hours.running),
    cpuDemand: last(hours.cpuDemand),
    cpuGiven: last(hours.cpuGiven),
    memoryDemand: last(hours.memoryDemand),
    memoryGiven: last(hours.memoryGiven),
    limitedCores: last(hours.limitedCores),
  };
  return shown(efficiencyHours(sums, context.weights)[0]);
}

function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => number | null): number | null {
  let sum = 0;
  for (const item of items) {
    const value = amountOf(item);
    if (value === null) return null;
    sum += value;
  }
  return shown(sum);
}

/** Four digits: a table of thousands of guests is stored and sent. */
function shown(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(4));
}
