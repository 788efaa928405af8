// Runs a job of analysis now, and waits for what comes of it.
import { setTimeout as sleep } from "node:timers/promises";
import type { JobStatus } from "../../model/job.ts";
import type { Command } from "../command.ts";
import { type RunningJobs, runningJobs } from "../running-jobs.ts";
import { locateOptions } from "../shared-options.ts";

const lookEveryMs = 250;

export const jobRun: Command = {
  name: "job run",
  summary: "Run a job of analysis now and wait for its result",
  operand: { name: "<id>", summary: "The job's id, from job list" },
  examples: ["pilothouse job run growth"],
  permission: "jobs:apply",
  options: locateOptions,
  givesData: true,
  async run(context) {
    const { terminal, args } = context;
    const id = args[0] ?? "";
    const jobs = await runningJobs(context);
    const before = await statusOf(jobs, id);
    await jobs.run(id);
    const after = await ended(jobs, id, before?.lastStartedAt ?? null);
    if (terminal.json) terminal.data(after);
    else if (after.state === "failed") terminal.note(`${id} failed: ${after.lastResult ?? ""}`);
    else terminal.out(after.lastResult ?? "");
    return after.state === "failed" ? 1 : 0;
  },
};

const statusOf = async (jobs: RunningJobs, id: string): Promise<JobStatus | undefined> =>
  (await jobs.list()).find((job) => job.id === id);

/** The status after the run that began after `beganAt`. */
async function ended(jobs: RunningJobs, id: string, beganAt: number | null): Promise<JobStatus> {
  for (;;) {
    const status = await statusOf(jobs, id);
    const isOver = status?.lastResult !== null && status?.lastStartedAt !== beganAt;
    if (status !== undefined && isOver && (status.state === "idle" || status.state === "failed")) return status;
    await sleep(lookEveryMs);
  }
}
