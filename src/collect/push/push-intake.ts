// What is pushed of one cluster becomes rows of the same series as what is polled, each sample once.
//
// A sample is taken from the push only when the sample before it was pushed as well, so that its rates are of the same
// ten seconds as a poll would find. All else is left to the polls: the first after a pause, one that was cut in two, one
// of a thing that no listing has shown yet. Nothing is lost by it, because a push never moves a node's mark.
import type { EntityId, EntityKind } from "../../model/ids.ts";
import { findMetric, type MetricId, memSources } from "../../model/metrics.ts";
import type { Drops } from "../drops.ts";
import { type ExportFacts, exportStepS } from "../node-intake.ts";
import { RateTracker } from "../rates.ts";
import type { RowTarget } from "../row-target.ts";
import type { PushedMoments } from "./pushed-moments.ts";
import type { PushedSample } from "./pushed-sample.ts";
import { type Values, valuesOf } from "./pushed-values.ts";

/** What the polls know, that a push has to fit to. */
export interface PollKnowledge {
  readonly facts: ExportFacts;
  /** Whether polls bring the samples that a push leaves to them. */
  readonly pollsSamples: boolean;
  isNode(node: string): boolean;
  /** Whether a listing has shown a guest with this vmid that is not gone. */
  isGuest(vmid: number): boolean;
  isStorage(node: string, storage: string): boolean;
  /** The newest moment that polls have passed, of a thing by PVE's id ("qemu/100"), in ms. */
  passedUpTo(node: string, pveId: string): number;
  /** The node's time now, as far as it is known, in ms. */
  nodeTime(node: string): number;
}

/** The newest moment taken from each node, in ms. After a start it tells whether the store has to be asked. */
export const pushMark = (node: string): string => `push/${node}`;

/** One and a half periods of pvestatd: further apart a push is missing between two. */
const chainMs = 15_000;
/** Further from the node's time a moment is no measurement of now. */
const farMs = 5 * 60_000;
/** So long after its last push a node still counts as one that pushes. */
const pushesMs = 30_000;

const counterStems: Readonly<Record<Subject["kind"], readonly string[]>> = {
  node: ["net_in", "net_out"],
  guest: ["net_in", "net_out", "disk_read", "disk_write"],
  storage: [],
};

interface Subject {
  readonly id: EntityId;
  readonly kind: "node" | "guest" | "storage";
  /** Of a guest: the number of its memory figure's source. */
  readonly memSource?: number;
}

export class PushIntake {
  readonly #moments: PushedMoments;
  readonly #drops: Drops;
  readonly #left: Drops;
  readonly #rates = new RateTracker();
  /** Each thing's newest push, taken or not. */
  readonly #last = new Map<EntityId, { readonly node: string; readonly ts: number }>();
  readonly #newestOfNode = new Map<string, number>();

  /** `drops`: what is of no use. `left`: what the polls bring. */
  constructor(moments: PushedMoments, drops: Drops, left: Drops) {
    this.#moments = moments;
    this.#drops = drops;
    this.#left = left;
  }

  /** Rates dropped because nothing is that fast. */
  get suspectRates(): number {
    return this.#rates.suspect;
  }

