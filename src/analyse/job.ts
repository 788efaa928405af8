// A job turns stored series, facts and inventory into findings, documents and series. The engine around it does what all
// have in common: schedule, thread, time limit, status, keeping what comes out.
import type { AnalysisDocument } from "../model/analysis.ts";
import type { Row } from "../model/batch.ts";
import type { Finding } from "../model/finding.ts";
import type { AnalysisContext } from "./context.ts";

export interface JobContext extends AnalysisContext {
  /** Says how far the run is; jobs of seconds need not. */
  readonly progress: (done: number, total: number) => void;
}

export interface JobOutcome {
  /** One sentence for the list of jobs. */
  readonly summary: string;
  /**
   * Everything that the job concludes now: what it concluded before and leaves out is resolved. Left out: this run could
   * not look, and what stands goes on standing.
   */
  readonly findings?: readonly Finding[];
  /** Each replaces the one with the same name, cluster and key; others of the name stay. */
  readonly documents?: readonly Omit<AnalysisDocument, "at">[];
  /** Points of derived series (kind `scope`), which go to the store and to every sink. */
  readonly rows?: readonly Row[];
}

export interface Job {
  /** `kpis`; also the last part of its address. */
  readonly id: string;
  readonly summary: string;
  /** Cron expression, in UTC. Runs of all jobs wait for each other. */
  readonly schedule: string;
  /** After so long the run is ended and counts as failed. */
  readonly timeLimitMs: number;
  run(context: JobContext): Promise<JobOutcome>;
}

export const defineJob = (job: Job): Job => job;
