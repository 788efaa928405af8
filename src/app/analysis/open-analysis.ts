// Joins analysis to the rest: what it had come to before, its jobs for the schedule, its port for the API.
import type { ClusterSettings, Settings } from "../../config/index.ts";
import type { AnalysisPort } from "../../model/analysis.ts";
import type { AnalysisSettings } from "../../model/analysis-settings.ts";
import { packDocument } from "../../store/index.ts";
import type { Housekeeping, JobRun, ScheduledJob } from "../housekeeping.ts";
import { analysisJobs, catchUp, keepRun, runDocument, runsBefore } from "./analysis-jobs.ts";
import { Analyst, type AnalystOptions } from "./analyst.ts";

export interface Analysis {
  readonly analyst: Analyst;
  readonly port: AnalysisPort;
  readonly jobs: readonly ScheduledJob[];
  /** The runs of before this start. */
  readonly before: readonly JobRun[];
  /** To be told of every run that has ended. */
  readonly ended: (run: JobRun) => Promise<void>;
  /** From here on jobs are caught up, and can be run on demand. Returns the end. */
  start(housekeeping: Housekeeping): () => void;
}

/** What the configuration says of analysis, and of the clusters that are watched. */
export const analysisSettings = (
  { analysis }: Pick<Settings, "analysis">,
  clusters: readonly ClusterSettings[],
): AnalysisSettings => ({
  ...analysis,
  clusters: clusters.map(({ id, name, costModel }) => ({ id, name, costModel })),
});

export async function openAnalysis(options: AnalystOptions): Promise<Analysis> {
  const { state, fleet, log, clock } = options;
  const analyst = new Analyst(options);
  const before = await runsBefore(state);
  await restoreResults(options);
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
    ended: (run) =>
      keepRun(state, run).catch((error: unknown) => log.error({ err: error }, "how a job ended could not be kept")),
    start: (housekeeping) => {
      schedule = housekeeping;
      return catchUp({ housekeeping, before, fleet, clock });
    },
  };
}

/** What had been come to before this start. What holds of a cluster that is no longer watched ends. */
async function restoreResults({ state, fleet, settings }: AnalystOptions): Promise<void> {
  const watched = new Set(settings.clusters.map(({ id }) => id));
  const open = await state.findings.open();
  const left = new Set(open.map(({ cluster }) => cluster).filter((cluster) => !watched.has(cluster)));
  for (const cluster of left) await state.findings.forget(cluster);
  const latest = await state.documents.latest();
  fleet.restoreFindings(
    open.filter(({ cluster }) => watched.has(cluster)),
    latest.filter(({ name, cluster }) => name !== runDocument && (cluster === null || watched.has(cluster))),
  );
}
