// Imports PVE's own history (rrddata) once, so that graphs reach back before the first day. It has time: it asks slowly,
// lets polls go first, keeps its progress with the data it brought, and goes on after a restart where it stopped.
import type { Clock } from "../lib/clock.ts";
import { describeError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Batch } from "../model/batch.ts";
import type { ClusterId, EntityId } from "../model/ids.ts";
import type { JobStatus } from "../model/job.ts";
import { rrdData } from "../pve/index.ts";
import type { Drops } from "./drops.ts";
import { addRrdRows, type ImportStep, importMark } from "./import-plan.ts";
import type { PolledPve } from "./polled-cluster.ts";
import { RowTarget } from "./row-target.ts";

export interface HistoryImportOptions {
  readonly cluster: ClusterId;
  readonly pve: PolledPve;
  readonly requestsPerSecond: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly drops: Drops;
  /** Progress kept so far; see importMark. */
  readonly marks: Readonly<Record<string, number>>;
  readonly newBatchId: () => string;
  readonly append: (batch: Batch) => Promise<void>;
  readonly report: (job: JobStatus) => void;
  /** The oldest sample that the polls brought, in ms: history ends there. */
  readonly oldestSample: (subject: ImportStep["subject"]) => number;
}

/** Answers go to the store together, so that a year of a fleet is a few dozen batches and not thousands. */
const answersPerBatch = 12;
const triesPerStep = 3;
const pauseAfterFailureMs = 5_000;

export class HistoryImport {
  readonly #options: HistoryImportOptions;
  readonly #oldest = new Map<EntityId, number>();
  #target = new RowTarget();
  #answers = 0;
  #failed = 0;

  constructor(options: HistoryImportOptions) {
    this.#options = options;
  }

  /** Runs all steps that the marks do not call done; ends early when `signal` aborts. */
  async run(steps: readonly ImportStep[], signal: AbortSignal): Promise<void> {
    const { clock, marks, requestsPerSecond } = this.#options;
    const startedAt = clock.now();
    const begun = clock.monotonic();
    for (const step of steps) this.#restore(step, marks);
    const open = steps.filter((step) => marks[importMark(step.subject.id, step.timeframe)] === undefined);
    const done = steps.length - open.length;
    const status = (state: JobStatus["state"], at: number): JobStatus =>
      this.#status(state, startedAt, clock.monotonic() - begun, at, steps.length);
    for (const [index, step] of open.entries()) {
      if (signal.aborted) break;
      this.#options.report(status("running", done + index));
      const slot = clock.sleep((1000 * (step.withMax ? 2 : 1)) / requestsPerSecond, signal);
      await this.#tryStep(step, signal);
      await slot;
    }
    await this.#flush();
    if (!signal.aborted)
      this.#options.report(status(this.#failed === 0 ? "done" : "failed", steps.length - this.#failed));
  }

  #restore({ subject, timeframe }: ImportStep, marks: Readonly<Record<string, number>>): void {
    const oldest = marks[importMark(subject.id, timeframe)];
    if (oldest !== undefined && oldest > 0) this.#lower(subject.id, oldest);
  }

  async #tryStep(step: ImportStep, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; attempt <= triesPerStep && !signal.aborted; attempt++) {
      try {
        await this.#runStep(step, signal);
        return;
      } catch (error) {
        this.#options.log.debug(
          { err: error, subject: step.subject.id, timeframe: step.timeframe },
          "history not read",
        );
        if (isMissing(error) || hasStopped(signal)) return;
        await this.#options.clock.sleep(pauseAfterFailureMs * attempt, signal);
        if (attempt === triesPerStep) this.#giveUp(step, error);
      }
    }
  }

  /** Not marked as done: the next start tries again. */
  #giveUp(step: ImportStep, error: unknown): void {
    this.#failed += 1;
    this.#options.log.warn(
      { subject: step.subject.id, timeframe: step.timeframe, reason: describeError(error) },
      "history left out",
    );
  }

  async #runStep(step: ImportStep, signal: AbortSignal): Promise<void> {
    const { subject, timeframe, withMax } = step;
    const ask = async (cf: "AVERAGE" | "MAX") =>
      (await rrdData(this.#options.pve, { ...subject.where, timeframe, cf }, { priority: "background", signal })).data
        .rows;
    const averages = await ask("AVERAGE");
    const maxima = withMax ? await ask("MAX") : [];
    const until = this.#oldest.get(subject.id) ?? this.#options.oldestSample(subject);
    const oldest = addRrdRows(step, "rrd-avg", averages, until, this.#target, this.#options.drops);
    addRrdRows(step, "rrd-max", maxima, until, this.#target, this.#options.drops);
    if (oldest !== undefined) this.#lower(subject.id, oldest);
    this.#target.marks[importMark(subject.id, timeframe)] = oldest ?? 0;
    this.#answers += 1;
    if (this.#answers >= answersPerBatch) await this.#flush();
  }

  #lower(id: EntityId, oldest: number): void {
    this.#oldest.set(id, Math.min(this.#oldest.get(id) ?? Number.POSITIVE_INFINITY, oldest));
  }

  async #flush(): Promise<void> {
    if (this.#answers === 0) return;
    const batch = this.#target.batch(this.#options.newBatchId(), this.#options.cluster, "import");
    this.#target = new RowTarget();
    this.#answers = 0;
    await this.#options.append(batch);
  }

  #status(state: JobStatus["state"], startedAt: number, elapsedMs: number, done: number, total: number): JobStatus {
    const left = this.#failed === 0 ? "" : `; ${this.#failed} could not be read and are tried again at the next start`;
    return {
      id: `import/${this.#options.cluster}`,
      summary: "Imports Proxmox VE's own history",
      schedule: null,
      state,
      lastStartedAt: startedAt,
      lastDurationMs: state === "running" ? null : elapsedMs,
      lastResult: state === "running" ? null : `${done} of ${total} histories are imported${left}.`,
      progress: { done, total },
    };
  }
}

const hasStopped = (signal: AbortSignal): boolean => signal.aborted;

/** The guest or storage has no history, or is gone: nothing to wait for. */
const isMissing = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "isMissing" in error && error.isMissing === true;
