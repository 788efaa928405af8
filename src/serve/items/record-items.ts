// Tasks, problems and jobs as the API and the stream show them.
import { z } from "zod";
import type { Task } from "../../model/inventory.ts";
import type { JobProgress, JobStatus } from "../../model/job.ts";
import type { Problem } from "../../model/problem.ts";
import { isoTime } from "./time.ts";

const time = z.string().nullable().describe("ISO 8601, UTC");

export const TaskItem = z
  .object({
    upid: z.string(),
    cluster: z.string(),
    node: z.string(),
    type: z.string(),
    subject: z.string().describe("What it works on, in PVE's words"),
    guest_id: z.string().nullable(),
    user: z.string(),
    started_at: time,
    ended_at: time,
    state: z.enum(["running", "ok", "warning", "failed", "unknown"]),
    exit_status: z.string().nullable(),
  })
  .meta({ id: "Task" });
export type TaskItem = z.infer<typeof TaskItem>;

export const taskItem = (task: Task): TaskItem => ({
  upid: task.upid,
  cluster: task.cluster,
  node: task.node,
  type: task.type,
  subject: task.subject,
  guest_id: task.guestId,
  user: task.user,
  started_at: isoTime(task.startedAt),
  ended_at: isoTime(task.endedAt),
  state: task.state,
  exit_status: task.exitStatus,
});

export const ProblemItem = z
  .object({
    code: z.string(),
    subject: z.string().describe('An entity id, "pilothouse", or "sink/NAME"'),
    severity: z.enum(["info", "warning", "critical"]),
    since_at: time,
    cleared_at: time,
    message: z.string(),
    remedy: z.string(),
  })
  .meta({ id: "Problem" });
export type ProblemItem = z.infer<typeof ProblemItem>;

export const problemItem = (problem: Problem): ProblemItem => ({
  code: problem.code,
  subject: problem.subject,
  severity: problem.severity,
  since_at: isoTime(problem.since),
  cleared_at: isoTime(problem.clearedAt),
  message: problem.message,
  remedy: problem.remedy,
});

export const JobItem = z
  .object({
    id: z.string(),
    summary: z.string(),
    schedule: z.string().nullable(),
    state: z.enum(["idle", "running", "waiting", "done", "failed"]),
    last_started_at: time,
    last_duration_ms: z.number().nullable(),
    last_result: z.string().nullable(),
    on_demand: z.boolean().describe("Whether it can be run now"),
    progress: z
      .object({
        done: z.number(),
        total: z.number(),
        requests: z.number().nullable().describe("Requests sent to Proxmox VE for it, in this run"),
        remaining_ms: z.number().nullable().describe("Estimate of the time that it still takes"),
      })
      .nullable(),
  })
  .meta({ id: "Job" });
export type JobItem = z.infer<typeof JobItem>;

export const jobItem = (job: JobStatus): JobItem => ({
  id: job.id,
  summary: job.summary,
  schedule: job.schedule,
  state: job.state,
  last_started_at: isoTime(job.lastStartedAt),
  last_duration_ms: job.lastDurationMs,
  last_result: job.lastResult,
  on_demand: job.onDemand ?? false,
  progress: job.progress === null ? null : progressItem(job.progress),
});

const progressItem = ({ done, total, requests, remainingMs }: JobProgress) => ({
  done,
  total,
  requests: requests ?? null,
  remaining_ms: remainingMs ?? null,
});
