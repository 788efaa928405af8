// The metric catalogue: every number Pilothouse keeps, with its unit and range. Tables, API, sinks and reference pages
// are made from it. One more metric is one line here; the store adds the column by itself.
import type { EntityKind } from "./ids.ts";

export type Unit =
  | "ratio"
  | "count"
  | "bytes"
  | "bytes_per_second"
  | "seconds"
  | "percent"
  | "celsius"
  | "boolean"
  | "enum"
  | "load"
  /** Amounts of money per hour; the currency is the cluster's (its cost documents say which). */
  | "currency_per_hour";
/** A gauge is a value at a moment; a counter only grows until it is reset; a rate is a counter's growth per second. */
export type MetricType = "gauge" | "counter" | "rate";
export type Aggregation = "avg" | "min" | "max" | "last" | "sum";

/**
 * How values are counted into bins for percentiles over long ranges. linear: bins of one width, in the metric's unit.
 * log: 2^bits bins between a power of two and the next, so a bin is at most 2^-bits of its value wide.
 */
export type HistogramBins =
  | { readonly scale: "linear"; readonly width: number }
  | { readonly scale: "log"; readonly bits: number };

export interface Metric {
  /** snake_case with the unit in the name; unique within its kind. */
  readonly id: string;
  readonly kind: EntityKind;
  readonly unit: Unit;
  readonly type: MetricType;
  readonly summary: string;
  /** Values outside are a measuring fault and are dropped and counted. */
  readonly min: number;
  readonly max: number;
  /** The aggregation a graph uses when none is asked for. */
  readonly defaultAggregation: Aggregation;
  /** Null where a percentile means nothing: flags, sizes that are set by hand, counters. */
  readonly histogramBins: HistogramBins | null;
}

export type MetricId = string;

/** Where a guest's `mem_used_bytes` comes from: the three are not comparable (see docs/reference/metrics.md). */
export const memSources = ["unknown", "guest", "host", "cgroup"] as const;
export type MemSource = (typeof memSources)[number];

const exabyte = 2 ** 60;
/** 400 Gbit/s: above it no network card is that fast and the reading is suspect. */
const maxNetBytesPerSecond = 5e10;
const maxDiskBytesPerSecond = 1e11;

type Line = readonly [id: string, unit: Unit, summary: string, max?: number, aggregation?: Aggregation];

const psi: readonly Line[] = [
  ["psi_cpu_some_percent", "percent", "Time some task waited for CPU (PSI avg10)", 100],
  ["psi_io_some_percent", "percent", "Time some task waited for I/O (PSI avg10)", 100],
  ["psi_io_full_percent", "percent", "Time all tasks waited for I/O (PSI avg10)", 100],
  ["psi_memory_some_percent", "percent", "Time some task waited for memory (PSI avg10)", 100],
  ["psi_memory_full_percent", "percent", "Time all tasks waited for memory (PSI avg10)", 100],
];

