// All nodes' exports of one cluster: which samples are whose, what of them is new, and how the nodes' clocks stand.
import type { Clock } from "../lib/clock.ts";
import { freeBuffers } from "../lib/free-buffer.ts";
import type { EntityId } from "../model/ids.ts";
import type { Drops } from "./drops.ts";
import { type ExportSample, gatherPoints } from "./export-points.ts";
import type { ExportAnswer, Held } from "./export-questions.ts";
import type { GapList } from "./gap-list.ts";
import type { Inventory } from "./inventory.ts";
import { NodeClock } from "./node-clock.ts";
import { markKey, NodeIntake } from "./node-intake.ts";
import { NodeProgress } from "./node-progress.ts";
import type { PushedMoments } from "./push/pushed-moments.ts";
import { RateTracker } from "./rates.ts";
import type { RowTarget } from "./row-target.ts";

/** The oldest sample of a node's first export: PVE's coarser history is imported up to it. In ms. */
export const firstSampleMark = (node: string): string => `export-first/${node}`;

/** The rounds of a node's subsystems lie seconds apart; further back than this its clock must have gone. */
const setBackMs = 15_000;

export class ExportIntake {
  readonly rates = new RateTracker();
  readonly #clock: Clock;
  readonly #inventory: Inventory;
  readonly #drops: Drops;
  readonly #marks: Readonly<Record<string, number>>;
  readonly #nodes = new Map<string, NodeIntake>();
  readonly #clocks = new Map<string, NodeClock>();
  readonly #firsts = new Map<string, number>();
  readonly #gaps: GapList;
  readonly #pushed: PushedMoments;
  /** Monotonic time of the last answer with samples, by node. */
  readonly #answeredAt = new Map<string, number>();
  readonly #progress = new Map<string, NodeProgress>();

  /** `marks`: what the store holds from before this start. */
  constructor(options: {
    clock: Clock;
    inventory: Inventory;
    drops: Drops;
    gaps: GapList;
    marks: Readonly<Record<string, number>>;
    pushed: PushedMoments;
  }) {
    this.#pushed = options.pushed;
    this.#gaps = options.gaps;
    this.#clock = options.clock;
    this.#inventory = options.inventory;
    this.#drops = options.drops;
    this.#marks = options.marks;
  }

  /** What a question to this node has to know of what is held already. */
  heldOf(node: string): Held {
    const { mark, hasTaken } = this.#intake(node);
    return { mark, hasBaseline: hasTaken, isStuck: this.#progressOf(node).isStuck };
  }

  /** PVE refuses a question that begins in the future of the node's clock, as it does when that was set back. */
  refused(node: string): void {
    this.#progressOf(node).nothingNew();
  }

  /** Newest sample taken from a node, in ms; 0 when there is none. */
  markOf(node: string): number {
    return this.#intake(node).mark;
  }

  /** The newest moment of a node that was looked at, of a thing by PVE's id ("qemu/100"), in ms. */
  passedUpTo(node: string, pveId: string): number {
    return this.#intake(node).passedUpTo(pveId);
  }

  firstSampleOf(node: string): number | undefined {
    return this.#firsts.get(node) ?? this.#marks[firstSampleMark(node)];
  }

  /** Storages of a node that do not answer it; its export tells minutes before the listing does. */
  inactiveStorages(node: string): ReadonlySet<EntityId> {
    return this.#intake(node).inactive;
  }

  clockOf(node: string): NodeClock {
    const known = this.#clocks.get(node);
    if (known !== undefined) return known;
    const clock = new NodeClock(this.#clock.now());
    this.#clocks.set(node, clock);
    return clock;
  }

  take(answer: ExportAnswer, iowaitTrusted: boolean, target: RowTarget): void {
    const { samples, values } = gatherPoints(answer.points, this.#drops);
    const facts = this.#inventory.exportFacts(iowaitTrusted);
    for (const [node, own] of this.#byNode(samples, answer.nodes)) {
      if (answer.isProbe === true) {
        this.#lookAtClock(node, own.at(-1)?.ts);
        continue;
      }
      this.#noteFirst(node, own, target);
      const present = this.#progressOf(node).withoutFuture(own);
      this.#noteGap(node, present, target);
      const before = this.markOf(node);
      this.#intake(node).take(present, values, facts, target);
      if (this.markOf(node) > before) this.#progressOf(node).news();
      else this.#progressOf(node).nothingNew();
      this.clockOf(node).observe(this.markOf(node), this.#clock.now());
    }
    freeBuffers(values);
  }

  /**
   * When even the newest round lies well before what is held, the node's clock was set back. What it has measured since
   * is then asked for by the new time; else the next question is the usual one again.
   */
  #lookAtClock(node: string, newest: number | undefined): void {
    const progress = this.#progressOf(node);
    progress.probed();
    const intake = this.#intake(node);
    if (newest === undefined || newest >= intake.mark - setBackMs) return;
    intake.setBack(newest - progress.idleMs - setBackMs);
    progress.setBack(newest);
    this.#drops.add("clock set back");
  }

  #progressOf(node: string): NodeProgress {
    const known = this.#progress.get(node);
    if (known !== undefined) return known;
    const progress = new NodeProgress(this.#clock);
    this.#progress.set(node, progress);
    return progress;
  }

  #intake(node: string): NodeIntake {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const intake = new NodeIntake(node, this.#marks[markKey(node)] ?? 0, this.rates, this.#drops, this.#pushed);
    this.#nodes.set(node, intake);
    return intake;
  }

  #noteFirst(node: string, samples: readonly ExportSample[], target: RowTarget): void {
    const first = samples[0]?.ts;
    if (first === undefined || this.firstSampleOf(node) !== undefined) return;
    this.#firsts.set(node, first);
    target.marks[firstSampleMark(node)] = first;
  }

  /**
   * What is missing before the oldest new sample. A node that answered meanwhile and had nothing newer has measured
   * nothing then; that is no loss of ours, and nobody else has it either.
   */
  #noteGap(node: string, samples: readonly ExportSample[], target: RowTarget): void {
    if (samples.length === 0) return;
    const { mark } = this.#intake(node);
    const now = this.#clock.monotonic();
    const unansweredMs = now - (this.#answeredAt.get(node) ?? Number.NEGATIVE_INFINITY);
    this.#answeredAt.set(node, now);
    const next = samples.find(({ ts }) => ts > mark)?.ts;
    if (next !== undefined && mark > 0) this.#gaps.observe(node, Math.max(mark, next - unansweredMs), next, target);
  }

  /** An answer for one node is that node's. In one for several, a guest's points do not say from which they came. */
  #byNode(samples: readonly ExportSample[], nodes: readonly string[]): Map<string, readonly ExportSample[]> {
    const [only] = nodes;
    if (only !== undefined && nodes.length === 1) return new Map([[only, samples]]);
    const split = new Map(nodes.map((node): [string, ExportSample[]] => [node, []]));
    for (const sample of samples) split.get(this.#nodeOf(sample) ?? "")?.push(sample);
    return split;
  }

  #nodeOf(sample: ExportSample): string | undefined {
    const [, key = ""] = sample.id.split("/");
    if (sample.kind !== "guest") return key;
    const id = this.#inventory.guestId(Number(key));
    return id === undefined ? undefined : this.#inventory.guest(id)?.node;
  }
}
