// The registry of key figures: each with formula, unit, target and a worked example. Document, API, page, command line and
// docs/reference/kpis.md are made from it. One more KPI is one entry here and its inputs in src/analyse/kpis.
import type { KpiInputs } from "./kpis.ts";

export type KpiUnit = "ratio" | "count" | "hours" | "seconds" | "minutes";

export interface KpiInput {
  readonly what: string;
  /** How several clusters' inputs become the fleet's. */
  readonly fleet: "sum" | "max";
}

export interface Kpi {
  readonly id: string;
  readonly title: string;
  readonly unit: KpiUnit;
  /** One sentence for people who decide. */
  readonly summary: string;
  /** By the inputs' names. */
  readonly formula: string;
  readonly inputs: Readonly<Record<string, KpiInput>>;
  readonly better: "higher" | "lower" | "between";
  /** null where only an organisation can say; `between` has both ends. */
  readonly target: { readonly min: number | null; readonly max: number | null } | null;
  /** Which scopes have it. */
  readonly scopes: "cluster" | "all";
  /** The stored series of the scope that shows its course: one metric, or one divided by another. */
  readonly series: { readonly metric: string; readonly per: string | null } | null;
  /** null where the inputs give no number (nothing to divide by). Every input is known when it is called. */
  value(inputs: Readonly<Record<string, number>>): number | null;
  /** What the value is about, for instance the resource that is most constrained. */
  readonly about?: (inputs: Readonly<Record<string, number>>) => string | null;
  readonly example: {
    readonly inputs: Readonly<Record<string, number>>;
    readonly value: number;
    readonly words: string;
  };
}

const sum = (what: string): KpiInput => ({ what, fleet: "sum" });
const worst = (what: string): KpiInput => ({ what, fleet: "max" });
const ratio = (part: number | undefined, whole: number | undefined): number | null =>
  part === undefined || whole === undefined || whole <= 0 ? null : part / whole;

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

const gib = 2 ** 30;

