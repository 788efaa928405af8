// Which of PVE's own history is asked for, and what of an answer is kept.
import type { EntityId } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import { findMetric } from "../model/metrics.ts";
import type { Capabilities, RrdQuery, RrdRow } from "../pve/index.ts";
import type { Drops } from "./drops.ts";
import type { RowTarget } from "./row-target.ts";

/** One thing whose history is imported, timeframe by timeframe, finest first. */
export interface ImportSubject {
  readonly id: EntityId;
  readonly kind: "node" | "guest" | "storage";
  readonly where: Pick<RrdQuery, "node" | "guest" | "storage">;
}

export interface ImportStep {
  readonly subject: ImportSubject;
  readonly timeframe: RrdQuery["timeframe"];
  readonly stepS: number;
  /** In points of 60 s an average and a maximum are the same number; MAX is asked from 5 minutes on. */
  readonly withMax: boolean;
}

/** Progress in the store's marks: present when done; the value is the oldest moment that is now held, in ms. */
export const importMark = (id: EntityId, timeframe: string): string => `rrd/${id}/${timeframe}`;

/** Nodes first (few, and what a page shows at once), then storages, then guests; round by round from fine to coarse. */
export function importSteps(
  entities: readonly Entity[],
  capabilities: Capabilities,
  ownerOf: (storage: string) => string | undefined,
): ImportStep[] {
  const order = { node: 0, storage: 1, guest: 2 } as const;
  const subjects = entities
    .flatMap((entity) => subjectOf(entity, ownerOf))
    .sort((a, b) => order[a.kind] - order[b.kind]);
  const steps = subjects.flatMap((subject) =>
    (subject.kind === "node" ? capabilities.rrdOfNodes : capabilities.rrdOfOthers).map(
      ({ name, stepS }): ImportStep => ({ subject, timeframe: name, stepS, withMax: stepS >= 300 }),
    ),
  );
  return steps.sort((a, b) => a.stepS - b.stepS || order[a.subject.kind] - order[b.subject.kind]);
}

function subjectOf(entity: Entity, ownerOf: (storage: string) => string | undefined): ImportSubject[] {
  if (entity.goneAt !== null) return [];
  if (entity.kind === "node") return [{ id: entity.id, kind: "node", where: { node: entity.name } }];
  if (entity.kind === "guest") {
    return [
      { id: entity.id, kind: "guest", where: { node: entity.node, guest: { type: entity.type, vmid: entity.vmid } } },
    ];
  }
  if (entity.kind !== "storage") return [];
  const node = entity.node ?? ownerOf(entity.storage) ?? entity.nodes[0];
  return node === undefined ? [] : [{ id: entity.id, kind: "storage", where: { node, storage: entity.storage } }];
}

const pressure: Readonly<Record<string, string>> = {
  pressurecpusome: "psi_cpu_some_percent",
  pressureiosome: "psi_io_some_percent",
  pressureiofull: "psi_io_full_percent",
  pressurememorysome: "psi_memory_some_percent",
  pressurememoryfull: "psi_memory_full_percent",
};

/** rrddata's names → ours. Counters are already rates there. */
const names: Readonly<Record<ImportSubject["kind"], Readonly<Record<string, string>>>> = {
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
 * Adds the rows of one answer that end at or before `untilMs` (what is later is held finer already). Returns the oldest
 * moment added, in ms, or undefined. Rows that hold only their time are gaps and stay gaps. The width of a point is taken
 * from its neighbours, because an answer after an upgrade from 8 to 9 mixes old and new widths.
 */
export function addRrdRows(
  step: ImportStep,
  origin: "rrd-avg" | "rrd-max",
  rows: readonly RrdRow[],
  untilMs: number,
  target: RowTarget,
  drops: Drops,
): number | undefined {
  const { id, kind, where } = step.subject;
  const ordered = [...rows].sort((a, b) => a.time - b.time);
  const builder = target.builder(kind);
  let oldest: number | undefined;
  for (const [index, row] of ordered.entries()) {
    const ts = row.time * 1000;
    const fields = valuesOf(kind, where.guest?.type, row, drops);
    if (ts > untilMs || fields.length === 0) continue;
    const number = builder.row(id, ts, widthAt(ordered, index, step.stepS), origin, where.node);
    for (const [metric, value] of fields) builder.set(number, metric, value);
    oldest ??= ts;
  }
  return oldest;
}

function widthAt(rows: readonly RrdRow[], index: number, stepS: number): number {
  const time = rows[index]?.time ?? 0;
  const before = time - (rows[index - 1]?.time ?? Number.NEGATIVE_INFINITY);
  const after = (rows[index + 1]?.time ?? Number.POSITIVE_INFINITY) - time;
  // The nearer neighbour: rows that are missing altogether would make a point look wider than it is.
  const width = Math.min(before, after);
  return width > 0 && Number.isFinite(width) ? width : stepS;
}

function valuesOf(
  kind: ImportSubject["kind"],
  type: "qemu" | "lxc" | undefined,
  row: RrdRow,
  drops: Drops,
): [string, number][] {
  const values: [string, number][] = [];
  for (const [field, value] of Object.entries(row)) {
    const id = names[kind][field];
    // A VM's `disk` is always 0: PVE does not know it.
    if (id === undefined || (field === "disk" && type === "qemu")) continue;
    const metric = findMetric(kind, id);
    if (metric === undefined || value < metric.min || value > metric.max) drops.add("out of range");
    else values.push([id, value]);
  }
  // A storage that was not active is recorded with a size of 0.
  return kind === "storage" && !(row["total"] !== undefined && row["total"] > 0) ? [] : values;
}
