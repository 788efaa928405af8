// Key figures of what is used and given, of what may be used.
import { gib, type Kpi, ratio, sum, worst } from "./kpi.ts";

const cpuDemand = sum("Cores in use by guests, summed over the hours of the window");
const cpuUsable = sum("Cores that guests may use (total − N+1 reserve − host overhead), summed likewise");
const memoryDemand = sum("Memory that guests cost their nodes, bytes × hours");
const memoryUsable = sum("Memory that guests may use (total − N+1 reserve − host overhead), bytes × hours");
const storageUsed = sum("Bytes in use on storages for guests, each backing once");
const storageUsable = sum("Bytes that may be filled before they count as full");

const resources = (inputs: Readonly<Record<string, number>>): readonly (readonly [string, number | null])[] => [
  ["CPU", ratio(inputs["cpu_demand_core_hours"], inputs["cpu_usable_core_hours"])],
  ["memory", ratio(inputs["memory_demand_byte_hours"], inputs["memory_usable_byte_hours"])],
  ["storage", ratio(inputs["storage_used_bytes"], inputs["storage_usable_bytes"])],
];

function mostConstrained(inputs: Readonly<Record<string, number>>): readonly [string, number] | null {
  let found: readonly [string, number] | null = null;
  for (const [name, value] of resources(inputs)) {
    if (value !== null && (found === null || value > found[1])) found = [name, value];
  }
  return found;
}

