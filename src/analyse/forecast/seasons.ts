// Which seasons a series has: the test of the M4 competition's Naive2, on the series without its trend.
import { linearRegression } from "simple-statistics";
import { seasonShape, withoutShape } from "./models/season-shape.ts";
import { meanOf } from "./numbers.ts";

const daySeconds = 86_400;
/** One-sided 95 % of the normal distribution: a two-sided test at 90 %. */
const threshold = 1.645;

/** Lengths worth testing for steps of `stepS` seconds, in steps, shortest first: a day and a week, or a week of days. */
export function candidateSeasons(stepS: number): readonly number[] {
  return [daySeconds, 7 * daySeconds]
    .map((seconds) => seconds / stepS)
    .filter((steps) => Number.isInteger(steps) && steps >= 2);
}

/**
 * The candidates whose autocorrelation is more than chance (Bartlett's limits) after the trend is taken out. The shape of
 * a season that was found is taken out, too, before a longer one is tested: a strong day would hide a weak week.
 */
export function testedSeasons(values: Float64Array, candidates: readonly number[]): readonly number[] {
  const found: number[] = [];
  let rest = withoutTrend(values);
  for (const season of candidates) {
    if (values.length < 2 * season || !isSeasonal(rest, season)) continue;
    found.push(season);
    rest = withoutShape(rest, seasonShape(rest, season));
  }
  return found;
}

function isSeasonal(values: Float64Array, season: number): boolean {
  const correlations = autocorrelations(values, season);
  let squares = 0;
  for (let lag = 1; lag < season; lag++) squares += (correlations[lag] ?? 0) ** 2;
  return (correlations[season] ?? 0) > (threshold * Math.sqrt(1 + 2 * squares)) / Math.sqrt(values.length);
}

/** By lag, up to and with `most`; 0 for a series that does not move. */
function autocorrelations(values: Float64Array, most: number): Float64Array {
  const mean = meanOf(values);
  const centred = values.map((value) => value - mean);
  const products = new Float64Array(most + 1);
  for (let lag = 0; lag <= most; lag++) {
    let sum = 0;
    for (let at = lag; at < centred.length; at++) sum += (centred[at] ?? 0) * (centred[at - lag] ?? 0);
    products[lag] = sum;
  }
  const [variance = 0] = products;
  return variance > 0 ? products.map((product) => product / variance) : new Float64Array(most + 1);
}

function withoutTrend(values: Float64Array): Float64Array {
  const { m, b } = linearRegression(Array.from(values, (value, at) => [at, value]));
  return values.map((value, at) => value - m * at - b);
}
