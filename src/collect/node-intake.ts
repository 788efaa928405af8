// What one node's `metrics/export` becomes: rows with rates, each sample once.
// Every node has a mark of its own (the newest sample that is held from it). One mark for the whole cluster would skip,
// for ever, the interval in which a single node did not answer.
import type { EntityId } from "../model/ids.ts";
import { findMetric, type MemSource, memSources, metricNumber } from "../model/metrics.ts";
import type { Drops } from "./drops.ts";
import { type ExportSample, layouts, positionOf } from "./export-points.ts";
import type { PushedMoments } from "./push/pushed-moments.ts";
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
  /** Who had the vmid at that moment, in ms by the node's clock. */
  guest(vmid: number, type: "qemu" | "lxc", ts: number): GuestFacts;
  /** null: another node reports this shared storage, which is counted once. */
  storageId(node: string, storage: string): EntityId | null;
  /** Before pve-manager 8.3.4 the iowait of the export is a wrong, cumulative value. */
  readonly iowaitTrusted: boolean;
}

/** pvestatd's period, and so the resolution of the export. */
export const exportStepS = 10;
/** A node remembers 181 rounds, of up to three moments each. */
const mostMoments = 600;

interface CounterLayout {
  readonly positions: readonly number[];
  readonly rateNumbers: readonly number[];
  /** Of the sample at hand, so that thousands of samples do not need as many arrays. */
  readonly counters: Float64Array;
  readonly rates: Float64Array;
  readonly maxRates: readonly number[];
  readonly uptime: number;
}

const counterLayouts = {
  node: counterLayout("node"),
  guest: counterLayout("guest"),
  storage: counterLayout("storage"),
};
const layoutNumbers = {
  node: numbersOf("node"),
  guest: numbersOf("guest"),
  storage: numbersOf("storage"),
};
const guestCpu = positionOf("guest", "cpu_ratio");
const guestUptime = positionOf("guest", "uptime_seconds");
const nodeIowait = positionOf("node", "iowait_ratio");
const storageTotal = positionOf("storage", "total_bytes");

export class NodeIntake {
  readonly node: string;
  /** Storages that this node reports and whose newest sample says that they do not answer it. */
  readonly inactive = new Set<EntityId>();
  readonly #rates: RateTracker;
  readonly #drops: Drops;
  readonly #pushed: Pick<PushedMoments, "take">;
  /** Newest moment taken, by PVE id: a node's subsystems are measured seconds apart within one generation. */
  readonly #taken = new Map<string, number>();
  readonly #names = new Map<string, PveName>();
  /** Moments of the last half hour that were taken: after its clock was set back the node may use them again. */
  readonly #moments = new Set<number>();
  #floor: number;
  #mark: number;
  /** Up to here the node may show moments for the second time. */
  #repeatsUntil = 0;

  /** `mark`: newest sample already held, in ms; 0 for a node never seen. */
  constructor(
    node: string,
    mark: number,
    rates: RateTracker,
    drops: Drops,
    pushed: Pick<PushedMoments, "take"> = { take: () => false },
  ) {
    this.node = node;
    this.#floor = mark;
    this.#mark = mark;
    this.#rates = rates;
    this.#drops = drops;
    this.#pushed = pushed;
  }

  /** The newest sample taken so far, in ms. */
  get mark(): number {
    return this.#mark;
  }

  /** The newest moment that was looked at, of a thing by PVE's id, in ms. */
  passedUpTo(pveId: string): number {
    return this.#taken.get(pveId) ?? this.#floor;
  }

  /** True once something was taken since the start, so that the next rates have their base line. */
  get hasTaken(): boolean {
    return this.#taken.size > 0;
  }

  /** The node's clock was set back: from here on everything counts as new, except for moments that are held already. */
  setBack(mark: number): void {
    this.#repeatsUntil = Math.max(this.#repeatsUntil, this.#mark);
    this.#floor = mark;
    this.#mark = mark;
    this.#taken.clear();
    this.#rates.forgetNode(this.node);
  }

  /** Adds what is new to the batch. `samples` in order of time, their values in `values`. */
  take(samples: readonly ExportSample[], values: Float64Array, facts: ExportFacts, target: RowTarget): void {
    const newest = newestOf(samples);
    for (const sample of samples) this.#takeOne(sample, values, sample.ts === newest.get(sample.id), facts, target);
    this.#rememberMoments(samples);
    target.marks[markKey(this.node)] = this.#mark;
  }

  #rememberMoments(samples: readonly ExportSample[]): void {
    for (const { ts } of samples) this.#moments.add(ts);
    for (const ts of this.#moments) {
      if (this.#moments.size <= mostMoments) break;
      this.#moments.delete(ts);
    }
  }

  #isRepeated(ts: number): boolean {
    if (ts > this.#repeatsUntil || !this.#moments.has(ts)) return false;
    this.#drops.add("moment held already");
    return true;
  }