  /** Nodes that have pushed just now; `nodeTime` is theirs. */
  pushingNodes(nodeTime: (node: string) => number): ReadonlySet<string> {
    const pushing = [...this.#newestOfNode].filter(([node, ts]) => nodeTime(node) - ts <= pushesMs);
    return new Set(pushing.map(([node]) => node));
  }

  /** Adds what is taken to the batch; returns how many samples that were. `samples` in the order of time. */
  take(samples: readonly PushedSample[], polls: PollKnowledge, target: RowTarget): number {
    let taken = 0;
    for (const sample of samples) if (this.#isKnown(sample, polls) && this.#takeOne(sample, polls, target)) taken += 1;
    return taken;
  }

  #isKnown(sample: PushedSample, polls: PollKnowledge): boolean {
    const why = whyUnknown(sample, polls);
    if (why !== undefined) this.#drops.add(why);
    return why === undefined;
  }

  #takeOne(sample: PushedSample, polls: PollKnowledge, target: RowTarget): boolean {
    const { kind, node, key, ts } = sample;
    const values = valuesOf(sample);
    if (values === null) return this.#leave("incomplete");
    const subject = subjectOf(sample, values, polls.facts);
    if (subject === null) return this.#leave("storage that another node reports, or that does not answer");
    const pveId = kind === "storage" ? `storage/${node}/${key}` : `${kind}/${key}`;
    const rates = this.#ratesOf(subject, sample, values);
    const follows = this.#follows(subject.id, sample);
    this.#newestOfNode.set(node, ts);
    if (ts <= polls.passedUpTo(node, pveId) || this.#moments.has(subject.id, ts)) return this.#leave("held already");
    if (!follows && polls.pollsSamples) return this.#leave("first after a pause");
    this.#moments.add(subject.id, ts);
    this.#addRow(subject, sample, [...values, ...rates], target);
    return true;
  }

  /** Whether the sample before this one was pushed as well; a clock that was set back begins anew. */
  #follows(id: EntityId, { node, ts }: PushedSample): boolean {
    const last = this.#last.get(id);
    this.#last.set(id, { node, ts });
    return last?.node === node && ts > last.ts && ts - last.ts <= chainMs;
  }

  #addRow(subject: Subject, { node, ts }: PushedSample, values: [MetricId, number][], target: RowTarget): void {
    const builder = target.builder(subject.kind);
    const row = builder.row(subject.id, ts, exportStepS, "push", node);
    let running = false;
    for (const [metric, value] of values) {
      running ||= metric === "running" && value === 1;
      if (isInRange(subject.kind, metric, value)) builder.set(row, metric, value);
      else this.#drops.add("out of range");
    }
    if (running && subject.memSource !== undefined) builder.set(row, "mem_source", subject.memSource);
    const mark = pushMark(node);
    target.marks[mark] = Math.max(ts, target.marks[mark] ?? 0);
  }

  #leave(why: string): false {
    this.#left.add(why);
    return false;
  }

  #ratesOf({ id, kind }: Subject, { node, ts }: PushedSample, values: Values): [MetricId, number][] {
    const stems = counterStems[kind];
    const counters = Float64Array.from(stems, (stem) => values.get(`${stem}_bytes_total`) ?? Number.NaN);
    if (counters.every(Number.isNaN)) return [];
    const metrics = stems.map((stem) => `${stem}_bytes_per_second`);
    const maxRates = metrics.map((metric) => findMetric(kind, metric)?.max ?? 0);
    const rates = new Float64Array(stems.length);
    const uptimeS = values.get("uptime_seconds") ?? Number.NaN;
    this.#rates.next(id, { node, ts, uptimeS, counters }, maxRates, rates);
    const known = metrics.map((metric, position): [MetricId, number] => [metric, rates[position] ?? Number.NaN]);
    return known.filter(([, rate]) => !Number.isNaN(rate));
  }
}

/** Why a sample cannot be anybody's; undefined when it can. */
function whyUnknown({ kind, node, key, ts }: PushedSample, polls: PollKnowledge): string | undefined {
  if (!polls.isNode(node)) return "unknown node";
  if ((kind === "qemu" || kind === "lxc") && !polls.isGuest(Number(key))) return "unknown guest";
  if (kind === "storage" && !polls.isStorage(node, key)) return "unknown storage";
  return Math.abs(ts - polls.nodeTime(node)) > farMs ? "moment far from the node's time" : undefined;
}

/** null: not this node's to report. */
function subjectOf({ kind, node, key, ts }: PushedSample, values: Values, facts: ExportFacts): Subject | null {
  if (kind === "node") return { id: facts.nodeId(node), kind };
  if (kind === "storage") {
    const id = facts.storageId(node, key);
    return id === null || !((values.get("total_bytes") ?? 0) > 0) ? null : { id, kind };
  }
  const { id, memSource } = facts.guest(Number(key), kind, ts);
  return { id, kind: "guest", memSource: memSources.indexOf(memSource) };
}

function isInRange(kind: EntityKind, id: MetricId, value: number): boolean {
  const metric = findMetric(kind, id);
  return metric !== undefined && value >= metric.min && value <= metric.max;
}
