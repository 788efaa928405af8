// Work on a schedule: roll-ups, checkpoints, retention, analysis. Each run is visible as a job; none overlaps with itself,
// and jobs of one lane wait for each other.
import cron, { type ScheduledTask } from "node-cron";
import type { Clock } from "../lib/clock.ts";
import { describeError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { JobProgress, JobStatus } from "../model/job.ts";

export interface ScheduledJob {
  readonly id: string;
  readonly summary: string;
  /** Cron expression, in UTC. */
  readonly schedule: string;
  /** Jobs of the same lane run one after the other; left out: beside everything else. */
  readonly lane?: string;
  /** Whether a person may ask for a run. */
  readonly onDemand?: true;
  /** A scheduled start is put off by up to so long, at random. */
  readonly jitterMs?: number;
  /** Does the work and says in one sentence what came of it. */
  readonly run: (say: (progress: JobProgress) => void) => Promise<string>;
}

/** A run that has ended, and when the schedule wants the next one. */
export interface JobRun {
  readonly status: JobStatus;
  readonly nextDueAt: number | null;
}

export interface HousekeepingOptions {
  readonly jobs: readonly ScheduledJob[];
  readonly report: (job: JobStatus) => void;
  /** Hears of every run that has ended by itself; it is waited for. One that our own end cut short has not run. */
  readonly ended?: (run: JobRun) => Promise<void>;
  /** Runs of before this start, so that their results stay visible. */
  readonly before?: readonly JobRun[];
  readonly clock: Clock;
  readonly log: Log;
}

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #tasks = new Map<string, ScheduledTask>();
  /** By id: what runs or waits for its turn. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #lanes = new Map<string, Promise<JobStatus | undefined>>();
  #stopping = false;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    const before = new Map(options.before?.map(({ status }) => [status.id, status]));
    for (const job of options.jobs) {
      options.report({ ...idle(job), ...endOf(before.get(job.id)) });
      const task = cron.schedule(job.schedule, () => this.#start(job), {
        noOverlap: true,
        timezone: "UTC",
        name: job.id,
        ...(job.jitterMs === undefined ? {} : { maxRandomDelay: job.jitterMs }),
      });
      this.#tasks.set(job.id, task);
    }
  }

  /** Runs a job now, or when its lane is free; one that runs or waits already goes on. False when there is none. */
  runNow(id: string): boolean {
    const job = this.#options.jobs.find((each) => each.id === id);
    if (job === undefined || this.#stopping) return false;
    void this.#start(job);
    return true;
  }

  /** Stops the schedules and waits for what runs. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#tasks.values()].map(async (task) => task.destroy()));
    await Promise.all(this.#running.values());
  }

  #start(job: ScheduledJob): Promise<void> {
    const running = this.#running.get(job.id);
    if (running !== undefined) return running;
    const run = this.#inTurn(job).then((status) => {
      // First, so that whoever hears of the end can ask for the next run.
      this.#running.delete(job.id);
      if (status !== undefined) this.#options.report(status);
    });
    this.#running.set(job.id, run);
    return run;
  }

  #inTurn(job: ScheduledJob): Promise<JobStatus | undefined> {
    const { lane } = job;
    if (lane === undefined) return this.#run(job);
    const before = this.#lanes.get(lane);
    if (before !== undefined) this.#options.report({ ...idle(job), state: "waiting" });
    const run = (before ?? Promise.resolve(undefined))
      .then(() => (this.#stopping ? undefined : this.#run(job)))
      .finally(() => {
        if (this.#lanes.get(lane) === run) this.#lanes.delete(lane);
      });
    this.#lanes.set(lane, run);
    return run;
  }

  /** How it ended; undefined when our own end cut it short. */
  async #run(job: ScheduledJob): Promise<JobStatus | undefined> {
    const { report, ended, clock } = this.#options;
    const started: JobStatus = { ...idle(job), lastStartedAt: clock.now(), state: "running" };
    const begun = clock.monotonic();
    report(started);
    const result = await this.#resultOf(job, (progress) => report({ ...started, progress }));
    if (result === undefined) return undefined;
    const status = { ...started, ...result, lastDurationMs: Math.round(clock.monotonic() - begun) };
    await ended?.({ status, nextDueAt: this.#tasks.get(job.id)?.getNextRun()?.getTime() ?? null });
    return status;
  }

  async #resultOf(
    job: ScheduledJob,
    say: (progress: JobProgress) => void,
  ): Promise<Pick<JobStatus, "state" | "lastResult"> | undefined> {
    try {
      return { state: "idle", lastResult: await job.run(say) };
    } catch (error) {
      if (this.#stopping) return undefined;
      this.#options.log.warn({ err: error, job: job.id }, "job failed");
      return { state: "failed", lastResult: describeError(error) };
    }
  }
}

const idle = ({ id, summary, schedule, onDemand }: ScheduledJob): JobStatus => ({
  id,
  summary,
  schedule,
  state: "idle",
  lastStartedAt: null,
  lastDurationMs: null,
  lastResult: null,
  progress: null,
  ...(onDemand === undefined ? {} : { onDemand }),
});

const endOf = (status: JobStatus | undefined): Partial<JobStatus> =>
  status === undefined
    ? {}
    : {
        state: status.state,
        lastStartedAt: status.lastStartedAt,
        lastDurationMs: status.lastDurationMs,
        lastResult: status.lastResult,
      };
