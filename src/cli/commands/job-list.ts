// Lists the work that the running service does by itself.
import type { JobStatus } from "../../model/job.ts";
import type { Command } from "../command.ts";
import { runningJobs } from "../running-jobs.ts";
import { locateOptions } from "../shared-options.ts";
import { table } from "../terminal.ts";

export const jobList: Command = {
  name: "job list",
  summary: "List jobs: schedule, last run and what came of it",
  examples: ["pilothouse job list", "pilothouse job list --json"],
  permission: "jobs:read",
  options: locateOptions,
  givesData: true,
  async run(context) {
    const { terminal } = context;
    const jobs = await (await runningJobs(context)).list();
    if (terminal.json) terminal.data(jobs);
    else for (const line of table([heading, ...jobs.map(rowOf)])) terminal.out(line);
    return 0;
  },
};

const heading = ["JOB", "SCHEDULE (UTC)", "STATE", "LAST RUN", "TOOK", "RESULT"];

const rowOf = ({ id, schedule, state, lastStartedAt, lastDurationMs, lastResult }: JobStatus): readonly string[] => [
  id,
  schedule ?? "once",
  state,
  lastStartedAt === null ? "—" : new Date(lastStartedAt).toISOString().slice(0, 19).replace("T", " "),
  lastDurationMs === null ? "—" : `${(lastDurationMs / 1000).toFixed(1)} s`,
  lastResult ?? "—",
];