const gauges: Readonly<Record<EntityKind, readonly Line[]>> = {
  cluster: [
    ["nodes_online", "count", "Nodes that corosync sees", 1e5],
    ["nodes_total", "count", "Nodes that are configured", 1e5],
    ["quorate", "boolean", "1 while the cluster has quorum", 1, "min"],
    ["guests_running", "count", "Guests that run", 1e7],
    ["guests_total", "count", "Guests, templates left out", 1e7],
    ["ceph_raw_total_bytes", "bytes", "Raw capacity of Ceph", exabyte, "last"],
    ["ceph_raw_used_bytes", "bytes", "Raw capacity of Ceph in use", exabyte],
    ["ceph_raw_available_bytes", "bytes", "Raw capacity of Ceph that is left", exabyte],
    ["ceph_stored_bytes", "bytes", "Data stored in Ceph, without its replicas", exabyte],
  ],
  node: [
    ["cpu_ratio", "ratio", "CPU in use, as a share of the node's threads", 1.5],
    ["cpu_count", "count", "Threads of the node", 1e5, "last"],
    ["iowait_ratio", "ratio", "Share of CPU time spent waiting for I/O", 1.5],
    ["load_1m", "load", "Load average over one minute", 1e6],
    ["load_5m", "load", "Load average over five minutes", 1e6],
    ["load_15m", "load", "Load average over fifteen minutes", 1e6],
    ["mem_total_bytes", "bytes", "Memory of the node", exabyte, "last"],
    ["mem_used_bytes", "bytes", "Memory in use (total less available; ZFS ARC counts as used)", exabyte],
    ["mem_available_bytes", "bytes", "Memory that programs can get without swapping", exabyte],
    ["arc_size_bytes", "bytes", "ZFS ARC", exabyte],
    ["arc_min_bytes", "bytes", "Least that the ZFS ARC keeps (only where nodes push)", exabyte, "last"],
    ["arc_max_bytes", "bytes", "Most that the ZFS ARC takes (only where nodes push)", exabyte, "last"],
    ["swap_total_bytes", "bytes", "Swap space", exabyte, "last"],
    ["swap_used_bytes", "bytes", "Swap space in use", exabyte],
    ["root_total_bytes", "bytes", "Root file system", exabyte, "last"],
    ["root_used_bytes", "bytes", "Root file system in use", exabyte],
    ["uptime_seconds", "seconds", "Time since the node was started", 1e10, "last"],
    ["ksm_shared_bytes", "bytes", "Memory saved by KSM; it comes back when guests move", exabyte],
    ...psi,
  ],
  guest: [
    ["running", "boolean", "1 while the guest runs", 1, "last"],
    ["cpu_ratio", "ratio", "CPU in use, as a share of the guest's own CPUs (may pass 1)", 1e3],
    ["cpu_count", "count", "CPUs of the guest (may be a fraction for containers)", 1e5, "last"],
    ["mem_total_bytes", "bytes", "Memory given to the guest", exabyte, "last"],
    ["mem_used_bytes", "bytes", "Memory in use as PVE reports it; what it means is in mem_source", exabyte],
    ["mem_host_bytes", "bytes", "Memory the guest costs its node (PVE 9)", exabyte],
    ["mem_source", "enum", "Where mem_used_bytes comes from: 0 unknown, 1 guest, 2 host, 3 cgroup", 3, "last"],
    ["disk_total_bytes", "bytes", "VM: its boot disk only; container: its root file system", exabyte, "last"],
    ["disk_used_bytes", "bytes", "Root file system in use (containers only)", exabyte],
    ["uptime_seconds", "seconds", "Age of the guest's process (falls at start and at live migration)", 1e10, "last"],
    ...psi,
    ["psi_cpu_full_percent", "percent", "Time all tasks waited for CPU (PSI avg10)", 100],
    ["backup_age_seconds", "seconds", "Age of the newest backup on any storage", 1e10, "last"],
    ["fs_total_bytes", "bytes", "File systems inside the guest, all together (guest agent)", exabyte, "last"],
    ["fs_used_bytes", "bytes", "File systems inside the guest, in use (guest agent)", exabyte],
    ["guest_mem_total_bytes", "bytes", "Memory as the guest sees it (guest agent, /proc/meminfo)", exabyte, "last"],
    [
      "guest_mem_available_bytes",
      "bytes",
      "Memory the guest could still take, its cache included (guest agent)",
      exabyte,
    ],
  ],
  storage: [
    ["total_bytes", "bytes", "Size", exabyte, "last"],
    ["used_bytes", "bytes", "In use", exabyte],
  ],
  target: [
    ["up", "boolean", "1 when the target answered this poll", 1, "min"],
    ["age_seconds", "seconds", "Age of the newest sample held from the target", 1e10, "max"],
    ["duration_seconds", "seconds", "Time the target took to answer", 1e6],
    ["received_bytes", "bytes", "Bytes the answer had on the wire", exabyte],
    ["clock_skew_seconds", "seconds", "The target's clock less ours", 1e10],
  ],
  disk: [
    ["temperature_celsius", "celsius", "Temperature by SMART", 200, "max"],
    ["wear_percent", "percent", "Life used up by writing (SSD)", 255, "last"],
    ["power_on_seconds", "seconds", "Time the disk has been on", 1e10, "last"],
    ["reallocated_sectors", "count", "Sectors moved because they failed", 1e12, "last"],
    ["pending_sectors", "count", "Sectors that could not be read and wait", 1e12, "last"],
    ["media_errors", "count", "Errors of the medium (NVMe) or uncorrectable sectors", 1e15, "last"],
    ["reported_uncorrectable", "count", "Reads the disk gave up and told the host (SMART 187)", 1e12, "last"],
    ["command_timeouts", "count", "Commands given up because the disk did not answer (SMART 188)", 1e12, "last"],
    ["offline_uncorrectable", "count", "Sectors the disk's own test could not read (SMART 198)", 1e12, "last"],
    ["spare_percent", "percent", "Spare blocks that are left (NVMe)", 100, "last"],
  ],
  pool: [
    ["total_bytes", "bytes", "Size; for a Ceph pool stored plus what can still be stored", exabyte, "last"],
    ["used_bytes", "bytes", "In use; for a Ceph pool all replicas together", exabyte],
    ["available_bytes", "bytes", "What is left", exabyte],
    ["fragmentation_percent", "percent", "Fragmentation of the free space (ZFS)", 100, "last"],
    ["metadata_used_percent", "percent", "Metadata in use (LVM thin pool)", 100, "last"],
  ],
  // Computed by analysis, hour by hour or day by day; see src/analyse/jobs.
  scope: [
    ["guests_running", "count", "Guests of the scope that run", 1e7],
    ["cpu_usable_cores", "count", "Cores that guests may use: total less the N+1 reserve and the hosts' own", 1e7],
    ["cpu_demand_cores", "count", "Cores that are in use", 1e7],
    ["cpu_allocated_cores", "count", "Cores given to running guests", 1e7],
    ["mem_usable_bytes", "bytes", "Memory that guests may use: total less the N+1 reserve and the hosts' own", exabyte],
    ["mem_demand_bytes", "bytes", "Memory that is in use, without what the ZFS ARC would give back", exabyte],
    ["mem_allocated_bytes", "bytes", "Memory given to running guests", exabyte],
    ["storage_usable_bytes", "bytes", "Storage that may be filled, each backing once", exabyte],
    ["storage_used_bytes", "bytes", "Storage in use, each backing once", exabyte],
    ["efficiency_ratio", "ratio", "Used of what is allocated, weighted by cost", 1e3],
    ["availability_ratio", "ratio", "Share of the known time in which what should run ran", 1],
    ["coverage_ratio", "ratio", "Share of the time that is known", 1],
    ["cpu_remaining_cores", "count", "Cores that are usable and not needed in the next three days", 1e7],
    ["mem_remaining_bytes", "bytes", "Memory that is usable and not needed in the next three days", exabyte],
    ["storage_remaining_bytes", "bytes", "Storage that may still be filled", exabyte],
    ["cpu_seconds_until_full", "seconds", "Time until CPU runs short, by the upper end of its forecast", 1e10],
    ["mem_seconds_until_full", "seconds", "Time until memory runs short, by the upper end of its forecast", 1e10],
    ["storage_seconds_until_full", "seconds", "Time until storage is full, by the upper end of its forecast", 1e10],
    ["guests_remaining", "count", "Guests of the average size that still fit", 1e7],
    ["nodes_may_fail", "count", "Nodes whose loss strands no guest", 1e5],
    ["nodes_judged", "count", "Nodes that were judged for it", 1e5],
    ["cost_per_hour", "currency_per_hour", "Cost, mean of a closed day, in the currency of the cluster", 1e12],
  ],
};

