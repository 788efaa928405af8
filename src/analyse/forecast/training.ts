// Tries all methods on the past and learns from it how to weigh them and how far to trust the result.
import type { Backtest } from "../../model/forecasts.ts";
import { type ErrorMeasure, meanError, mixed, type Trial, trialErrors, weightsOf } from "./combine.ts";
import { driftPerStep } from "./drift.ts";
import { type FoldPlan, planFolds } from "./folds.ts";
import type { Model } from "./model.ts";
import { meanOf } from "./numbers.ts";
import { modelPool, naiveModels } from "./pool.ts";
import type { Prepared } from "./preparation.ts";
import type { Trained } from "./question.ts";
import { endsOf, type Misses, spreadOf } from "./spread.ts";

/** The level whose coverage the backtest tells. */
const toldLevel = 0.95;

/** Undefined when there is too little before the first trial for any method. */
export function train(prepared: Prepared, horizon: number): Trained | undefined {
  const { series, seasons, space } = prepared;
  const plan = planFolds(series.values.length, horizon, seasons);
  const [first] = plan.origins;
  if (first === undefined) return undefined;
  const pool = modelPool(seasons, space).filter(({ needs }) => needs <= first);
  const trials = trialsOf(prepared, pool, plan.origins, plan.span);
  const errors = trialErrors(trials, measureOf(prepared));
  const weights = weightsOf(errors);
  // Each trial is judged by what the others teach; a single one has no others.
  const judged = trials.map(({ forecasts }, place) =>
    mixed(forecasts, trials.length === 1 ? equalWeights(pool) : weightsOf(errors, place)),
  );
  const season = seasons[0] ?? 1;
  const misses = trials.map((trial, place) => missesOf(trial, judged[place] ?? new Float64Array(), prepared));
  const drift = driftPerStep(series.values.map(space.into), seasons.at(-1) ?? 1, season);
  return {
    seasons,
    space: space.name,
    weights: Object.fromEntries(pool.map(({ name }, place) => [name, weights[place] ?? 0])),
    spread: spreadOf(misses, { season, rounds: roundsOf(plan), drift }),
    backtest: {
      ...errorsBeside(trials, judged, pool, seasons),
      span: plan.span,
      coverage: coverageOf(misses, plan, season),
    },
  };
}

function trialsOf(
  { series }: Prepared,
  pool: readonly Model[],
  origins: readonly number[],
  span: number,
): readonly Trial[] {
  const byModel = pool.map((model) => model.run(series, origins, span));
  return origins.map((origin, place) => ({
    forecasts: byModel.map((forecasts) => forecasts[place] ?? new Float64Array(span)),
    actual: series.values.subarray(origin, origin + span),
    known: series.known.subarray(origin, origin + span),
  }));
}

const measureOf = ({ series, space }: Prepared): ErrorMeasure =>
  space.name === "log" && series.values.every((value) => value > 0) ? "relative" : "absolute";

const equalWeights = (pool: readonly Model[]): readonly number[] => pool.map(() => 1 / pool.length);

function missesOf({ actual, known }: Trial, forecast: Float64Array, { space }: Prepared): Misses {
  return actual.map((value, step) =>
    known[step] === 0 ? Number.NaN : space.into(value) - space.into(space.hold(forecast[step] ?? 0)),
  );
}

/** The naive method to beat in a trial is the one that did best in the others, as the weights come from the others. */
function errorsBeside(
  trials: readonly Trial[],
  judged: readonly Float64Array[],
  pool: readonly Model[],
  seasons: readonly number[],
): Omit<Backtest, "span" | "coverage"> {
  const names = new Set(naiveModels(seasons).map(({ name }) => name));
  const naive = [...pool.keys()].filter((method) => names.has(pool[method]?.name ?? ""));
  const errors = trialErrors(trials, "absolute");
  const errorOf = (method: number, except: number): number =>
    errors.reduce((sum, ofTrial, trial) => sum + (trial === except ? 0 : (ofTrial[method] ?? 0)), 0);
  const best = (except: number): number =>
    naive.reduce((least, each) => (errorOf(each, except) < errorOf(least, except) ? each : least));
  const ours = trials.map((trial, place) => meanError(judged[place] ?? new Float64Array(), trial, "absolute"));
  const theirs = errors.map((ofTrial, place) => ofTrial[best(trials.length === 1 ? -1 : place)] ?? 0);
  return {
    trials: trials.length,
    better: ours.filter((error, place) => error < (theirs[place] ?? 0)).length,
    error: meanOf(Float64Array.from(ours)),
    naiveError: meanOf(Float64Array.from(theirs)),
    naive: pool[best(-1)]?.name ?? "",
  };
}

function roundsOf({ origins, span }: FoldPlan): number {
  return ((origins.at(-1) ?? 0) - (origins[0] ?? 0) + span) / span;
}

/** Share of each trial's truth in the interval that the other trials give. */
function coverageOf(misses: readonly Misses[], plan: FoldPlan, season: number): number {
  let held = 0;
  let count = 0;
  for (const [place, trial] of misses.entries()) {
    const others = misses.filter((_, other) => other !== place);
    const rounds = Math.max(1, roundsOf(plan) - 1);
    const spread = spreadOf(others.length === 0 ? misses : others, { season, rounds, drift: 0 });
    const [low, high] = endsOf(spread, toldLevel);
    for (const [step, miss] of trial.entries()) {
      if (Number.isNaN(miss)) continue;
      const scale = spread.scale[step] ?? 0;
      if (miss >= low * scale && miss <= high * scale) held++;
      count++;
    }
  }
  return count === 0 ? 0 : held / count;
}
