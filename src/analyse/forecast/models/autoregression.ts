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
/** Rounds of Huber's weights at the first origin; later ones start from what was found before. */
const robustRounds = 1;
/** A normal distribution's standard deviation in its median absolute deviations. */
const deviationsInSigma = 1.4826;

export function autoregression({ name, lags, fadeSteps }: AutoregressionOptions): Model {
  const longest = lags.at(-1) ?? 1;
  const places = Int32Array.from(lags);
  const fade = fadeFactor ** (1 / fadeSteps);
  return {
    name,
    needs: longest + 3 * (lags.length + 1),
    run: (series, origins, horizon) => {
      const { standard, back } = standardised(series, origins[0] ?? 0);
      const fit = new RobustFit(standard, places, fade);
      return origins.map((origin) => {
        fit.learnUntil(origin);
        return iterated(standard.values.subarray(0, origin), horizon, fit).map(back);
      });
    },
    lasting: { learn, forecastBy },
  };

  function learn(series: GridSeries): Float64Array {
    const fit = new RobustFit(standardised(series, series.values.length).standard, places, fade);
    fit.learnUntil(series.values.length);
    return fit.coefficients;
  }

  function forecastBy(learnt: Float64Array, series: GridSeries, horizon: number): Float64Array {
    // What another release learnt with other lags says nothing.
    const coefficients = learnt.length === places.length + 1 ? learnt : learn(series);
    const { standard, back } = standardised(series, series.values.length);
    return iterated(standard.values, horizon, { coefficients, lags: places }).map(back);
  }
}

/** Mean 0 and deviation 1 over what is known at the first origin. */
function standardised({ values, known }: GridSeries, first: number) {
  const centre = meanOf(values, 0, first);
  const scale = standardDeviation(values, 0, first) || 1;
  return {
    standard: { values: values.map((value) => (value - centre) / scale), known },
    back: (value: number): number => value * scale + centre,
  };
}

/** The constant comes last. */
interface Coefficients {
  readonly coefficients: Float64Array;
  readonly lags: Int32Array;
}

function predict({ coefficients, lags }: Coefficients, values: Float64Array, at: number): number {
  let sum = coefficients[lags.length] ?? 0;
  for (let k = 0; k < lags.length; k++) sum += (coefficients[k] ?? 0) * (values[at - (lags[k] ?? 0)] ?? 0);
  return sum;
}

class RobustFit implements Coefficients {
  readonly lags: Int32Array;
  coefficients: Float64Array;
  readonly #series: GridSeries;
  readonly #fade: number;
  #equations: NormalEquations;
  /** Values learnt so far; 0 before the first fit. */
  #learnt = 0;
  /** Misses beyond this count less. */
  #limit = Number.POSITIVE_INFINITY;

  constructor(series: GridSeries, lags: Int32Array, fade: number) {
    this.#series = series;
    this.lags = lags;
    this.#fade = fade;
    this.coefficients = new Float64Array(lags.length + 1);
    this.#equations = new NormalEquations(lags.length + 1);
  }

  /** From the first origin to the next only the new rows are added: a twentieth of the work, and as good. */
  learnUntil(end: number): void {
    if (this.#learnt > 0) {
      this.#equations.fade(this.#fade ** (end - this.#learnt));
      this.#addRows(this.#learnt, end);
      this.coefficients = this.#equations.solve(ridge);
    } else for (let round = 0; round <= robustRounds; round++) this.#learnAll(end, round);
    this.#learnt = end;
  }

  #learnAll(end: number, round: number): void {
    if (round > 0) this.#limit = deviationsInSigma * medianOf(this.#misses(end)) + 1e-6;
    this.#equations = new NormalEquations(this.lags.length + 1);
    this.#addRows(this.#begin, end);
    this.coefficients = this.#equations.solve(ridge);
  }

  get #begin(): number {
    return this.lags.at(-1) ?? 0;
  }

  #misses(end: number): Float64Array {
    const { values } = this.#series;
    const from = this.#begin;
    const misses = new Float64Array(end - from);
    for (let at = from; at < end; at++) misses[at - from] = Math.abs((values[at] ?? 0) - predict(this, values, at));
    return misses;
  }

  /** What was missed by more than the limit counts less, in proportion (Huber 1964). */
  #addRows(from: number, end: number): void {
    const { values, known } = this.#series;
    let age = this.#fade ** (end - from);
    for (let at = from; at < end; at++) {
      age /= this.#fade;
      const miss =
        this.#limit === Number.POSITIVE_INFINITY ? 0 : Math.abs((values[at] ?? 0) - predict(this, values, at));
      const weight = age * (known[at] ?? 0) * (miss > this.#limit ? this.#limit / miss : 1);
      if (weight > 0) this.#equations.add((row) => this.#fillRow(row, at), values[at] ?? 0, weight);
    }
  }

  #fillRow(row: Float64Array, at: number): void {
    const { values } = this.#series;
    const { lags } = this;
    for (let k = 0; k < lags.length; k++) row[k] = values[at - (lags[k] ?? 0)] ?? 0;
    row[lags.length] = 1;
  }
}

/** Held within once the range beyond what was ever seen: an unstable fit would run away over a long horizon. */
function iterated(past: Float64Array, horizon: number, fit: Coefficients): Float64Array {
  const [low, high] = rangeOf(past);
  const reach = high - low;
  const path = new Float64Array(past.length + horizon);
  path.set(past);
  for (let at = past.length; at < path.length; at++)
    path[at] = Math.min(high + reach, Math.max(low - reach, predict(fit, path, at)));
  return path.slice(past.length);
}