/** A counter `x_bytes_total` always has its rate `x_bytes_per_second` beside it. */
const counters: Readonly<
  Partial<Record<EntityKind, readonly (readonly [stem: string, summary: string, maxRate: number])[]>>
> = {
  node: [
    ["net_in", "Received by the physical network cards", maxNetBytesPerSecond],
    ["net_out", "Sent by the physical network cards", maxNetBytesPerSecond],
  ],
  guest: [
    ["net_in", "Received by the guest", maxNetBytesPerSecond],
    ["net_out", "Sent by the guest", maxNetBytesPerSecond],
    ["disk_read", "Read by the guest", maxDiskBytesPerSecond],
    ["disk_write", "Written by the guest", maxDiskBytesPerSecond],
  ],
};

/** By unit: half a percent of a ratio, 1.6 % of a number of bytes. What is only ever shown as its last value has none. */
function binsOf(unit: Unit, aggregation: Aggregation): HistogramBins | null {
  if (aggregation === "last" || aggregation === "min") return null;
  switch (unit) {
    case "ratio":
      return { scale: "linear", width: 0.005 };
    case "percent":
    case "celsius":
      return { scale: "linear", width: 0.5 };
    case "count":
      return { scale: "linear", width: 1 };
    case "bytes":
      return { scale: "log", bits: 6 };
    case "load":
    case "seconds":
    case "currency_per_hour":
      return { scale: "log", bits: 5 };
    case "bytes_per_second":
      return { scale: "log", bits: 4 };
    case "boolean":
    case "enum":
      return null;
  }
}

