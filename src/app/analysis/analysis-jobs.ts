// Jobs of analysis on their schedule: one at a time, caught up after a start, and once more when a cluster's history is in.
import { jobs } from "../../analyse/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { FleetView } from "../../model/fleet.ts";
import type { JobStatus } from "../../model/job.ts";
import type { State } from "../../store/index.ts";
import { packDocument } from "../../store/index.ts";
import type { Housekeeping, JobRun, ScheduledJob } from "../housekeeping.ts";
import type { Analyst } from "./analyst.ts";

/** Installations that start at the same minute do not all ask their stores at the same second. */
const jitterMs = 20_000;
/** The first polls are in by then, and a page that was opened at the start has its graphs. */
const catchUpAfterMs = 60_000;
/** How each job ended, for the next start; no result of analysis. */
export const runDocument = "job-run";

export const analysisJobs = (analyst: Analyst): readonly ScheduledJob[] =>
  jobs.map(({ id, summary, schedule }) => ({
    id,
    summary,
    schedule,
    lane: "analysis",
    onDemand: true,
    jitterMs,
    run: (say) => analyst.run(id, say),
  }));

/** The runs of before this start. */
export async function runsBefore({ documents }: Pick<State, "documents">): Promise<readonly JobRun[]> {
  return (await documents.list({ name: runDocument, cluster: null })).map(({ body }) => body as JobRun);
}

/** Keeps how a job of analysis ended, so that it is shown, and not repeated, after a restart. */
export async function keepRun({ documents }: Pick<State, "documents">, run: JobRun): Promise<void> {
  const { id } = run.status;
  if (!jobs.some((job) => job.id === id)) return;
  await documents.save([packDocument({ name: runDocument, cluster: null, key: id, body: run })]);
}

export interface CatchUpOptions {
  readonly housekeeping: Housekeeping;
  readonly before: readonly JobRun[];
  readonly fleet: Pick<FleetView, "jobs" | "subscribe">;
  readonly clock: Clock;
}

/** Runs what a schedule wanted while we were away, and everything when the history of a cluster is in. Returns the end. */
export function catchUp({ housekeeping, before, fleet, clock }: CatchUpOptions): () => void {
  const dueAt = new Map(before.map(({ status, nextDueAt }) => [status.id, nextDueAt]));
  const timer = setTimeout(() => {
    for (const { id } of jobs) {
      const due = dueAt.get(id) ?? null;
      if (due === null || due <= clock.now()) housekeeping.runNow(id);
    }
  }, catchUpAfterMs);
  const importing = new Set<string>();
  const stop = fleet.subscribe((change) => {
    if (change.type !== "jobs") return;
    for (const job of fleet.jobs()) {
      if (change.ids.includes(job.id) && historyIsIn(job, importing))
        for (const { id } of jobs) housekeeping.runNow(id);
    }
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function historyIsIn({ id, state }: JobStatus, importing: Set<string>): boolean {
  if (!id.startsWith("import/")) return false;
  if (state === "running") importing.add(id);
  return state === "done" && importing.delete(id);
}
