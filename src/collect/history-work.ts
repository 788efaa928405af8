// A cluster's past: its own history is imported once, and what we missed is filled from it. Both have time: they ask
// slowly, let polls go first, keep their progress with the data, and go on after a restart where they stopped.
import type { Clock } from "../lib/clock.ts";
import { describeError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { EntityId } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import type { JobStatus } from "../model/job.ts";
import type { Capabilities } from "../pve/index.ts";
import { type Gap, type GapList, gapMark } from "./gap-list.ts";
import { filledMark, type GapStep, gapSteps, isInGap } from "./gap-plan.ts";
import { HistoryJob } from "./history-job.ts";
import { importMark, importSteps } from "./import-plan.ts";
import { RrdRun, type RrdRunOptions, type RrdTask } from "./rrd-run.ts";
import { type RrdStep, rrdSubject, spreadOverNodes } from "./rrd-step.ts";

/** What the past needs to know of the present. */
export interface KnownCluster {
  readonly entities: () => readonly Entity[];
  readonly capabilities: () => Capabilities | null;
  readonly storageOwner: (storage: string) => string | undefined;
  /** When the guest began to exist as far as anybody knows, in ms; 0 otherwise. */
  readonly bornAt: (guest: EntityId) => number;
  /** The oldest sample of a node that polls brought, in ms. */
  readonly firstSampleOf: (node: string) => number;
}

export interface HistoryWorkOptions extends RrdRunOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly marks: Readonly<Record<string, number>>;
  readonly gaps: GapList;
  readonly imports: boolean;
  readonly report: (job: JobStatus) => void;
}

/** rrdcached writes late: what has just happened is in the answers after this time. */
const settlesAfterMs = 90_000;
const againAfterMs = 10 * 60_000;

export class HistoryWork {
  readonly #options: HistoryWorkOptions;
  readonly #marks: Record<string, number>;
  readonly #oldest = new Map<EntityId, number>();
  #import: Promise<void> | null = null;
  #fill: Promise<void> | null = null;
  #importFrom = Number.NEGATIVE_INFINITY;
  #fillFrom = Number.NEGATIVE_INFINITY;

  constructor(options: HistoryWorkOptions) {
    this.#options = options;
    this.#marks = { ...options.marks };
  }

  /** Called after every round: begins what is due. */
  tend(cluster: KnownCluster, signal: AbortSignal): void {
    const now = this.#options.clock.now();
    if (this.#fill === null && now >= this.#fillFrom) {
      const gaps = this.#options.gaps.open.filter(({ toMs }) => now - toMs >= settlesAfterMs);
      if (gaps.length > 0) this.#fill = this.#guarded(this.#fillGaps(gaps, cluster, signal), () => (this.#fill = null));
    }
    if (this.#options.imports && this.#import === null && now >= this.#importFrom) {
      this.#import = this.#guarded(this.#importAll(cluster, signal), () => (this.#import = null));
    }
  }

  /** Waits for what runs. */
  async drain(): Promise<void> {
    await Promise.all([this.#import, this.#fill]);
  }

  async #guarded(work: Promise<void>, done: () => void): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#options.log.warn({ reason: describeError(error) }, "work on history ended early");
    } finally {
      done();
    }
  }