function gaugeMetric(kind: EntityKind, [id, unit, summary, max = exabyte, defaultAggregation = "avg"]: Line): Metric {
  const min = id === "clock_skew_seconds" ? -max : 0;
  const histogramBins = id === "clock_skew_seconds" ? null : binsOf(unit, defaultAggregation);
  return { id, kind, unit, type: "gauge", summary, min, max, defaultAggregation, histogramBins };
}

function counterMetrics(kind: EntityKind): Metric[] {
  return (counters[kind] ?? []).flatMap(([stem, summary, maxRate]): Metric[] => [
    {
      id: `${stem}_bytes_total`,
      kind,
      unit: "bytes",
      type: "counter",
      summary: `${summary}, since its process began`,
      min: 0,
      max: Number.MAX_VALUE,
      defaultAggregation: "last",
      histogramBins: null,
    },
    {
      id: `${stem}_bytes_per_second`,
      kind,
      unit: "bytes_per_second",
      type: "rate",
      summary: `${summary}, per second`,
      min: 0,
      max: maxRate,
      defaultAggregation: "avg",
      histogramBins: binsOf("bytes_per_second", "avg"),
    },
  ]);
}

const metricsOf = (kind: EntityKind): readonly Metric[] => [
  ...gauges[kind].map((line) => gaugeMetric(kind, line)),
  ...counterMetrics(kind),
];

export const metricsByKind: Readonly<Record<EntityKind, readonly Metric[]>> = {
  cluster: metricsOf("cluster"),
  node: metricsOf("node"),
  guest: metricsOf("guest"),
  storage: metricsOf("storage"),
  target: metricsOf("target"),
  disk: metricsOf("disk"),
  pool: metricsOf("pool"),
  scope: metricsOf("scope"),
};

const index = new Map(
  Object.values(metricsByKind).flatMap((list) =>
    list.map((metric) => [`${metric.kind}.${metric.id}`, metric] as const),
  ),
);

export function findMetric(kind: EntityKind, id: MetricId): Metric | undefined {
  return index.get(`${kind}.${id}`);
}

const numbers: Readonly<Record<EntityKind, ReadonlyMap<MetricId, number>>> = {
  cluster: numbersOf("cluster"),
  node: numbersOf("node"),
  guest: numbersOf("guest"),
  storage: numbersOf("storage"),
  target: numbersOf("target"),
  disk: numbersOf("disk"),
  pool: numbersOf("pool"),
  scope: numbersOf("scope"),
};

function numbersOf(kind: EntityKind): ReadonlyMap<MetricId, number> {
  return new Map(metricsByKind[kind].map((metric, number) => [metric.id, number]));
}

/** The metric's position in its kind's list. Only for use within one process: it changes when metrics are added. */
export const metricNumber = (kind: EntityKind, id: MetricId): number | undefined => numbers[kind].get(id);
