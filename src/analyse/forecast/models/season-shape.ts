// The usual shape of a season, taken from a series by the classical decomposition with a moving mean.

/** Mean deviation from the moving mean by place in the season, adding up to 0; needs two seasons. */
export function seasonShape(values: Float64Array, season: number): Float64Array {
  const trend = movingMean(values, season);
  const half = season >> 1;
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  for (let t = half; t < values.length - half; t++) {
    const place = t % season;
    sums[place] = (sums[place] ?? 0) + (values[t] ?? 0) - (trend[t] ?? 0);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  const shape = sums.map((sum, place) => sum / Math.max(1, counts[place] ?? 0));
  let total = 0;
  for (const value of shape) total += value;
  return shape.map((value) => value - total / season);
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