  async #importAll(known: KnownCluster, signal: AbortSignal): Promise<void> {
    this.#importFrom = Number.POSITIVE_INFINITY;
    const capabilities = known.capabilities();
    if (capabilities === null) return;
    const all = importSteps(known.entities(), capabilities, known.storageOwner, known.bornAt);
    const open = all.filter((step) => this.#marks[importMark(step.subject.id, step.timeframe)] === undefined);
    for (const step of all) this.#restore(step);
    const job = new HistoryJob(this.#options, {
      id: `import/${this.#options.cluster}`,
      summary: "Imports Proxmox VE's own history",
      total: all.length,
      before: all.length - open.length,
    });
    const failed = await this.#run(job, signal, {
      source: "import",
      steps: open,
      windowOf: ({ subject }) => ({
        fromMs: known.bornAt(subject.id),
        toMs: this.#oldest.get(subject.id) ?? known.firstSampleOf(subject.where.node),
      }),
      marksOf: (step, oldest) => this.#imported(step, oldest),
      left: () => undefined,
    });
    if (failed > 0) this.#importFrom = this.#options.clock.now() + againAfterMs;
  }

  #imported({ subject, timeframe }: RrdStep, oldest: number | undefined): Record<string, number> {
    if (oldest !== undefined) this.#lower(subject.id, oldest);
    return { [importMark(subject.id, timeframe)]: oldest ?? 0 };
  }

  #restore({ subject, timeframe }: RrdStep): void {
    const oldest = this.#marks[importMark(subject.id, timeframe)];
    if (oldest !== undefined && oldest > 0) this.#lower(subject.id, oldest);
  }

  #lower(id: EntityId, oldest: number): void {
    this.#oldest.set(id, Math.min(this.#oldest.get(id) ?? Number.POSITIVE_INFINITY, oldest));
  }

  /** All gaps together: after an outage of ours every node has one. */
  async #fillGaps(gaps: readonly Gap[], known: KnownCluster, signal: AbortSignal): Promise<void> {
    const capabilities = known.capabilities();
    if (capabilities === null) return;
    const now = this.#options.clock.now();
    const entities = known.entities();
    const steps = gaps.flatMap((gap) => {
      const missed = entities.filter((entity) => isInGap(entity, gap, known.storageOwner));
      const subjects = missed.flatMap((entity) => rrdSubject(entity, known.storageOwner, known.bornAt) ?? []);
      return gapSteps(gap, subjects, capabilities.rrdFrames, now);
    });
    const open = steps.filter((step) => !this.#isFilled(step));
    const job = new HistoryJob(this.#options, {
      id: `gaps/${this.#options.cluster}`,
      summary: summaryOf(gaps),
      total: steps.length,
      before: steps.length - open.length,
    });
    // A later gap must not call done what an earlier one of the same node still lacks.
    const left = new Set<string>();
    const failed = await this.#run(job, signal, {
      source: "gap",
      steps: spreadOverNodes(open),
      windowOf: ({ subject, window }) => ({ ...window, fromMs: Math.max(window.fromMs, known.bornAt(subject.id)) }),
      marksOf: (step) => (left.has(filledMark(step)) ? {} : { [filledMark(step)]: step.window.toMs }),
      left: (step) => left.add(filledMark(step)),
    });
    if (failed > 0) this.#fillFrom = this.#options.clock.now() + againAfterMs;
    if (signal.aborted) return;
    for (const gap of gaps) {
      if (steps.every((step) => step.gap !== gap || this.#isFilled(step))) await this.#close(gap);
    }
  }

  #isFilled(step: GapStep): boolean {
    return (this.#marks[filledMark(step)] ?? 0) >= step.window.toMs;
  }

  async #close(gap: Gap): Promise<void> {
    const { cluster, newBatchId, append, gaps } = this.#options;
    await append({ batchId: newBatchId(), cluster, source: "gap", blocks: [], marks: { [gapMark(gap)]: 0 } });
    gaps.filled(gap);
  }

  async #run<Step extends RrdStep>(
    job: HistoryJob,
    signal: AbortSignal,
    task: Omit<RrdTask<Step>, "kept" | "report">,
  ): Promise<number> {
    const run = new RrdRun(this.#options, {
      ...task,
      kept: (marks) => Object.assign(this.#marks, marks),
      report: (progress) => job.running(progress),
    });
    const result = await run.run(signal);
    if (!signal.aborted) job.ended(result);
    return result.failed;
  }
}

function summaryOf(gaps: readonly Gap[]): string {
  const nodes = [...new Set(gaps.map(({ node }) => node))].sort();
  const from = Math.min(...gaps.map(({ fromMs }) => fromMs));
  const to = Math.max(...gaps.map(({ toMs }) => toMs));
  const whose = nodes.length > 3 ? `${nodes.length} nodes` : nodes.join(", ");
  return `Fills what was missed of ${whose} between ${isoMinute(from)} and ${isoMinute(to)}`;
}

const isoMinute = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;
