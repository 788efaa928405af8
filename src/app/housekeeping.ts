// Work on a schedule: roll-ups, checkpoints, retention. Each run is visible as a job; none overlaps with itself.
import cron, { type ScheduledTask } from "node-cron";
import type { Clock } from "../lib/clock.ts";
import { describeError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { JobStatus } from "../model/job.ts";

export interface ScheduledJob {
  readonly id: string;
  readonly summary: string;
  /** Cron expression, in UTC. */
  readonly schedule: string;
  /** Does the work and says in one sentence what came of it. */
  readonly run: () => Promise<string>;
}

export interface Housekeeping {
  /** Stops the schedules and waits for what runs. */
  stop(): Promise<void>;
}

export function startHousekeeping(
  jobs: readonly ScheduledJob[],
  report: (job: JobStatus) => void,
  clock: Clock,
  log: Log,
): Housekeeping {
  const running = new Set<Promise<void>>();
  const tasks: ScheduledTask[] = jobs.map((job) => {
    report(idle(job));
    return cron.schedule(
      job.schedule,
      async () => {
        const run = runJob(job, report, clock, log);
        running.add(run);
        await run;
        running.delete(run);
      },
      { noOverlap: true, timezone: "UTC", name: job.id },
    );
  });
  return {
    stop: async () => {
      await Promise.all(tasks.map(async (task) => task.destroy()));
      await Promise.all(running);
    },
  };
}

async function runJob(job: ScheduledJob, report: (job: JobStatus) => void, clock: Clock, log: Log): Promise<void> {
  const started = { ...idle(job), lastStartedAt: clock.now() };
  const begun = clock.monotonic();
  report({ ...started, state: "running" });
  const lastDurationMs = (): number => Math.round(clock.monotonic() - begun);
  try {
    const lastResult = await job.run();
    report({ ...started, state: "idle", lastDurationMs: lastDurationMs(), lastResult });
  } catch (error) {
    log.warn({ err: error, job: job.id }, "job failed");
    report({ ...started, state: "failed", lastDurationMs: lastDurationMs(), lastResult: describeError(error) });
  }
}

const idle = ({ id, summary, schedule }: ScheduledJob): JobStatus => ({
  id,
  summary,
  schedule,
  state: "idle",
  lastStartedAt: null,
  lastDurationMs: null,
  lastResult: null,
  progress: null,
});
