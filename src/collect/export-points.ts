// The points of `/cluster/metrics/export`, gathered into one sample per thing and moment.
// A poll of 2,000 guests has over 20,000 points, so this is the collector's hottest loop and works on columns by position.
import { freeBuffers } from "../lib/free-buffer.ts";
import { type Metric, metricsByKind } from "../model/metrics.ts";
import type { ExportPoints } from "../pve/index.ts";
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

/** What the catalogue lets a metric be, by position. */
const ranges = { node: rangesOf("node"), guest: rangesOf("guest"), storage: rangesOf("storage") };

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
export function gatherPoints(answer: ExportPoints, drops: Drops): GatheredPoints {
  const points = inOrder(answer);
  const { length, ids, idIndex, metricIndex, timestampS, value } = points;
  const samples: ExportSample[] = [];
  const kinds = ids.map(kindOf);
  const positionsIn = positionsByKind(points.metrics);
  const open: (ExportSample | undefined)[] = new Array<undefined>(ids.length).fill(undefined);
  let values = new Float64Array(2 * length).fill(Number.NaN);
  let used = 0;
  drops.add("malformed point", points.malformed);
  for (let point = 0; point < length; point++) {
    const timestamp = timestampS[point] ?? Number.NaN;
    if (!isTimestamp(timestamp)) {
      drops.add("malformed point");
      continue;
    }
    const number = idIndex[point] ?? 0;
    const kind = kinds[number];
    if (kind === undefined) {
      drops.add("unknown kind");
      continue;
    }
    let sample = open[number];
    if (sample?.ts !== timestamp * 1000) {
      sample = { id: ids[number] ?? "", kind, ts: timestamp * 1000, offset: used };
      used += layouts[kind].length;
      if (used > values.length) values = grown(values, 2 * used);
      open[number] = sample;
      samples.push(sample);
    }
    const position = positionsIn[kind][metricIndex[point] ?? 0] ?? -1;
    const reading = value[point] ?? Number.NaN;
    const { min, max } = ranges[kind];
    // Outside is also what is no number, and a metric without a position: a comparison with either is false.
    if (reading >= (min[position] ?? Number.NaN) && reading <= (max[position] ?? Number.NaN)) {
      values[sample.offset + position] = reading;
    } else drops.add(whyNot(position, reading));
  }
  return { samples, values };
}

function grown(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length).fill(Number.NaN);
  larger.set(values);
  freeBuffers(values);
  return larger;
}

/** PVE sorts by time, which keeps the moments of one thing apart; an answer that is not sorted is sorted here. */
function inOrder(points: ExportPoints): ExportPoints {
  const { length, timestampS } = points;
  let last = Number.NEGATIVE_INFINITY;
  for (let point = 0; point < length; point++) {
    const time = timestampS[point] ?? 0;
    if (time < last) return sortedByTime(points);
    last = time;
  }
  return points;
}

function sortedByTime(points: ExportPoints): ExportPoints {
  const { timestampS, idIndex, metricIndex, value } = points;
  const order = Uint32Array.from(timestampS, (_, point) => point).sort(
    (a, b) => (timestampS[a] ?? 0) - (timestampS[b] ?? 0),
  );
  return {
    ...points,
    idIndex: Uint32Array.from(order, (point) => idIndex[point] ?? 0),
    metricIndex: Uint32Array.from(order, (point) => metricIndex[point] ?? 0),
    timestampS: Float64Array.from(order, (point) => timestampS[point] ?? 0),
    value: Float64Array.from(order, (point) => value[point] ?? Number.NaN),
  };
}

const kindOf = (id: string): ExportSample["kind"] | undefined => kindOfPrefix[id.slice(0, id.indexOf("/"))];

/** For each kind the positions of these metrics in its layout; undefined where it has none. */
function positionsByKind(
  metrics: readonly string[],
): Readonly<Record<ExportSample["kind"], readonly (number | undefined)[]>> {
  const of = (kind: ExportSample["kind"]): (number | undefined)[] =>
    metrics.map((metric) => positions[kind].get(metric));
  return { node: of("node"), guest: of("guest"), storage: of("storage") };
}

function whyNot(position: number, value: number): string {
  if (position < 0) return "unknown metric";
  return Number.isNaN(value) ? "not a number" : "out of range";
}

/** Seconds since the epoch, after 2000 and before 2100: anything else is a fault, and would poison the marks. */
const isTimestamp = (value: number): boolean => value > 946_684_800 && value < 4_102_444_800;

function layoutOf(kind: ExportSample["kind"]): readonly Metric[] {
  const wanted = new Set(Object.values(names[kind]));
  return metricsByKind[kind].filter((metric) => wanted.has(metric.id));
}

function positionsOf(kind: ExportSample["kind"]): ReadonlyMap<string, number> {
  return new Map(Object.entries(names[kind]).map(([name, metric]) => [name, positionOf(kind, metric)]));
}

function rangesOf(kind: ExportSample["kind"]): { readonly min: Float64Array; readonly max: Float64Array } {
  return {
    min: Float64Array.from(layouts[kind], ({ min }) => min),
    max: Float64Array.from(layouts[kind], ({ max }) => max),
  };
}
