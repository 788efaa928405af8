// Joins analysis to the rest: what it had come to before, its jobs for the schedule, its port for the API.
import type { AnalysisPort } from "../../model/analysis.ts";
import { packDocument } from "../../store/index.ts";
import type { Housekeeping, JobRun, ScheduledJob } from "../housekeeping.ts";
import { analysisJobs, catchUp, keepRun, runsBefore } from "./analysis-jobs.ts";
import { Analyst, type AnalystOptions } from "./analyst.ts";

export interface Analysis {
  readonly analyst: Analyst;
  readonly port: AnalysisPort;
  readonly jobs: readonly ScheduledJob[];
  /** The runs of before this start. */
  readonly before: readonly JobRun[];
  /** To be told of every run that has ended. */
  readonly ended: (run: JobRun) => void;
  /** From here on jobs are caught up, and can be run on demand. Returns the end. */
  start(housekeeping: Housekeeping): () => void;
}

export async function openAnalysis(options: AnalystOptions): Promise<Analysis> {
  const { state, fleet, log, clock } = options;
  const analyst = new Analyst(options);
  const before = await runsBefore(state);
  fleet.restoreFindings(await state.findings.open(), await state.documents.latest());
  let schedule: Housekeeping | null = null;
  const jobs = analysisJobs(analyst);
  const port: AnalysisPort = {
    documents: state.documents,
    ask: (question, input) => analyst.ask(question, input),
    run: (id) => jobs.some((job) => job.id === id) && (schedule?.runNow(id) ?? false),
    keep: async (document) => {
      await state.documents.save([packDocument(document)]);
      fleet.analysed([document]);
    },
    remove: async (document) => {
      const removed = await state.documents.remove(document);
      if (removed) fleet.analysed([document]);
      return removed;
    },
  };
  return {
    analyst,
    port,
    jobs,
    before,
    ended: (run) => {
      keepRun(state, run).catch((error: unknown) => log.error({ err: error }, "how a job ended could not be kept"));
    },
    start: (housekeeping) => {
      schedule = housekeeping;
      return catchUp({ housekeeping, before, fleet, clock });
    },
  };
}
