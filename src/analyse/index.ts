// The registry of analysis. One more job is one file in jobs/ and one line here; one more question likewise.
import type { Job } from "./job.ts";
import { costs } from "./jobs/costs.ts";
import { growth } from "./jobs/growth.ts";
import type { Question } from "./question.ts";

export type { AnalysisContext, SeriesStore } from "./context.ts";
export type { Job, JobContext, JobOutcome } from "./job.ts";
export type { Question } from "./question.ts";

export const jobs: readonly Job[] = [growth, costs];

export const questions: readonly Question[] = [];
