// The usual shape of a season, taken from a series by the classical decomposition with a moving mean.
import { meanOf, medianOf } from "../numbers.ts";

/** Mean deviation from the moving mean by place in the season, adding up to 0; needs two seasons. */
export function seasonShape(values: Float64Array, season: number): Float64Array {
  return shapeBy(values, season, meanOf);
}

/** The same by medians: a step in the level bends the moving mean for one season, and three outvote it. */
export function robustSeasonShape(values: Float64Array, season: number): Float64Array {
  return shapeBy(values, season, medianOf);
}

function shapeBy(values: Float64Array, season: number, middle: (deviations: Float64Array) => number): Float64Array {
  const trend = movingMean(values, season);
  const half = season >> 1;
  const shape = Float64Array.from({ length: season }, (_, place) => {
    const deviations: number[] = [];
    for (let t = place < half ? place + season : place; t < values.length - half; t += season)
      deviations.push((values[t] ?? 0) - (trend[t] ?? 0));
    return deviations.length === 0 ? 0 : middle(Float64Array.from(deviations));
  });
  const mean = meanOf(shape);
  return shape.map((value) => value - mean);
}

/** Centred; for an even season the two ends count half each. Only places with a whole season around them are set. */
function movingMean(values: Float64Array, season: number): Float64Array {
  const half = season >> 1;
  const sums = new Float64Array(values.length + 1);
  for (let t = 0; t < values.length; t++) sums[t + 1] = (sums[t] ?? 0) + (values[t] ?? 0);
  const between = (from: number, to: number): number => (sums[to] ?? 0) - (sums[from] ?? 0);
  const mean = new Float64Array(values.length);
  for (let t = half; t < values.length - half; t++) {
    mean[t] =
      season % 2 === 1
        ? between(t - half, t + half + 1) / season
        : (between(t - half, t + half) + between(t - half + 1, t + half + 1)) / (2 * season);
  }
  return mean;
}

export function withoutShape(values: Float64Array, shape: Float64Array): Float64Array {
  return values.map((value, t) => value - (shape[t % shape.length] ?? 0));
}
