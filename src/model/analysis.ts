// The port to analysis, as the API and the command line see it: results that jobs left behind, questions that are answered
// at once, and jobs that can be run on demand.
import type { ClusterId } from "./ids.ts";

/** A result of a job, kept until the next run replaces it: the latest of each name, cluster and key. */
export interface AnalysisDocument {
  /** `kpis`, `forecasts`, … ; its shape is a type of the model. */
  readonly name: string;
  /** null for what is of the whole fleet. */
  readonly cluster: ClusterId | null;
  /** What tells it from others of its name and cluster: a day, a scope; empty for the only one. */
  readonly key: string;
  /** When it was computed (or entered), milliseconds since the epoch. */
  readonly at: number;
  readonly body: unknown;
}

export interface DocumentsQuery {
  readonly name: string;
  /** Left out: of all clusters. null: only those of the whole fleet. */
  readonly cluster?: ClusterId | null | undefined;
  /** Keys from here to there, both included, in the order of text; dates as YYYY-MM-DD sort by time. */
  readonly fromKey?: string | undefined;
  readonly toKey?: string | undefined;
}

export interface AnalysisDocuments {
  /** By cluster, then key. */
  list(query: DocumentsQuery): Promise<readonly AnalysisDocument[]>;
}

export interface AnalysisPort {
  readonly documents: AnalysisDocuments;
  /**
   * Asks a question of the registry (src/analyse/questions). Throws an InputError for a question that cannot be answered
   * as asked, and a StoreError while analysis is not running.
   */
  ask<Answer>(question: string, input: unknown): Promise<Answer>;
  /** Queues a job; false when there is none of this id. It reports through the list of jobs. */
  run(job: string): boolean;
  /** Keeps what a person entered, as a saved scenario; analysis reads it as a document. */
  keep(document: Omit<AnalysisDocument, "at">): Promise<void>;
  remove(document: Pick<AnalysisDocument, "name" | "cluster" | "key">): Promise<boolean>;
}
