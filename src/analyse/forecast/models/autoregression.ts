// The next value as a weighted sum of chosen earlier ones, iterated over the horizon: ridge regression on standardised
// values, robust by Huber's weights, recent weeks counting more.
import type { GridSeries, Model } from "../model.ts";
import { NormalEquations } from "../normal-equations.ts";
import { meanOf, medianOf, rangeOf, standardDeviation } from "../numbers.ts";

export interface AutoregressionOptions {
  readonly name: string;
  /** Ascending. */
  readonly lags: readonly number[];
  /** Steps after which a row counts `fadeFactor` of a new one. */
  readonly fadeSteps: number;
}

const ridge = 1e-5;
const fadeFactor = 0.8;
/** Rounds of Huber's weights at the first origin; a later one starts from what the one before has found. */
const firstRounds = 3;
/** A normal distribution's standard deviation in its median absolute deviations. */
const deviationsInSigma = 1.4826;

export function autoregression({ name, lags, fadeSteps }: AutoregressionOptions): Model {
  const longest = lags.at(-1) ?? 1;
  return {
    name,
    needs: longest + 3 * (lags.length + 1),
    run: (series, origins, horizon) => {
      const [first = 0] = origins;
      const centre = meanOf(series.values, 0, first);
      const scale = standardDeviation(series.values, 0, first) || 1;
      const standard = { values: series.values.map((value) => (value - centre) / scale), known: series.known };
      const fit = new RobustFit(standard, Int32Array.from(lags), fadeFactor ** (1 / fadeSteps));
      return origins.map((origin) => {
        fit.learnUntil(origin);
        return iterated(standard.values.subarray(0, origin), horizon, fit).map((value) => value * scale + centre);
      });
    },
  };
}

class RobustFit {
  readonly lags: Int32Array;
  coefficients: Float64Array;
  readonly #series: GridSeries;
  readonly #fade: number;
  readonly #row: Float64Array;
  #isFitted = false;

  constructor(series: GridSeries, lags: Int32Array, fade: number) {
    this.#series = series;
    this.lags = lags;
    this.#fade = fade;
    this.#row = new Float64Array(lags.length + 1).fill(1);
    this.coefficients = new Float64Array(lags.length + 1);
  }

  /** The constant comes last. */
  predict(values: Float64Array, at: number): number {
    const { coefficients, lags } = this;
    let sum = coefficients[lags.length] ?? 0;
    for (let k = 0; k < lags.length; k++) sum += (coefficients[k] ?? 0) * (values[at - (lags[k] ?? 0)] ?? 0);
    return sum;
  }

  learnUntil(end: number): void {
    const rounds = this.#isFitted ? 1 : firstRounds;
    if (!this.#isFitted) this.#solve(end, Number.POSITIVE_INFINITY, new Float64Array(0));
    for (let round = 0; round < rounds; round++) {
      const misses = this.#misses(end);
      this.#solve(end, deviationsInSigma * medianOf(misses) + 1e-6, misses);
    }
    this.#isFitted = true;
  }

  #misses(end: number): Float64Array {
    const { values } = this.#series;
    const begin = this.lags.at(-1) ?? 0;
    const misses = new Float64Array(end - begin);
    for (let at = begin; at < end; at++) misses[at - begin] = Math.abs((values[at] ?? 0) - this.predict(values, at));
    return misses;
  }

  /** What was missed by more than `limit` counts less, in proportion (Huber 1964). */
  #solve(end: number, limit: number, misses: Float64Array): void {
    const { values, known } = this.#series;
    const begin = this.lags.at(-1) ?? 0;
    const equations = new NormalEquations(this.#row.length);
    let age = this.#fade ** (end - begin);
    for (let at = begin; at < end; at++) {
      age /= this.#fade;
      const miss = misses[at - begin] ?? 0;
      const weight = age * (known[at] ?? 0) * (miss > limit ? limit / miss : 1);
      if (weight > 0) equations.add(this.#rowAt(at), values[at] ?? 0, weight);
    }
    this.coefficients = equations.solve(ridge);
  }

  #rowAt(at: number): Float64Array {
    const { values } = this.#series;
    for (let k = 0; k < this.lags.length; k++) this.#row[k] = values[at - (this.lags[k] ?? 0)] ?? 0;
    return this.#row;
  }
}

/** Held within once the range beyond what was ever seen: an unstable fit would run away over a long horizon. */
function iterated(past: Float64Array, horizon: number, fit: RobustFit): Float64Array {
  const [low, high] = rangeOf(past);
  const reach = high - low;
  const path = new Float64Array(past.length + horizon);
  path.set(past);
  for (let at = past.length; at < path.length; at++)
    path[at] = Math.min(high + reach, Math.max(low - reach, fit.predict(path, at)));
  return path.slice(past.length);
}
