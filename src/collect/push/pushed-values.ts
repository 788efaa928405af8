// A pushed sample → the metrics of the catalogue. What the export would say of the same moment comes out the same
// (PVE fills both from one measurement); what only a push has comes on top: ARC, available memory, pressure.
import type { MetricId } from "../../model/metrics.ts";
import type { FieldValue } from "./line-protocol.ts";
import type { Nic, PushedSample } from "./pushed-sample.ts";

export type Values = ReadonlyMap<MetricId, number>;

/**
 * null: something is missing that PVE always sends, because the sample was cut in two between two bodies. Then it is
 * left to the polls, which have it whole.
 */
export function valuesOf(sample: PushedSample): Values | null {
  switch (sample.kind) {
    case "node":
      return nodeValues(sample);
    case "qemu":
    case "lxc":
      return guestValues(sample);
    case "storage":
      return complete(take(sample.fields, storageNames), ["total_bytes", "used_bytes"]);
  }
}

type Names = readonly (readonly [field: string, metric: MetricId])[];

const storageNames: Names = [
  ["total", "total_bytes"],
  ["used", "used_bytes"],
];

const nodeNames: Names = [
  ["uptime", "uptime_seconds"],
  ["cpustat_avg1", "load_1m"],
  ["cpustat_avg5", "load_5m"],
  ["cpustat_avg15", "load_15m"],
  ["cpustat_cpus", "cpu_count"],
  ["cpustat_cpu", "cpu_ratio"],
  ["cpustat_wait", "iowait_ratio"],
  ["memory_memtotal", "mem_total_bytes"],
  ["memory_memused", "mem_used_bytes"],
  ["memory_memavailable", "mem_available_bytes"],
  ["memory_swaptotal", "swap_total_bytes"],
  ["memory_swapused", "swap_used_bytes"],
  ["blockstat_blocks", "root_total_bytes"],
];
const nodeNeeds = ["uptime_seconds", "cpu_ratio", "mem_total_bytes", "mem_used_bytes", "root_total_bytes"];

const arcNames: Names = [
  ["memory_arcsize", "arc_size_bytes"],
  ["memory_arcmin", "arc_min_bytes"],
  ["memory_arcmax", "arc_max_bytes"],
];

function nodeValues({ fields, nics }: PushedSample): Values | null {
  const values = take(fields, nodeNames);
  const [blocks, free] = [fields.get("blockstat_blocks"), fields.get("blockstat_bfree")];
  // `used` of df leaves out what is reserved for root; the export counts it, and so do we.
  if (typeof blocks === "number" && typeof free === "number") values.set("root_used_bytes", blocks - free);
  // Without ZFS all three are 0, and there is no ARC that could be empty.
  if (fields.get("memory_arcmax") !== 0)
    for (const [metric, value] of take(fields, arcNames)) values.set(metric, value);
  addNics(nics, values);
  return complete(values, nodeNeeds);
}

/** Names of network cards as PVE tells them from bridges where it does not say it. */
const physicalName = /^(eth\d+|en[^:.]+|ib[^:.]+|(nic|if)\d+)$/;

function addNics(nics: ReadonlyMap<string, Nic>, values: Map<MetricId, number>): void {
  const physical = [...nics].filter(([name, nic]) => nic.isPhysical ?? physicalName.test(name));
  if (physical.length === 0) return;
  const sum = (field: "receive" | "transmit"): number =>
    physical.reduce((bytes, [, nic]) => bytes + (nic[field] ?? Number.NaN), 0);
  // A card that one line forgot would make the counter fall: then there is none.
  const [received, sent] = [sum("receive"), sum("transmit")];
  if (Number.isFinite(received)) values.set("net_in_bytes_total", received);
  if (Number.isFinite(sent)) values.set("net_out_bytes_total", sent);
}

const fixedNames: Names = [
  ["uptime", "uptime_seconds"],
  ["cpus", "cpu_count"],
  ["maxmem", "mem_total_bytes"],
  ["maxdisk", "disk_total_bytes"],
];
const runningNames: Names = [
  ["cpu", "cpu_ratio"],
  ["mem", "mem_used_bytes"],
  ["diskread", "disk_read_bytes_total"],
  ["diskwrite", "disk_write_bytes_total"],
  ["netin", "net_in_bytes_total"],
  ["netout", "net_out_bytes_total"],
  ["pressurecpusome", "psi_cpu_some_percent"],
  ["pressurecpufull", "psi_cpu_full_percent"],
  ["pressureiosome", "psi_io_some_percent"],
  ["pressureiofull", "psi_io_full_percent"],
  ["pressurememorysome", "psi_memory_some_percent"],
  ["pressurememoryfull", "psi_memory_full_percent"],
];
const typeNames: Readonly<Record<"qemu" | "lxc", Names>> = {
  qemu: [["memhost", "mem_host_bytes"]],
  lxc: [["disk", "disk_used_bytes"]],
};
const fixedNeeds = fixedNames.map(([, metric]) => metric);
/** Not the disk's: QEMU that is busy leaves them out. */
const runningNeeds = [...fixedNeeds, "cpu_ratio", "mem_used_bytes", "net_in_bytes_total", "net_out_bytes_total"];

function guestValues({ kind, fields }: PushedSample): Values | null {
  const values = take(fields, fixedNames);
  const running = isRunning(fields);
  values.set("running", running ? 1 : 0);
  if (!running) return complete(values, fixedNeeds);
  const names = [...runningNames, ...typeNames[kind === "lxc" ? "lxc" : "qemu"]];
  for (const [metric, value] of take(fields, names)) values.set(metric, value);
  return complete(values, runningNeeds);
}

/** OpenTelemetry has no texts, and so no status; what is stopped has an age of 0. */
function isRunning(fields: ReadonlyMap<string, FieldValue>): boolean {
  const status = fields.get("status");
  return typeof status === "string" ? status === "running" : Number(fields.get("uptime") ?? 0) > 0;
}

function take(fields: ReadonlyMap<string, FieldValue>, names: Names): Map<MetricId, number> {
  const values = new Map<MetricId, number>();
  for (const [field, metric] of names) {
    const value = fields.get(field);
    if (typeof value === "number") values.set(metric, value);
  }
  return values;
}

const complete = (values: Values, needs: readonly MetricId[]): Values | null =>
  needs.every((metric) => values.has(metric)) ? values : null;