  #takeOne(sample: ExportSample, values: Float64Array, isNewest: boolean, facts: ExportFacts, target: RowTarget): void {
    const { kind, ts, offset } = sample;
    const subject = this.#subject(sample, values, facts);
    if (subject !== null) this.#rate(subject.id, sample, values);
    // What is held already still served as the base line of the next rate; it must not be stored a second time.
    if (ts <= (this.#taken.get(sample.id) ?? this.#floor)) return;
    this.#taken.set(sample.id, ts);
    this.#mark = Math.max(this.#mark, ts);
    if (subject === null || this.#isRepeated(ts) || this.#pushed.take(subject.id, ts)) return;
    const builder = target.builder(kind);
    const row = builder.row(subject.id, ts, exportStepS, "export", this.node);
    const numbers = layoutNumbers[kind];
    for (let position = 0; position < numbers.length; position++) {
      const value = values[offset + position] ?? Number.NaN;
      if (Number.isNaN(value) || isUntrusted(kind, position, facts)) continue;
      builder.setNumbered(row, numbers[position] ?? 0, value);
    }
    const { rateNumbers, rates } = counterLayouts[kind];
    for (let position = 0; position < rates.length; position++) {
      const rate = rates[position] ?? Number.NaN;
      if (!Number.isNaN(rate)) builder.setNumbered(row, rateNumbers[position] ?? 0, rate);
    }
    if ("memSource" in subject) addGuestFacts(subject, sample, values, row, isNewest, target);
  }

  /** null: not this node's to report. */
  #subject(
    sample: ExportSample,
    values: Float64Array,
    facts: ExportFacts,
  ): { readonly id: EntityId } | GuestFacts | null {
    const name = this.#nameOf(sample.id);
    if (name.type === "qemu" || name.type === "lxc") return facts.guest(name.vmid, name.type, sample.ts);
    if (name.type === "node") return { id: facts.nodeId(name.node) };
    // An inactive storage is exported with a size of 0: that is "not known", not "empty".
    const id = facts.storageId(name.node, name.storage);
    if (!((values[sample.offset + storageTotal] ?? 0) > 0)) {
      this.#drops.add("inactive storage");
      if (id !== null) this.inactive.add(id);
      return null;
    }
    if (id === null) return null;
    this.inactive.delete(id);
    return { id };
  }

  #nameOf(id: string): PveName {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const [type = "", first = "", second = ""] = id.split("/");
    const name: PveName = { type, node: first, vmid: Number(first), storage: second };
    this.#names.set(id, name);
    return name;
  }

  /** Leaves the sample's rates in its kind's layout. */
  #rate(id: EntityId, { kind, ts, offset }: ExportSample, values: Float64Array): void {
    const { positions, counters, rates, maxRates, uptime } = counterLayouts[kind];
    if (positions.length === 0) return;
    let present = 0;
    for (let index = 0; index < positions.length; index++) {
      const value = values[offset + (positions[index] ?? 0)] ?? Number.NaN;
      counters[index] = value;
      if (!Number.isNaN(value)) present++;
    }
    if (present === 0) rates.fill(Number.NaN);
    else {
      const uptimeS = values[offset + uptime] ?? Number.NaN;
      this.#rates.next(id, { node: this.node, ts, uptimeS, counters }, maxRates, rates);
    }
  }
}

/** PVE's id, taken apart: "qemu/100", "node/pve1", "storage/pve1/local". */
interface PveName {
  readonly type: string;
  readonly node: string;
  readonly vmid: number;
  readonly storage: string;
}

function addGuestFacts(
  guest: GuestFacts,
  { offset }: ExportSample,
  values: Float64Array,
  row: number,
  isNewest: boolean,
  target: RowTarget,
): void {
  const builder = target.builder("guest");
  const uptimeS = present(values[offset + guestUptime]) ?? 0;
  const running = present(values[offset + guestCpu]) !== undefined || uptimeS > 0;
  builder.set(row, "running", running ? 1 : 0);
  if (!running) return;
  builder.set(row, "mem_source", memSources.indexOf(guest.memSource));
  if (isNewest && guest.memHostBytes !== undefined) builder.set(row, "mem_host_bytes", guest.memHostBytes);
}

/** The key of a node's mark in the store. */
export const markKey = (node: string): string => `export/${node}`;

const present = (value: number | undefined): number | undefined =>
  value === undefined || Number.isNaN(value) ? undefined : value;

const isUntrusted = (kind: ExportSample["kind"], position: number, facts: ExportFacts): boolean =>
  kind === "node" && position === nodeIowait && !facts.iowaitTrusted;

function newestOf(samples: readonly ExportSample[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const sample of samples) newest.set(sample.id, sample.ts);
  return newest;
}

/** The catalogue's numbers of a layout's metrics. */
function numbersOf(kind: ExportSample["kind"]): readonly number[] {
  return layouts[kind].map(({ id }) => numberOf(kind, id));
}

function numberOf(kind: ExportSample["kind"], metric: string): number {
  const number = metricNumber(kind, metric);
  if (number === undefined) throw new TypeError(`the catalogue has no metric ${kind}.${metric}`);
  return number;
}

function counterLayout(kind: ExportSample["kind"]): CounterLayout {
  const counters = layouts[kind].flatMap((metric, position) =>
    metric.type === "counter" ? [{ metric, position }] : [],
  );
  const rateMetrics = counters.map(({ metric }) => metric.id.replace(/_total$/, "_per_second"));
  return {
    positions: counters.map(({ position }) => position),
    counters: new Float64Array(counters.length),
    rates: new Float64Array(counters.length),
    rateNumbers: rateMetrics.map((metric) => numberOf(kind, metric)),
    maxRates: rateMetrics.map((metric) => findMetric(kind, metric)?.max ?? 0),
    uptime: positionOf(kind, "uptime_seconds"),
  };
}