export const useKpis: readonly Kpi[] = [
  {
    id: "utilization",
    title: "Utilization",
    unit: "ratio",
    summary: "How full the cluster is: its most constrained resource, which is named, and not the mean.",
    formula:
      "max(cpu_demand_core_hours / cpu_usable_core_hours, memory_demand_byte_hours / memory_usable_byte_hours, storage_used_bytes / storage_usable_bytes)",
    inputs: {
      cpu_demand_core_hours: cpuDemand,
      cpu_usable_core_hours: cpuUsable,
      memory_demand_byte_hours: memoryDemand,
      memory_usable_byte_hours: memoryUsable,
      storage_used_bytes: storageUsed,
      storage_usable_bytes: storageUsable,
    },
    better: "between",
    target: { min: 0.6, max: 0.8 },
    scopes: "cluster",
    series: null,
    value: (inputs) => mostConstrained(inputs)?.[1] ?? null,
    about: (inputs) => mostConstrained(inputs)?.[0] ?? null,
    example: {
      inputs: {
        cpu_demand_core_hours: 7_200,
        cpu_usable_core_hours: 28_800,
        memory_demand_byte_hours: 72_000 * gib,
        memory_usable_byte_hours: 108_000 * gib,
        storage_used_bytes: 4_000 * gib,
        storage_usable_bytes: 8_000 * gib,
      },
      value: 2 / 3,
      words: "CPU 25 %, memory 66.7 %, storage 50 %: the cluster is used to 66.7 %, by its memory.",
    },
  },
  {
    id: "cpu_utilization",
    title: "CPU utilization",
    unit: "ratio",
    summary: "Cores that guests keep busy, of the cores that they may use.",
    formula: "cpu_demand_core_hours / cpu_usable_core_hours",
    inputs: { cpu_demand_core_hours: cpuDemand, cpu_usable_core_hours: cpuUsable },
    better: "between",
    target: { min: 0.3, max: 0.8 },
    scopes: "cluster",
    series: { metric: "cpu_demand_cores", per: "cpu_usable_cores" },
    value: ({ cpu_demand_core_hours: demand, cpu_usable_core_hours: usable }) => ratio(demand, usable),
    example: {
      inputs: { cpu_demand_core_hours: 7_200, cpu_usable_core_hours: 28_800 },
      value: 0.25,
      words: "10 of 40 usable cores busy through 720 hours.",
    },
  },
  {
    id: "memory_utilization",
    title: "Memory utilization",
    unit: "ratio",
    summary: "Memory that guests cost their nodes, of the memory that they may use.",
    formula: "memory_demand_byte_hours / memory_usable_byte_hours",
    inputs: { memory_demand_byte_hours: memoryDemand, memory_usable_byte_hours: memoryUsable },
    better: "between",
    target: { min: 0.6, max: 0.8 },
    scopes: "cluster",
    series: { metric: "mem_demand_bytes", per: "mem_usable_bytes" },
    value: ({ memory_demand_byte_hours: demand, memory_usable_byte_hours: usable }) => ratio(demand, usable),
    example: {
      inputs: { memory_demand_byte_hours: 72_000 * gib, memory_usable_byte_hours: 108_000 * gib },
      value: 2 / 3,
      words: "100 GiB of 150 usable GiB through 720 hours.",
    },
  },
  {
    id: "storage_utilization",
    title: "Storage utilization",
    unit: "ratio",
    summary: "Bytes in use, of those that may be filled before a storage counts as full. Each backing counts once.",
    formula: "storage_used_bytes / storage_usable_bytes",
    inputs: { storage_used_bytes: storageUsed, storage_usable_bytes: storageUsable },
    better: "between",
    target: { min: 0.5, max: 0.8 },
    scopes: "cluster",
    series: { metric: "storage_used_bytes", per: "storage_usable_bytes" },
    value: ({ storage_used_bytes: used, storage_usable_bytes: usable }) => ratio(used, usable),
    example: {
      inputs: { storage_used_bytes: 4_000 * gib, storage_usable_bytes: 8_000 * gib },
      value: 0.5,
      words: "A ZFS pool of 10,000 GiB counts as full at 8,000; it holds 4,000.",
    },
  },
  {
    id: "cpu_p95_utilization",
    title: "CPU, busy hours",
    unit: "ratio",
    summary: "95th percentile of CPU utilization over the hours of business hours. Of the fleet: its worst cluster.",
    formula: "95th percentile (nearest rank) over business hours of cpu_demand_cores / cpu_usable_cores",
    inputs: { cpu_p95_ratio: worst("The percentile itself, hour by hour, in business hours") },
    better: "lower",
    target: { min: null, max: 0.8 },
    scopes: "cluster",
    series: { metric: "cpu_demand_cores", per: "cpu_usable_cores" },
    value: ({ cpu_p95_ratio: value }) => value ?? null,
    example: {
      inputs: { cpu_p95_ratio: 0.62 },
      value: 0.62,
      words: "Of 220 business hours, 209 were at 62 % or below.",
    },
  },
  {
    id: "memory_p95_utilization",
    title: "Memory, busy hours",
    unit: "ratio",
    summary: "95th percentile of memory utilization over the hours of business hours. Of the fleet: its worst cluster.",
    formula: "95th percentile (nearest rank) over business hours of mem_demand_bytes / mem_usable_bytes",
    inputs: { memory_p95_ratio: worst("The percentile itself, hour by hour, in business hours") },
    better: "lower",
    target: { min: null, max: 0.9 },
    scopes: "cluster",
    series: { metric: "mem_demand_bytes", per: "mem_usable_bytes" },
    value: ({ memory_p95_ratio: value }) => value ?? null,
    example: {
      inputs: { memory_p95_ratio: 0.71 },
      value: 0.71,
      words: "Of 220 business hours, 209 were at 71 % or below.",
    },
  },
  {
    id: "cpu_overcommit",
    title: "CPU overcommit",
    unit: "ratio",
    summary: "Virtual CPUs of running guests per physical core. Containers without a limit are left out.",
    formula: "allocated_cores / physical_cores",
    inputs: {
      allocated_cores: sum("min(vCPUs, cpulimit) of running guests"),
      physical_cores: sum("Physical cores of the nodes that are online"),
    },
    better: "lower",
    target: { min: null, max: 4 },
    scopes: "cluster",
    series: null,
    value: ({ allocated_cores: allocated, physical_cores: physical }) => ratio(allocated, physical),
    example: {
      inputs: { allocated_cores: 96, physical_cores: 48 },
      value: 2,
      words: "96 virtual CPUs on 48 cores (96 threads): two per core.",
    },
  },
  {
    id: "memory_overcommit",
    title: "Memory overcommit",
    unit: "ratio",
    summary: "Memory given to running guests, of the memory of the nodes.",
    formula: "allocated_memory_bytes / physical_memory_bytes",
    inputs: {
      allocated_memory_bytes: sum("Memory given to running guests"),
      physical_memory_bytes: sum("Memory of the nodes that are online"),
    },
    better: "lower",
    target: { min: null, max: 1 },
    scopes: "cluster",
    series: null,
    value: ({ allocated_memory_bytes: allocated, physical_memory_bytes: physical }) => ratio(allocated, physical),
    example: {
      inputs: { allocated_memory_bytes: 192 * gib, physical_memory_bytes: 256 * gib },
      value: 0.75,
      words: "192 GiB given, 256 GiB there.",
    },
  },
  {
    id: "storage_overcommit",
    title: "Storage overcommit",
    unit: "ratio",
    summary: "Disks of all guests, of the size of the storages for guests. Linked clones are left out.",
    formula: "allocated_disk_bytes / storage_total_bytes",
    inputs: {
      allocated_disk_bytes: sum("Volumes of all guests and templates, by their configurations"),
      storage_total_bytes: sum("Size of the storages for guests, each backing once"),
    },
    better: "lower",
    target: { min: null, max: 1.5 },
    scopes: "cluster",
    series: null,
    value: ({ allocated_disk_bytes: allocated, storage_total_bytes: total }) => ratio(allocated, total),
    example: {
      inputs: { allocated_disk_bytes: 12_000 * gib, storage_total_bytes: 10_000 * gib },
      value: 1.2,
      words: "Thin volumes of 12,000 GiB on 10,000.",
    },
  },
  {
    id: "efficiency",
    title: "Resource efficiency",
    unit: "ratio",
    summary: "What running guests use, of what they are given, cores and memory weighed by what they cost.",
    formula:
      "(core_weight × used_core_hours + gib_weight × used_gib_hours) / (core_weight × allocated_core_hours + gib_weight × allocated_gib_hours)",
    inputs: {
      used_core_hours: sum("Cores in use by guests with a limit"),
      allocated_core_hours: sum("Cores given to them while they ran"),
      used_gib_hours: sum("Memory in use by running guests"),
      allocated_gib_hours: sum("Memory given to them while they ran"),
      core_weight: worst("Price of a core-hour, of which only the ratio counts"),
      gib_weight: worst("Price of a GiB-hour"),
    },
    better: "higher",
    target: { min: 0.4, max: null },
    scopes: "all",
    series: { metric: "efficiency_ratio", per: null },
    value: (inputs) => {
      const weighed = (kind: string): number =>
        (inputs["core_weight"] ?? 0) * (inputs[`${kind}_core_hours`] ?? 0) +
        (inputs["gib_weight"] ?? 0) * (inputs[`${kind}_gib_hours`] ?? 0);
      return ratio(weighed("used"), weighed("allocated"));
    },
    example: {
      inputs: {
        used_core_hours: 100,
        allocated_core_hours: 400,
        used_gib_hours: 900,
        allocated_gib_hours: 1_500,
        core_weight: 7.5,
        gib_weight: 1,
      },
      value: 1_650 / 4_500,
      words: "(7.5 × 100 + 900) / (7.5 × 400 + 1,500) = 1,650 / 4,500 = 36.7 %.",
    },
  },
];
