// Works through questions to PVE's own history: one after the other at a modest pace, several answers to a batch, each
// with the progress that it means. What fails is tried again, then left for later.
import type { Clock } from "../lib/clock.ts";
import { describeError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Batch } from "../model/batch.ts";
import type { ClusterId, EntityId } from "../model/ids.ts";
import { type RrdRow, rrdData } from "../pve/index.ts";
import type { Drops } from "./drops.ts";
import type { Pace } from "./pace.ts";
import type { PolledPve } from "./polled-cluster.ts";
import { RowTarget } from "./row-target.ts";
import { addRrdRows, hasWidePoints } from "./rrd-rows.ts";
import { type RrdStep, type RrdSubject, type RrdWindow, requestsOf } from "./rrd-step.ts";

export interface RrdRunOptions {
  readonly cluster: ClusterId;
  readonly pve: PolledPve;
  readonly clock: Clock;
  readonly log: Log;
  readonly drops: Drops;
  readonly pace: Pace;
  readonly newBatchId: () => string;
  readonly append: (batch: Batch) => Promise<void>;
  /** Where a guest is now: a run may take hours, and guests move. undefined: it is gone. */
  readonly whereIs: (id: EntityId) => string | undefined;
  /** Sees to it that a guest's beginning is known as well as it can be, before its window is asked for. */
  readonly learnOrigin: (guest: EntityId, signal: AbortSignal) => Promise<void>;
}

export interface RrdTask<Step extends RrdStep> {
  /** The batches' source: "import" or "gap". */
  readonly source: string;
  readonly steps: readonly Step[];
  readonly windowOf: (step: Step) => RrdWindow;
  /** What is true once the rows are stored; `oldest` is the oldest of them, in ms, or undefined when there were none. */
  readonly marksOf: (step: Step, oldest: number | undefined) => Readonly<Record<string, number>>;
  /** Called when the marks are durable. */
  readonly kept: (marks: Readonly<Record<string, number>>) => void;
  /** The step could not be read: it stays to be done. */
  readonly left: (step: Step) => void;
  readonly report: (progress: RrdProgress) => void;
}

export interface RrdProgress {
  /** Steps of the task that are done with. */
  readonly done: number;
  readonly requests: number;
  readonly remainingMs: number;
  readonly isHeld: boolean;
}

export interface RrdResult {
  readonly done: number;
  readonly failed: number;
  readonly requests: number;
  readonly rows: number;
}

/** Answers go to the store together, so that a year of a fleet is a few dozen batches and not thousands. */
const answersPerBatch = 12;
const triesPerStep = 3;
const pauseAfterFailureMs = 5_000;

export class RrdRun<Step extends RrdStep> {
  readonly #options: RrdRunOptions;
  readonly #task: RrdTask<Step>;
  #target = new RowTarget();
  #answers = 0;
  #counts = { done: 0, failed: 0, requests: 0, rows: 0 };

  constructor(options: RrdRunOptions, task: RrdTask<Step>) {
    this.#options = options;
    this.#task = task;
  }

  /** Resolves with what was done when all is done, or `signal` aborts. */
  async run(signal: AbortSignal): Promise<RrdResult> {
    const { clock, pace } = this.#options;
    const begun = clock.monotonic();
    let left = this.#task.steps.reduce((sum, step) => sum + requestsOf(step), 0);
    for (const step of this.#task.steps) {
      if (signal.aborted) break;
      const { done, requests } = this.#counts;
      const remainingMs = left * msPerRequest(requests, clock.monotonic() - begun, pace.requestsPerSecond);
      this.#task.report({ done, requests, remainingMs, isHeld: pace.isHeld });
      await pace.turn(requestsOf(step), signal);
      await this.#tryStep(step, signal);
      left -= requestsOf(step);
    }
    await this.#flush();
    return this.#counts;
  }

  async #tryStep(step: Step, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; attempt <= triesPerStep && !signal.aborted; attempt++) {
      try {
        if (await this.#runStep(step, signal)) this.#counts.done += 1;
        return;
      } catch (error) {
        if (hasStopped(signal)) return;
        if (attempt === triesPerStep || isMissing(error)) this.#leave(step, error);
        if (isMissing(error)) return;
        await this.#options.clock.sleep(pauseAfterFailureMs, signal);
      }
    }
  }

  /** Not marked as done: it is tried again later. */
  #leave(step: Step, error: unknown): void {
    const { subject, timeframe } = step;
    this.#counts.failed += 1;
    this.#task.left(step);
    this.#options.log.warn({ subject: subject.id, timeframe, reason: describeError(error) }, "history left out");
  }

  /** False when the guest is gone meanwhile, so that there is nothing left to ask. */
  async #runStep(step: Step, signal: AbortSignal): Promise<boolean> {
    const node = this.#nodeOf(step.subject);
    if (node === undefined) return false;
    if (step.subject.kind === "guest") await this.#options.learnOrigin(step.subject.id, signal);
    const averages = await this.#ask(step, node, "AVERAGE", signal);
    const wantsMax = step.withMax || hasWidePoints(averages, step.stepS);
    const maxima = wantsMax ? await this.#ask(step, node, "MAX", signal) : [];
    const window = this.#task.windowOf(step);
    const { drops } = this.#options;
    const rowsBefore = this.#target.rows;
    const oldest = addRrdRows(step, "rrd-avg", averages, window, this.#target, drops);
    addRrdRows(step, "rrd-max", maxima, window, this.#target, drops);
    this.#counts.rows += this.#target.rows - rowsBefore;
    Object.assign(this.#target.marks, this.#task.marksOf(step, oldest));
    this.#answers += 1;
    if (this.#answers >= answersPerBatch) await this.#flush();
    return true;
  }

  #nodeOf({ id, kind, where }: RrdSubject): string | undefined {
    return kind === "guest" ? this.#options.whereIs(id) : where.node;
  }

  async #ask(
    { subject, timeframe }: RrdStep,
    node: string,
    cf: "AVERAGE" | "MAX",
    signal: AbortSignal,
  ): Promise<readonly RrdRow[]> {
    this.#counts.requests += 1;
    const query = { ...subject.where, node, timeframe, cf };
    const { data } = await rrdData(this.#options.pve, query, { priority: "background", signal });
    this.#options.drops.add("unreadable row", data.rejected);
    return data.rows;
  }

  async #flush(): Promise<void> {
    if (this.#answers === 0) return;
    const target = this.#target;
    this.#target = new RowTarget();
    this.#answers = 0;
    await this.#options.append(target.batch(this.#options.newBatchId(), this.#options.cluster, this.#task.source));
    this.#task.kept(target.marks);
  }
}

/** By the pace that is allowed at first, and by the one that was kept once that can be told. */
const msPerRequest = (requests: number, elapsedMs: number, perSecond: number): number =>
  requests < 10 ? 1000 / perSecond : Math.max(1000 / perSecond, elapsedMs / requests);

const hasStopped = (signal: AbortSignal): boolean => signal.aborted;

/** It has no history, or is gone: waiting a few seconds helps nobody. */
const isMissing = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "isMissing" in error && error.isMissing === true;
