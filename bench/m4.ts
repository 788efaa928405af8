// Scores forecasts by the definitions of the M4 competition (Makridakis, Spiliotis and Assimakopoulos 2020), on the
// development split that lies beside the checkout; without it there is no score.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseWide } from "../src/cli/lab/wide-csv.ts";

export interface M4Series {
  readonly id: string;
  readonly past: Float64Array;
  readonly future: Float64Array;
}

export interface M4Answer {
  readonly mean: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

export interface M4Score {
  readonly owa: number;
  readonly smape: number;
  readonly mase: number;
  /** Share of the truth within the intervals. */
  readonly coverage: number;
  readonly msis: number;
}

const folder = fileURLToPath(new URL("../../shared/data/m4/", import.meta.url));
const missedShare = 0.05;

/** Undefined, with a word about it, when the data is not there. */
export function m4Series(frequency: "Hourly" | "Weekly"): readonly M4Series[] | undefined {
  if (!existsSync(`${folder}${frequency}-train.csv`)) {
    console.warn("the M4 data is not beside the checkout (../shared/data/m4): forecasts are not scored on it");
    return undefined;
  }
  const rows = (part: string) => parseWide(readFileSync(`${folder}${frequency}-${part}.csv`, "utf8"), part);
  const pasts = new Map(rows("train").map(({ id, values }) => [id, values]));
  return rows("test").map(({ id, values }) => ({ id, past: pasts.get(id) ?? new Float64Array(), future: values }));
}

/** `season` as in the competition: 24 for hours, 1 for weeks. Answers in the order of the series. */
export function scored(series: readonly M4Series[], answers: readonly M4Answer[], season: number): M4Score {
  const sums = { smape: 0, mase: 0, naiveSmape: 0, naiveMase: 0, msis: 0, held: 0, steps: 0 };
  for (const [place, { past, future }] of series.entries()) {
    const answer = answers[place];
    if (answer === undefined) throw new RangeError(`series ${place} has no answer`);
    const scale = seasonalDifference(past, season);
    const naive = naive2(past, future.length, season);
    sums.smape += smape(future, answer.mean);
    sums.mase += meanMiss(future, answer.mean) / scale;
    sums.naiveSmape += smape(future, naive);
    sums.naiveMase += meanMiss(future, naive) / scale;
    sums.msis += intervalScore(future, answer) / scale;
    sums.held += heldBy(future, answer);
    sums.steps += future.length;
  }
  const { length } = series;
  return {
    owa: (sums.smape / sums.naiveSmape + sums.mase / sums.naiveMase) / 2,
    smape: sums.smape / length,
    mase: sums.mase / length,
    coverage: sums.held / sums.steps,
    msis: sums.msis / length,
  };
}

const meanOver = (truth: Float64Array, of: (value: number, step: number) => number): number =>
  truth.reduce((sum, value, step) => sum + of(value, step), 0) / truth.length;

const at = (values: Float64Array, place: number): number => values[place] ?? Number.NaN;

function smape(truth: Float64Array, forecast: Float64Array): number {
  return meanOver(truth, (value, step) => {
    const size = Math.abs(value) + Math.abs(at(forecast, step));
    return size === 0 ? 0 : (200 * Math.abs(value - at(forecast, step))) / size;
  });
}

const meanMiss = (truth: Float64Array, forecast: Float64Array): number =>
  meanOver(truth, (value, step) => Math.abs(value - at(forecast, step)));

const seasonalDifference = (past: Float64Array, season: number): number =>
  meanMiss(past.subarray(season), past.subarray(0, past.length - season));

function intervalScore(truth: Float64Array, { lower, upper }: M4Answer): number {
  return meanOver(truth, (value, step) => {
    const beyond = Math.max(0, at(lower, step) - value, value - at(upper, step));
    return at(upper, step) - at(lower, step) + (2 / missedShare) * beyond;
  });
}

const heldBy = (truth: Float64Array, { lower, upper }: M4Answer): number =>
  truth.reduce((sum, value, step) => sum + (value >= at(lower, step) && value <= at(upper, step) ? 1 : 0), 0);

/** The last value, on the series without its season where the test of the competition finds one. */
function naive2(past: Float64Array, horizon: number, season: number): Float64Array {
  const indices = season > 1 && isSeasonal(past, season) ? seasonalIndices(past, season) : new Float64Array(1).fill(1);
  const { length } = past;
  const last = at(past, length - 1) / at(indices, (length - 1) % indices.length);
  return Float64Array.from({ length: horizon }, (_, step) => last * at(indices, (length + step) % indices.length));
}

function isSeasonal(past: Float64Array, season: number): boolean {
  const mean = meanOver(past, (value) => value);
  const product = (lag: number): number =>
    past.subarray(lag).reduce((sum, value, t) => sum + (value - mean) * (at(past, t) - mean), 0);
  let squares = 0;
  for (let lag = 1; lag < season; lag++) squares += (product(lag) / product(0)) ** 2;
  const limit = (1.645 * Math.sqrt(1 + 2 * squares)) / Math.sqrt(past.length);
  return past.length >= 3 * season && Math.abs(product(season) / product(0)) > limit;
}

/** Classical multiplicative decomposition, for an even season. */
function seasonalIndices(past: Float64Array, season: number): Float64Array {
  const half = season / 2;
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  for (let t = half; t < past.length - half; t++) {
    const window = past.subarray(t - half, t + half + 1);
    const trend = (window.reduce((a, b) => a + b, 0) - (at(window, 0) + at(window, season)) / 2) / season;
    sums[t % season] = at(sums, t % season) + at(past, t) / trend;
    counts[t % season] = at(counts, t % season) + 1;
  }
  const means = sums.map((sum, place) => sum / at(counts, place));
  const mean = meanOver(means, (value) => value);
  return means.map((value) => value / mean);
}
