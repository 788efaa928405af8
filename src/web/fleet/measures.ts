// What an entity's numbers say: how full its CPU, memory and disk are, its traffic, and which of these deserve colour.
import { memSources } from "../../model/metrics.ts";
import type { FleetItem, GuestItem } from "./item.ts";

export type Level = "fine" | "high" | "full";

export interface Gauge {
  readonly ratio: number;
  readonly level: Level;
  /** Said in the tooltip: the numbers behind the bar and what they mean. */
  readonly detail: readonly [used: number, total: number] | null;
  readonly note: string | null;
  /** The number does not mean what its name says, so that it must not alarm. */
  readonly rough: boolean;
}

const highFrom = 0.8;
const fullFrom = 0.9;

export const levelOf = (ratio: number): Level => (ratio >= fullFrom ? "full" : ratio >= highFrom ? "high" : "fine");

export const metricOf = (item: FleetItem, metric: string): number | null => item.values[metric] ?? null;

function gauge(used: number | null, total: number | null, note: string | null = null, rough = false): Gauge | null {
  if (used === null || total === null || total <= 0) return null;
  const ratio = used / total;
  return { ratio, level: rough ? "fine" : levelOf(ratio), detail: [used, total], note, rough };
}

export const isRunning = (item: GuestItem): boolean =>
  !["stopped", "suspended"].includes(item.status) && !item.template;

/** Share of its own CPUs; null when it does not run or nothing is known. */
export function cpuOf(item: FleetItem): Gauge | null {
  const ratio = metricOf(item, "cpu_ratio");
  if (ratio === null || (item.kind === "guest" && !isRunning(item))) return null;
  const count = metricOf(item, "cpu_count");
  // A guest that uses all its CPUs works, which is no fault; a node that does makes others wait.
  return {
    ratio,
    level: item.kind === "guest" ? cpuLevelOfGuest(ratio) : levelOf(ratio),
    detail: count === null ? null : [ratio * count, count],
    note: null,
    rough: false,
  };
}

const cpuLevelOfGuest = (ratio: number): Level => (ratio >= highFrom ? "high" : "fine");

const memoryNotes: Readonly<Record<string, string>> = {
  guest: "reported by the guest (balloon driver)",
  host: "what the VM takes from its node; the guest does not report its own use",
  cgroup: "the container's cgroup",
  unknown: "PVE does not say how it was measured",
};

/** Memory in use. A VM that does not report its own use nearly always looks full from outside, so that number never alarms. */
export function memoryOf(item: FleetItem): Gauge | null {
  if (item.kind === "guest" && !isRunning(item)) return null;
  const used = metricOf(item, "mem_used_bytes");
  const total = metricOf(item, "mem_total_bytes");
  if (item.kind !== "guest") return gauge(used, total);
  const source = memSources[metricOf(item, "mem_source") ?? 0] ?? "unknown";
  return gauge(used, total, memoryNotes[source] ?? null, source === "host");
}

/** Node: root file system; container: its root file system; storage: itself; cluster: all its storages. PVE knows none for a VM. */
export function diskOf(item: FleetItem): Gauge | null {
  switch (item.kind) {
    case "node":
      return gauge(metricOf(item, "root_used_bytes"), metricOf(item, "root_total_bytes"), "root file system");
    case "guest":
      return gauge(metricOf(item, "disk_used_bytes"), metricOf(item, "disk_total_bytes"), "root file system");
    case "storage":
    case "cluster":
      return gauge(metricOf(item, "used_bytes"), metricOf(item, "total_bytes"));
  }
}

const sum = (first: number | null, second: number | null): number | null =>
  first === null && second === null ? null : (first ?? 0) + (second ?? 0);

export const networkOf = (item: FleetItem): number | null =>
  sum(metricOf(item, "net_in_bytes_per_second"), metricOf(item, "net_out_bytes_per_second"));

export const diskIoOf = (item: FleetItem): number | null =>
  sum(metricOf(item, "disk_read_bytes_per_second"), metricOf(item, "disk_write_bytes_per_second"));

export const uptimeOf = (item: FleetItem): number | null =>
  item.kind === "guest" && !isRunning(item) ? null : metricOf(item, "uptime_seconds");

/** The fullest of an entity's bars, for a screen with room for one. Rough numbers count last. */
export function worstOf(item: FleetItem): { readonly label: string; readonly gauge: Gauge } | null {
  const bars = [
    { label: "CPU", gauge: cpuOf(item) },
    { label: "memory", gauge: memoryOf(item) },
    { label: item.kind === "storage" ? "used" : "disk", gauge: diskOf(item) },
  ].filter((bar): bar is { label: string; gauge: Gauge } => bar.gauge !== null);
  bars.sort((a, b) => Number(a.gauge.rough) - Number(b.gauge.rough) || b.gauge.ratio - a.gauge.ratio);
  return bars[0] ?? null;
}
