// The forecast of one series: a weighted mean of many methods, each weighed by how it did on the past, with intervals
// from what was missed there. docs/forecasting.md says how and why.
import type { Backtest } from "../../model/forecasts.ts";
import { mixed } from "./combine.ts";
import { leastLength } from "./folds.ts";
import { modelPool } from "./pool.ts";
import { no, type Prepared, prepare } from "./preparation.ts";
import type { Band, Forecast, ForecastQuestion, NoForecast, Trained } from "./question.ts";
import { endsOf, scaleFor } from "./spread.ts";
import { train } from "./training.ts";

/** Pure: the same question has the same answer. Never has a NaN in it. */
export function forecast(question: ForecastQuestion): Forecast | NoForecast {
  return answerIf(question, ({ backtest }) => beatsNaive(backtest));
}

/** The same where it does not beat the naive forecast, too: for comparisons, not for decisions. */
export function combinedForecast(question: ForecastQuestion): Forecast | NoForecast {
  return answerIf(question, () => true);
}

function answerIf(question: ForecastQuestion, isGoodEnough: (trained: Trained) => boolean): Forecast | NoForecast {
  const prepared = prepare(question);
  if (prepared.none) return prepared;
  const trained = usable(question.trained, prepared) ?? train(prepared, question.horizon);
  if (trained === undefined) return no("too_short", tooShortForTrials(prepared, question.horizon));
  if (isGoodEnough(trained)) return answer(question, prepared, trained);
  return { ...no("no_better_than_naive", noBetter(trained.backtest)), trained };
}

/** Over all trials and in most of them: one lucky trial in six would let a random walk pass. */
export const beatsNaive = ({ error, naiveError, better, trials }: Backtest): boolean =>
  error < naiveError && 2 * better > trials;

/** A series whose space has changed (its first zero, its first negative value) is learnt again. */
function usable(trained: Trained | undefined, { space }: Prepared): Trained | undefined {
  return trained?.space === space.name ? trained : undefined;
}

function answer({ horizon, levels }: ForecastQuestion, prepared: Prepared, trained: Trained): Forecast {
  const { space, bounds, missingAtEnd } = prepared;
  const steps = horizon + missingAtEnd;
  const { mean: whole, learnt } = meanOfPool(prepared, trained, steps);
  const scale = scaleFor(trained.spread, steps, trained.seasons[0] ?? 1);
  const within = (value: number): number => Math.min(bounds.max, Math.max(bounds.min, value));
  const end = (factor: number): Float64Array =>
    whole
      .map((value, step) => within(space.back(space.into(space.hold(value)) + factor * (scale[step] ?? 0))))
      .subarray(missingAtEnd);
  const bands = levels.map((level): Band => {
    const [lower, upper] = endsOf(trained.spread, level);
    return { level, lower: end(lower), upper: end(upper) };
  });
  return {
    none: false,
    mean: end(0),
    bands,
    backtest: trained.backtest,
    trained: { ...trained, learnt },
    levelShifts: prepared.shifts,
  };
}

function meanOfPool({ series, seasons, space }: Prepared, { weights, learnt: earlier }: Trained, steps: number) {
  const pool = modelPool(seasons, space).filter(({ name }) => (weights[name] ?? 0) > 0);
  const learnt: Record<string, Float64Array> = {};
  const forecasts = pool.map(({ name, lasting, run }) => {
    if (lasting === undefined) return run(series, [series.values.length], steps)[0] ?? new Float64Array(steps);
    const known = earlier?.[name] ?? lasting.learn(series);
    learnt[name] = known;
    return lasting.forecastBy(known, series, steps);
  });
  const mean = mixed(
    forecasts,
    pool.map(({ name }) => weights[name] ?? 0),
  );
  return { mean, learnt };
}

const tooShortForTrials = ({ series, seasons }: Prepared, horizon: number): string =>
  `needs ${leastLength(series.values.length, horizon, seasons)} values to be tried on its past, has ${series.values.length}`;

function noBetter({ error, naiveError, naive, better, trials }: Backtest): string {
  const past = naive === "naive" ? "the last value" : `the last ${naive.slice("naive-".length)} values`;
  const errors = `mean error ${short(error)} against ${short(naiveError)}`;
  return `does not beat repeating ${past}: ${errors}, better in ${better} of ${trials} trials`;
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
