// The registry of analysis. One more job is one file in jobs/ and one line here; one more question likewise.
import type { Job } from "./job.ts";
import { anomalies } from "./jobs/anomalies.ts";
import { capacity } from "./jobs/capacity.ts";
import { classBenchmark } from "./jobs/class-benchmark.ts";
import { costs } from "./jobs/costs.ts";
import { forecasts } from "./jobs/forecasts.ts";
import { growth } from "./jobs/growth.ts";
import { kpis } from "./jobs/kpis.ts";
import { riskTrends } from "./jobs/risk-trends.ts";
import { risks } from "./jobs/risks.ts";
import type { Question } from "./question.ts";
import { classNeed } from "./questions/class-need.ts";
import { costDays, costFocus } from "./questions/cost-focus.ts";
import { costPrice } from "./questions/cost-price.ts";
import { costRoi } from "./questions/cost-roi.ts";
import { costs as costsQuestion } from "./questions/costs.ts";
import { forecastQuestion } from "./questions/forecast.ts";
import { whatIf } from "./questions/what-if.ts";

export type { AnalysisContext, SeriesStore } from "./context.ts";
export type { Job, JobContext, JobOutcome } from "./job.ts";
export type { Question } from "./question.ts";

export const jobs: readonly Job[] = [
  growth,
  risks,
  riskTrends,
  forecasts,
  kpis,
  capacity,
  anomalies,
  classBenchmark,
  costs,
];

export const questions: readonly Question[] = [
  forecastQuestion,
  whatIf,
  classNeed,
  costsQuestion,
  costPrice,
  costRoi,
  costDays,
  costFocus,
];
