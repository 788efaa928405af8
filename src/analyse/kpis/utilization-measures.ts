// Demand against what may be used, and what is given against what there is.
import type { KpiInputs } from "../../model/kpis.ts";
import { maskedPercentile, sumOfHours } from "../usage/hour-statistics.ts";
import { onlyCounted } from "../usage/scope-hours.ts";
import { type Given, type Measures, ofNow, ofWindow, orNull, windowOf } from "./given.ts";

export const utilizationMeasures: Measures = (given) => {
  if (given.scope.type !== "cluster") return [];
  const { usage, hours } = given;
  const { counted, capacity } = usage;
  const window = windowOf(given);
  const cpu = {
    cpu_demand_core_hours: sumOfHours(withUsable(hours.cpuDemand, capacity.cpu), counted),
    cpu_usable_core_hours: sumOrNull(capacity.cpu, counted),
  };
  const memory = {
    memory_demand_byte_hours: sumOfHours(withUsable(hours.memoryDemand, capacity.memory), counted),
    memory_usable_byte_hours: sumOrNull(capacity.memory, counted),
  };
  const storage = storageInputs(given);
  return [
    ofWindow("utilization", { ...cpu, ...memory, ...storage }, window),
    ofWindow("cpu_utilization", cpu, window),
    ofWindow("memory_utilization", memory, window),
    ofNow("storage_utilization", storage),
    ofWindow("cpu_p95_utilization", { cpu_p95_ratio: busy(given, hours.cpuDemand, capacity.cpu) }, window),
    ofWindow("memory_p95_utilization", { memory_p95_ratio: busy(given, hours.memoryDemand, capacity.memory) }, window),
  ];
};

export const allocationMeasures: Measures = (given) => {
  if (given.scope.type !== "cluster") return [];
  const { nodes, guests, storages } = given.usage.supply;
  const online = nodes.filter((node) => node.online);
  const running = guests.filter((guest) => guest.running);
  const disks = storages.filter(({ role }) => role === "guests");
  const unread = online.filter(({ cpuFrom }) => cpuFrom !== "cores").length;
  const cores = sumKnown(online.map(({ cpu, cpuFrom }) => (cpuFrom === "cores" ? (cpu?.cores ?? null) : null)));
  const hardware = unread === 0 ? null : `needs the hardware of ${online.length} nodes, has ${online.length - unread}`;
  const withoutDisk = guests.filter(({ diskBytes }) => diskBytes === null).length;
  const configs =
    withoutDisk === 0 ? null : `needs the disks of ${guests.length} guests, has ${guests.length - withoutDisk}`;
  return [
    ofNow(
      "cpu_overcommit",
      {
        allocated_cores: running.reduce((sum, { cpuBaseCores }) => sum + (cpuBaseCores ?? 0), 0),
        physical_cores: cores,
      },
      hardware,
    ),
    ofNow("memory_overcommit", {
      allocated_memory_bytes: sumKnown(running.map(({ memoryAllocatedBytes }) => memoryAllocatedBytes)),
      physical_memory_bytes: sumKnown(online.map(({ memoryBytes }) => memoryBytes)),
    }),
    ofNow(
      "storage_overcommit",
      {
        allocated_disk_bytes: sumKnown(guests.map(({ diskBytes }) => diskBytes)),
        storage_total_bytes: sumKnown(disks.map(({ totalBytes }) => totalBytes)),
      },
      configs,
    ),
  ];
};

const gibibyte = 2 ** 30;

export const efficiencyMeasures: Measures = (given) => {
  const { hours, usage, weights } = given;
  const inputs = {
    used_core_hours: sumOfHours(hours.limitedCores, usage.counted),
    allocated_core_hours: sumOfHours(hours.cpuGiven, usage.counted),
    used_gib_hours: sumOfHours(hours.memoryDemand, usage.counted) / gibibyte,
    allocated_gib_hours: sumOfHours(hours.memoryGiven, usage.counted) / gibibyte,
    core_weight: weights.perCoreHour,
    gib_weight: weights.perGibHour,
  };
  return [ofWindow("efficiency", inputs, windowOf(given))];
};

function storageInputs({ usage }: Given): KpiInputs {
  const disks = usage.supply.storages.filter(({ role }) => role === "guests");
  return {
    storage_used_bytes: sumKnown(disks.map(({ usedBytes }) => usedBytes)),
    storage_usable_bytes: sumKnown(disks.map(({ usableBytes }) => usableBytes)),
  };
}

/** Demand in hours whose capacity is not known would be divided by nothing. */
const withUsable = (demand: Float64Array, usable: Float64Array): Float64Array =>
  demand.map((value, hour) => (Number.isNaN(usable[hour]) ? Number.NaN : value));

function sumOrNull(values: Float64Array, counted: Uint8Array): number | null {
  const sum = sumOfHours(values, counted);
  return sum > 0 ? sum : null;
}

function busy({ usage, businessHours }: Given, demand: Float64Array, usable: Float64Array): number | null {
  const ratio = onlyCounted(demand, usage.counted).map((value, hour) => value / (usable[hour] || Number.NaN));
  return orNull(maskedPercentile(ratio, businessHours, 0.95) ?? Number.NaN);
}

/** null as soon as one is not known, and for none. */
function sumKnown(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return values.length === 0 ? null : sum;
}
