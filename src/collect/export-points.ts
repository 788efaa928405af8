// The points of `/cluster/metrics/export`, gathered into one sample per thing and moment.
// The answer is a flat list of { id, metric, timestamp, type, value }; a poll of 2,000 guests has over 20,000 of them, so
// this is the collector's hottest loop and works on arrays by position.
import { type Metric, metricsByKind } from "../model/metrics.ts";
import type { Drops } from "./drops.ts";

/** One thing at one moment. Its values begin at `offset` in `values`, by position in `layouts[kind]`; NaN means absent. */
export interface ExportSample {
  /** PVE's id, for instance "qemu/100" or "storage/pve1/local". */
  readonly id: string;
  readonly kind: "node" | "guest" | "storage";
  /** Milliseconds by the reporting node's clock. */
  readonly ts: number;
  readonly offset: number;
}

export interface GatheredPoints {
  /** In the order of time. */
  readonly samples: readonly ExportSample[];
  /** The values of all samples: thousands of small arrays would cost more than the arithmetic. */
  readonly values: Float64Array;
}

/** PVE's names → ours. */
const names: Readonly<Record<ExportSample["kind"], Readonly<Record<string, string>>>> = {
  node: {
    uptime: "uptime_seconds",
    cpu_avg1: "load_1m",
    cpu_avg5: "load_5m",
    cpu_avg15: "load_15m",
    cpu_max: "cpu_count",
    cpu_current: "cpu_ratio",
    cpu_iowait: "iowait_ratio",
    mem_total: "mem_total_bytes",
    mem_used: "mem_used_bytes",
    swap_total: "swap_total_bytes",
    swap_used: "swap_used_bytes",
    disk_total: "root_total_bytes",
    disk_used: "root_used_bytes",
    net_in: "net_in_bytes_total",
    net_out: "net_out_bytes_total",
  },
  guest: {
    uptime: "uptime_seconds",
    cpu_max: "cpu_count",
    cpu_current: "cpu_ratio",
    mem_total: "mem_total_bytes",
    mem_used: "mem_used_bytes",
    disk_total: "disk_total_bytes",
    disk_used: "disk_used_bytes",
    disk_read: "disk_read_bytes_total",
    disk_write: "disk_write_bytes_total",
    net_in: "net_in_bytes_total",
    net_out: "net_out_bytes_total",
  },
  storage: { disk_total: "total_bytes", disk_used: "used_bytes" },
};

/** The catalogue's metrics of each kind that the export can bring, by position. */
export const layouts: Readonly<Record<ExportSample["kind"], readonly Metric[]>> = {
  node: layoutOf("node"),
  guest: layoutOf("guest"),
  storage: layoutOf("storage"),
};

const positions = {
  node: positionsOf("node"),
  guest: positionsOf("guest"),
  storage: positionsOf("storage"),
};

const kindOfPrefix: Readonly<Record<string, ExportSample["kind"]>> = {
  node: "node",
  qemu: "guest",
  lxc: "guest",
  storage: "storage",
};

/** The position of a metric in its kind's layout; -1 when the export does not bring it. */
export function positionOf(kind: ExportSample["kind"], metric: string): number {
  return layouts[kind].findIndex((candidate) => candidate.id === metric);
}

/** Points that cannot be used are counted in `drops` and cost nothing else. */
export function gatherPoints(points: readonly unknown[], drops: Drops): GatheredPoints {
  const samples: ExportSample[] = [];
  const open = new Map<string, ExportSample>();
  let values = new Float64Array(2 * points.length).fill(Number.NaN);
  let used = 0;
  let lastId = "";
  let sample: ExportSample | undefined;
  for (const point of inOrder(points)) {
    const { id, metric, timestamp, value } = (point ?? {}) as Record<"id" | "metric" | "timestamp" | "value", unknown>;
    if (typeof id !== "string" || typeof metric !== "string" || !isTimestamp(timestamp)) {
      drops.add("malformed point");
      continue;
    }
    // A thing's points stand together: looking the same id up again and again would be half of the work.
    if (id !== lastId) {
      sample = open.get(id);
      lastId = id;
    }
    if (sample?.ts !== timestamp * 1000) {
      sample = begin(id, timestamp * 1000, used);
      if (sample !== undefined) {
        used += layouts[sample.kind].length;
        if (used > values.length) values = grown(values, 2 * used);
        open.set(id, sample);
        samples.push(sample);
      }
    }
    if (sample === undefined) drops.add("unknown kind");
    else setValue(values, sample, metric, value, drops);
  }
  return { samples, values };
}

function grown(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length).fill(Number.NaN);
  larger.set(values);
  return larger;
}

/** PVE sorts by time, which keeps the moments of one thing apart; an answer that is not sorted is sorted here. */
function inOrder(points: readonly unknown[]): readonly unknown[] {
  const timeOf = (point: unknown): number => Number((point as { timestamp?: unknown } | null)?.timestamp);
  let last = Number.NEGATIVE_INFINITY;
  for (const point of points) {
    const time = timeOf(point);
    if (time < last) return [...points].sort((a, b) => (timeOf(a) || 0) - (timeOf(b) || 0));
    last = time;
  }
  return points;
}

function begin(id: string, ts: number, offset: number): ExportSample | undefined {
  const kind = kindOfPrefix[id.slice(0, id.indexOf("/"))];
  return kind === undefined ? undefined : { id, kind, ts, offset };
}

function setValue(values: Float64Array, sample: ExportSample, name: string, raw: unknown, drops: Drops): void {
  const position = positions[sample.kind].get(name);
  if (position === undefined) {
    drops.add("unknown metric");
    return;
  }
  const value = typeof raw === "number" ? raw : typeof raw === "string" && raw !== "" ? Number(raw) : Number.NaN;
  const metric = layouts[sample.kind][position];
  if (metric === undefined || Number.isNaN(value)) drops.add("not a number");
  else if (value < metric.min || value > metric.max) drops.add("out of range");
  else values[sample.offset + position] = value;
}

/** Seconds since the epoch, after 2000 and before 2100: anything else is a fault, and would poison the marks. */
function isTimestamp(value: unknown): value is number {
  return typeof value === "number" && value > 946_684_800 && value < 4_102_444_800;
}

function layoutOf(kind: ExportSample["kind"]): readonly Metric[] {
  const wanted = new Set(Object.values(names[kind]));
  return metricsByKind[kind].filter((metric) => wanted.has(metric.id));
}

function positionsOf(kind: ExportSample["kind"]): ReadonlyMap<string, number> {
  return new Map(Object.entries(names[kind]).map(([name, metric]) => [name, positionOf(kind, metric)]));
}