export const kpiCatalogue: readonly Kpi[] = [
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
  {
    id: "availability",
    title: "Availability",
    unit: "ratio",
    summary:
      "Share of the known time in which guests that should run did run. Unknown time and planned maintenance are left out.",
    formula: "up_hours / (up_hours + down_hours)",
    inputs: {
      up_hours: sum("Hours in which guests that should run ran"),
      down_hours: sum("Hours in which they did not, or their node was lost"),
    },
    better: "higher",
    target: { min: 0.999, max: null },
    scopes: "all",
    series: { metric: "availability_ratio", per: null },
    value: ({ up_hours: up = 0, down_hours: down = 0 }) => ratio(up, up + down),
    example: {
      inputs: { up_hours: 71_910, down_hours: 30 },
      value: 71_910 / 71_940,
      words: "100 guests, 720 hours, 60 of them unknown: 71,910 / 71,940 = 99.958 %.",
    },
  },
  {
    id: "error_budget",
    title: "Error budget left",
    unit: "ratio",
    summary: "How much of the downtime that the target allows is left; negative when it is overdrawn.",
    formula: "1 − down_hours / ((1 − target) × (up_hours + down_hours))",
    inputs: {
      up_hours: sum("As for availability"),
      down_hours: sum("As for availability"),
      target: worst("`analysis.availability_target` of the configuration"),
    },
    better: "higher",
    target: { min: 0, max: null },
    scopes: "all",
    series: null,
    value: ({ up_hours: up = 0, down_hours: down = 0, target = 1 }) => {
      const spent = ratio(down, (1 - target) * (up + down));
      return spent === null ? null : 1 - spent;
    },
    example: {
      inputs: { up_hours: 71_910, down_hours: 30, target: 0.999 },
      value: 1 - 30 / 71.94,
      words: "99.9 % of 71,940 hours allows 71.94 hours of downtime; 30 are spent, 58.3 % are left.",
    },
  },
  {
    id: "mttr",
    title: "Mean time to repair",
    unit: "hours",
    summary: "Mean length of the outages that ended in the window.",
    formula: "outage_hours / outages",
    inputs: {
      outage_hours: sum("Length of the outages that ended"),
      outages: sum("Outages of guests that ended"),
    },
    better: "lower",
    target: null,
    scopes: "all",
    series: null,
    value: ({ outage_hours: hours, outages }) => ratio(hours, outages),
    example: { inputs: { outage_hours: 6, outages: 4 }, value: 1.5, words: "Four outages of six hours together." },
  },
  {
    id: "mtbf",
    title: "Mean time between failures",
    unit: "hours",
    summary: "Hours that guests ran for each outage that began.",
    formula: "up_hours / failures",
    inputs: { up_hours: sum("As for availability"), failures: sum("Outages that began in the window") },
    better: "higher",
    target: null,
    scopes: "all",
    series: null,
    value: ({ up_hours: up, failures }) => ratio(up, failures),
    example: {
      inputs: { up_hours: 71_910, failures: 4 },
      value: 17_977.5,
      words: "71,910 hours of running, four outages.",
    },
  },
  {
    id: "backup_coverage",
    title: "Backup coverage",
    unit: "ratio",
    summary: "Guests whose newest successful backup is young enough, of all that must be protected.",
    formula: "protected_guests / guests_to_protect",
    inputs: {
      protected_guests: sum("Guests with a successful backup younger than `analysis.backup_max_age`"),
      guests_to_protect: sum("Guests that are no templates"),
    },
    better: "higher",
    target: { min: 1, max: null },
    scopes: "all",
    series: null,
    value: ({ protected_guests: safe, guests_to_protect: all }) => ratio(safe, all),
    example: {
      inputs: { protected_guests: 114, guests_to_protect: 120 },
      value: 0.95,
      words: "Six of 120 guests have no backup of the last 26 hours.",
    },
  },
  {
    id: "recoverability",
    title: "Verified backups",
    unit: "ratio",
    summary: "Guests with a backup of the last 30 days that was verified, of those that have a backup at all.",
    formula: "guests_with_verified_backup / guests_with_backup",
    inputs: {
      guests_with_verified_backup: sum("Guests whose newest backup is of the last 30 days and verified"),
      guests_with_backup: sum("Guests with a backup on a storage"),
    },
    better: "higher",
    target: { min: 0.9, max: null },
    scopes: "all",
    series: null,
    value: ({ guests_with_verified_backup: verified, guests_with_backup: all }) => ratio(verified, all),
    example: {
      inputs: { guests_with_verified_backup: 57, guests_with_backup: 114 },
      value: 0.5,
      words: "57 of 114 newest backups were verified.",
    },
  },
  {
    id: "release_posture",
    title: "Nodes up to date",
    unit: "ratio",
    summary:
      "Nodes on a release that Proxmox still supports that run the kernel they have installed. Pending updates are not read.",
    formula: "current_nodes / nodes",
    inputs: {
      current_nodes: sum("Nodes on a supported release without a kernel that waits for a restart"),
      nodes: sum("Nodes whose release is known"),
    },
    better: "higher",
    target: { min: 1, max: null },
    scopes: "cluster",
    series: null,
    value: ({ current_nodes: current, nodes }) => ratio(current, nodes),
    example: { inputs: { current_nodes: 5, nodes: 6 }, value: 5 / 6, words: "One of six nodes waits for a restart." },
  },
  {
    id: "data_coverage",
    title: "Data coverage",
    unit: "ratio",
    summary: "Share of the window for which the nodes' samples are there.",
    formula: "known_node_hours / node_hours",
    inputs: {
      known_node_hours: sum("Hours that samples of nodes stand for"),
      node_hours: sum("Nodes × hours of the window"),
    },
    better: "higher",
    target: { min: 0.95, max: null },
    scopes: "cluster",
    series: { metric: "coverage_ratio", per: null },
    value: ({ known_node_hours: known, node_hours: all }) => ratio(known, all),
    example: {
      inputs: { known_node_hours: 4_104, node_hours: 4_320 },
      value: 0.95,
      words: "Six nodes, 720 hours; 36 hours of each are missing.",
    },
  },
  {
    id: "backfilled",
    title: "Backfilled data",
    unit: "ratio",
    summary: "Share of the known time that is known only as averages of Proxmox VE's own history.",
    formula: "averaged_node_hours / known_node_hours",
    inputs: {
      averaged_node_hours: sum("Hours known as averages over minutes or half hours"),
      known_node_hours: sum("As for data coverage"),
    },
    better: "lower",
    target: null,
    scopes: "cluster",
    series: null,
    value: ({ averaged_node_hours: averaged, known_node_hours: known }) => ratio(averaged, known),
    example: {
      inputs: { averaged_node_hours: 2_052, known_node_hours: 4_104 },
      value: 0.5,
      words: "The first half of the window was imported.",
    },
  },
  {
    id: "staleness",
    title: "Age of data",
    unit: "seconds",
    summary:
      "95th percentile of the age of the newest sample of the nodes, over the last day. Of the fleet: the oldest.",
    formula: "95th percentile (nearest rank) of the 5-minute maxima of age_seconds",
    inputs: { staleness_p95_seconds: worst("The percentile itself") },
    better: "lower",
    target: { min: null, max: 60 },
    scopes: "cluster",
    series: null,
    value: ({ staleness_p95_seconds: age }) => age ?? null,
    example: {
      inputs: { staleness_p95_seconds: 21 },
      value: 21,
      words: "In 19 of 20 stretches nothing was older than 21 s.",
    },
  },
  {
    id: "unknown_memory",
    title: "Memory not measurable",
    unit: "ratio",
    summary:
      "Running guests of which no memory figure without their cache is known: what they need cannot be told from it.",
    formula: "guests_without_figure / running_guests",
    inputs: {
      guests_without_figure: sum("Running VMs whose guest agent does not tell of the memory inside"),
      running_guests: sum("Running guests"),
    },
    better: "lower",
    target: { min: null, max: 0.1 },
    scopes: "all",
    series: null,
    value: ({ guests_without_figure: unknown, running_guests: all }) => ratio(unknown, all),
    example: {
      inputs: { guests_without_figure: 30, running_guests: 100 },
      value: 0.3,
      words: "Thirty of a hundred guests are VMs without a guest agent that tells.",
    },
  },
];

export const findKpi = (id: string): Kpi | undefined => kpiCatalogue.find((kpi) => kpi.id === id);

export interface KpiValue {
  readonly value: number | null;
  readonly about: string | null;
}

/** The value of inputs that are all known; null as soon as one is not. */
export function kpiValue(kpi: Kpi, inputs: KpiInputs): KpiValue {
  const known: Record<string, number> = {};
  for (const name of Object.keys(kpi.inputs)) {
    const value = inputs[name];
    if (value === null || value === undefined) return { value: null, about: null };
    known[name] = value;
  }
  return { value: kpi.value(known), about: kpi.about?.(known) ?? null };
}
