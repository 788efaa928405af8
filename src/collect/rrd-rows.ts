// What is kept of an answer of PVE's own history.
import { findMetric, metricNumber } from "../model/metrics.ts";
import type { RrdRow } from "../pve/index.ts";
import type { Drops } from "./drops.ts";
import type { RowTarget } from "./row-target.ts";
import { hasOwnMaximum, type RrdStep, type RrdSubject, type RrdWindow } from "./rrd-step.ts";

const pressure: Readonly<Record<string, string>> = {
  pressurecpusome: "psi_cpu_some_percent",
  pressureiosome: "psi_io_some_percent",
  pressureiofull: "psi_io_full_percent",
  pressurememorysome: "psi_memory_some_percent",
  pressurememoryfull: "psi_memory_full_percent",
};

/** rrddata's names → ours. Counters are already rates there. */
const names: Readonly<Record<RrdSubject["kind"], Readonly<Record<string, string>>>> = {
  node: {
    cpu: "cpu_ratio",
    maxcpu: "cpu_count",
    iowait: "iowait_ratio",
    loadavg: "load_1m",
    memtotal: "mem_total_bytes",
    memused: "mem_used_bytes",
    memavailable: "mem_available_bytes",
    arcsize: "arc_size_bytes",
    swaptotal: "swap_total_bytes",
    swapused: "swap_used_bytes",
    roottotal: "root_total_bytes",
    rootused: "root_used_bytes",
    netin: "net_in_bytes_per_second",
    netout: "net_out_bytes_per_second",
    ...pressure,
  },
  guest: {
    cpu: "cpu_ratio",
    maxcpu: "cpu_count",
    mem: "mem_used_bytes",
    maxmem: "mem_total_bytes",
    memhost: "mem_host_bytes",
    disk: "disk_used_bytes",
    maxdisk: "disk_total_bytes",
    netin: "net_in_bytes_per_second",
    netout: "net_out_bytes_per_second",
    diskread: "disk_read_bytes_per_second",
    diskwrite: "disk_write_bytes_per_second",
    ...pressure,
    pressurecpufull: "psi_cpu_full_percent",
  },
  storage: { total: "total_bytes", used: "used_bytes" },
};

/**
 * Adds the rows of one answer that lie in the window. Returns the oldest moment added, in ms, or undefined. Rows that
 * hold only their time are gaps and stay gaps. The width of a point is taken from its neighbours, because an answer after
 * an upgrade from 8 to 9 mixes old and new widths.
 */
export function addRrdRows(
  step: RrdStep,
  origin: "rrd-avg" | "rrd-max",
  rows: readonly RrdRow[],
  { fromMs, toMs }: RrdWindow,
  target: RowTarget,
  drops: Drops,
): number | undefined {
  const { id, kind, where } = step.subject;
  const ordered = inOrder(rows);
  const builder = target.builder(kind);
  const wanted = where.guest?.type === "qemu" ? fieldsOfVms : fields[kind];
  let oldest: number | undefined;
  for (let index = 0; index < ordered.length; index++) {
    const row = ordered[index];
    const ts = (row?.time ?? 0) * 1000;
    if (row === undefined || ts <= fromMs || ts > toMs) continue;
    // A storage that was not active is recorded with a size of 0.
    if (kind === "storage" && !(row["total"] !== undefined && row["total"] > 0)) continue;
    const added = hasValues(row, wanted)
      ? builder.row(id, ts, widthAt(ordered, index, step.stepS), origin, where.node)
      : -1;
    for (const { name, number, min, max } of wanted) {
      const value = row[name];
      if (value === undefined) continue;
      if (value >= min && value <= max) builder.setNumbered(added, number, value);
      else drops.add("out of range");
    }
    if (added >= 0) oldest ??= ts;
  }
  return oldest;
}

/** True when points are so wide that their maximum says more than their average; `stepS` when there is but one. */
export function hasWidePoints(rows: readonly RrdRow[], stepS: number): boolean {
  const ordered = inOrder(rows);
  return ordered.some((_, index) => hasOwnMaximum(widthAt(ordered, index, stepS)));
}

/** PVE sorts by time; an answer that is not sorted is sorted here. */
function inOrder(rows: readonly RrdRow[]): readonly RrdRow[] {
  const isSorted = rows.every((row, index) => index === 0 || row.time >= (rows[index - 1]?.time ?? 0));
  return isSorted ? rows : [...rows].sort((a, b) => a.time - b.time);
}

/** Seconds that a point stands for. It ends at its time, so it reaches back to its predecessor, unless rows are missing. */
export function widthAt(rows: readonly RrdRow[], index: number, stepS: number): number {
  const before = distance(rows, index);
  // The last wide point before narrow ones: its predecessor was as wide.
  if (Number.isFinite(before) && before === distance(rows, index - 1)) return before;
  const width = Math.min(before, distance(rows, index + 1));
  return width > 0 && Number.isFinite(width) ? width : stepS;
}

/** From the row before to this one; infinite at the ends. */
const distance = (rows: readonly RrdRow[], index: number): number =>
  (rows[index]?.time ?? Number.POSITIVE_INFINITY) - (rows[index - 1]?.time ?? Number.NEGATIVE_INFINITY);

/** One of rrddata's fields: where it goes, and what it may be. */
interface Field {
  readonly name: string;
  readonly number: number;
  readonly min: number;
  readonly max: number;
}

const fields: Readonly<Record<RrdSubject["kind"], readonly Field[]>> = {
  node: fieldsOf("node"),
  guest: fieldsOf("guest"),
  storage: fieldsOf("storage"),
};
/** A VM's `disk` is always 0: PVE does not know it. */
const fieldsOfVms = fields.guest.filter(({ name }) => name !== "disk");

function fieldsOf(kind: RrdSubject["kind"]): readonly Field[] {
  return Object.entries(names[kind]).map(([name, id]) => {
    const metric = findMetric(kind, id);
    const number = metricNumber(kind, id);
    if (metric === undefined || number === undefined) throw new TypeError(`the catalogue has no metric ${kind}.${id}`);
    return { name, number, min: metric.min, max: metric.max };
  });
}

function hasValues(row: RrdRow, wanted: readonly Field[]): boolean {
  return wanted.some(({ name, min, max }) => {
    const value = row[name];
    return value !== undefined && value >= min && value <= max;
  });
}
