// What one node's `metrics/export` becomes: rows with rates, each sample once.
// Every node has a mark of its own (the newest sample that is held from it). One mark for the whole cluster would skip,
// for ever, the interval in which a single node did not answer.
import type { EntityId } from "../model/ids.ts";
import { findMetric, type MemSource, memSources } from "../model/metrics.ts";
import type { Drops } from "./drops.ts";
import { type ExportSample, layouts, positionOf } from "./export-points.ts";
import type { RateTracker } from "./rates.ts";
import type { RowTarget } from "./row-target.ts";

export interface GuestFacts {
  readonly id: EntityId;
  readonly memSource: MemSource;
  /** From the listing, which has it and the export does not. */
  readonly memHostBytes: number | undefined;
}

/** What the cluster's listing knows and an export does not say. */
export interface ExportFacts {
  nodeId(node: string): EntityId;
  guest(vmid: number, type: "qemu" | "lxc"): GuestFacts;
  /** null: another node reports this shared storage, which is counted once. */
  storageId(node: string, storage: string): EntityId | null;
  /** Before pve-manager 8.3.4 the iowait of the export is a wrong, cumulative value. */
  readonly iowaitTrusted: boolean;
}

/** pvestatd's period, and so the resolution of the export. */
export const exportStepS = 10;

interface CounterLayout {
  readonly positions: readonly number[];
  readonly rateMetrics: readonly string[];
  readonly maxRates: readonly number[];
  readonly uptime: number;
}

const counterLayouts = {
  node: counterLayout("node"),
  guest: counterLayout("guest"),
  storage: counterLayout("storage"),
};
const guestCpu = positionOf("guest", "cpu_ratio");
const nodeIowait = positionOf("node", "iowait_ratio");
const storageTotal = positionOf("storage", "total_bytes");

export class NodeIntake {
  readonly node: string;
  readonly #rates: RateTracker;
  readonly #drops: Drops;
  /** Newest moment taken, by PVE id: a node's subsystems are measured seconds apart within one generation. */
  readonly #taken = new Map<string, number>();
  readonly #floor: number;
  #mark: number;

  /** `mark`: newest sample already held, in ms; 0 for a node never seen. */
  constructor(node: string, mark: number, rates: RateTracker, drops: Drops) {
    this.node = node;
    this.#floor = mark;
    this.#mark = mark;
    this.#rates = rates;
    this.#drops = drops;
  }

  /** The newest sample taken so far, in ms. */
  get mark(): number {
    return this.#mark;
  }

  /** Adds what is new in `samples` (in order of time) to the batch; returns the number of rows. */
  take(samples: readonly ExportSample[], facts: ExportFacts, target: RowTarget): number {
    const before = target.rows;
    const newest = newestOf(samples);
    for (const sample of samples) this.#takeOne(sample, sample.ts === newest.get(sample.id), facts, target);
    target.marks[markKey(this.node)] = this.#mark;
    return target.rows - before;
  }

  #takeOne(sample: ExportSample, isNewest: boolean, facts: ExportFacts, target: RowTarget): void {
    const id = this.#entityId(sample, facts);
    const rates = id === null ? [] : this.#ratesOf(id, sample);
    // What is held already still served as the base line of the next rate; it must not be stored a second time.
    if (sample.ts <= (this.#taken.get(sample.id) ?? this.#floor)) return;
    this.#taken.set(sample.id, sample.ts);
    this.#mark = Math.max(this.#mark, sample.ts);
    if (id === null) return;
    const builder = target.builder(sample.kind);
    const row = builder.row(id, sample.ts, exportStepS, "export", this.node);
    const layout = layouts[sample.kind];
    for (let position = 0; position < layout.length; position++) {
      const value = sample.values[position];
      const metric = layout[position];
      if (value === undefined || metric === undefined || Number.isNaN(value) || isUntrusted(sample, position, facts))
        continue;
      builder.set(row, metric.id, value);
    }
    for (const [position, metric] of counterLayouts[sample.kind].rateMetrics.entries()) {
      const rate = rates[position];
      if (rate !== undefined) builder.set(row, metric, rate);
    }
    if (sample.kind === "guest") this.#addGuestFacts(sample, row, isNewest, facts, target);
  }

  #entityId(sample: ExportSample, facts: ExportFacts): EntityId | null {
    const parts = sample.id.split("/");
    if (sample.kind === "node") return facts.nodeId(parts[1] ?? this.node);
    if (sample.kind === "guest") return facts.guest(Number(parts[1]), parts[0] === "lxc" ? "lxc" : "qemu").id;
    // An inactive storage is exported with a size of 0: that is "not known", not "empty".
    if (!((sample.values[storageTotal] ?? 0) > 0)) {
      this.#drops.add("inactive storage");
      return null;
    }
    return facts.storageId(parts[1] ?? this.node, parts[2] ?? "");
  }

  #ratesOf(id: EntityId, sample: ExportSample): readonly (number | undefined)[] {
    const layout = counterLayouts[sample.kind];
    if (layout.positions.length === 0) return [];
    const counters = layout.positions.map((position) => present(sample.values[position]));
    if (counters.every((value) => value === undefined)) return [];
    const uptimeS = present(sample.values[layout.uptime]);
    return this.#rates.next(id, { node: this.node, ts: sample.ts, uptimeS, counters }, layout.maxRates);
  }

  #addGuestFacts(sample: ExportSample, row: number, isNewest: boolean, facts: ExportFacts, target: RowTarget): void {
    const builder = target.builder("guest");
    const running =
      !Number.isNaN(sample.values[guestCpu] ?? Number.NaN) || (builder.get(row, "uptime_seconds") ?? 0) > 0;
    builder.set(row, "running", running ? 1 : 0);
    if (!running) return;
    const [prefix = "", vmid = ""] = sample.id.split("/");
    const guest = facts.guest(Number(vmid), prefix === "lxc" ? "lxc" : "qemu");
    builder.set(row, "mem_source", memSources.indexOf(guest.memSource));
    if (isNewest && guest.memHostBytes !== undefined) builder.set(row, "mem_host_bytes", guest.memHostBytes);
  }
}

/** The key of a node's mark in the store. */
export const markKey = (node: string): string => `export/${node}`;

const present = (value: number | undefined): number | undefined =>
  value === undefined || Number.isNaN(value) ? undefined : value;

function isUntrusted(sample: ExportSample, position: number, facts: ExportFacts): boolean {
  return sample.kind === "node" && position === nodeIowait && !facts.iowaitTrusted;
}

function newestOf(samples: readonly ExportSample[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const sample of samples) newest.set(sample.id, sample.ts);
  return newest;
}

function counterLayout(kind: ExportSample["kind"]): CounterLayout {
  const counters = layouts[kind].flatMap((metric, position) =>
    metric.type === "counter" ? [{ metric, position }] : [],
  );
  const rateMetrics = counters.map(({ metric }) => metric.id.replace(/_total$/, "_per_second"));
  return {
    positions: counters.map(({ position }) => position),
    rateMetrics,
    maxRates: rateMetrics.map((metric) => findMetric(kind, metric)?.max ?? 0),
    uptime: positionOf(kind, "uptime_seconds"),
  };
}
