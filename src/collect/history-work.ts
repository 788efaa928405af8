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
import { type RrdStep, rrdSubject } from "./rrd-step.ts";

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
      const gap = this.#options.gaps.open.find(({ toMs }) => now - toMs >= settlesAfterMs);
      if (gap !== undefined) this.#fill = this.#guarded(this.#fillGap(gap, cluster, signal), () => (this.#fill = null));
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

  async #fillGap(gap: Gap, known: KnownCluster, signal: AbortSignal): Promise<void> {
    const capabilities = known.capabilities();
    if (capabilities === null) return;
    const subjects = known
      .entities()
      .filter((entity) => isInGap(entity, gap, known.storageOwner))
      .flatMap((entity) => rrdSubject(entity, known.storageOwner, known.bornAt) ?? []);
    const steps = gapSteps(gap, subjects, capabilities.rrdFrames, this.#options.clock.now());
    const isOpen = ({ subject }: RrdStep): boolean => (this.#marks[filledMark(gap.node, subject)] ?? 0) < gap.toMs;
    const open = steps.filter(isOpen);
    const job = new HistoryJob(this.#options, {
      id: `gaps/${this.#options.cluster}`,
      summary: `Fills what was missed of node ${gap.node} from ${isoMinute(gap.fromMs)} to ${isoMinute(gap.toMs)}`,
      total: steps.length,
      before: steps.length - open.length,
    });
    const failed = await this.#run(job, signal, {
      source: "gap",
      steps: open,
      windowOf: (step) => (step as GapStep).window,
      marksOf: ({ subject, timeframe }) =>
        timeframe === lastOf(open, subject.id) ? { [filledMark(gap.node, subject)]: gap.toMs } : {},
    });
    if (failed > 0) this.#fillFrom = this.#options.clock.now() + againAfterMs;
    else if (!signal.aborted) await this.#close(gap);
  }

  async #close(gap: Gap): Promise<void> {
    const { cluster, newBatchId, append, gaps } = this.#options;
    await append({ batchId: newBatchId(), cluster, source: "gap", blocks: [], marks: { [gapMark(gap)]: 0 } });
    gaps.filled(gap);
  }

  async #run(job: HistoryJob, signal: AbortSignal, task: Omit<RrdTask, "kept" | "report">): Promise<number> {
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

const lastOf = (steps: readonly RrdStep[], id: EntityId): string | undefined =>
  steps.findLast((step) => step.subject.id === id)?.timeframe;

const isoMinute = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;
