// How fast the level of a series moves by itself: what makes a far forecast less sure than a near one.

/**
 * Variance of the level per step, as of a random walk: the mean square by which the mean of a season changes over 1, 2, 3
 * … blocks, as a line through the origin. Up to half of the series: longer distances are seen too few times. `season` is
 * the longest, `block` the shortest one (1 for none).
 */
export function driftPerStep(values: Float64Array, season: number, block: number): number {
  const levels = seasonMeansEvery(values, season, block);
  let products = 0;
  let squares = 0;
  for (let distance = 1; distance <= levels.length >> 1; distance++) {
    let sum = 0;
    for (let at = distance; at < levels.length; at++) sum += ((levels[at] ?? 0) - (levels[at - distance] ?? 0)) ** 2;
    products += (distance * sum) / (levels.length - distance);
    squares += distance * distance;
  }
  return squares === 0 ? 0 : products / squares / block;
}

/** The mean of one season, taken every block, up to the end. */
function seasonMeansEvery(values: Float64Array, season: number, block: number): readonly number[] {
  const sums = new Float64Array(values.length + 1);
  for (let t = 0; t < values.length; t++) sums[t + 1] = (sums[t] ?? 0) + (values[t] ?? 0);
  const levels: number[] = [];
  for (let end = values.length; end >= season; end -= block)
    levels.push(((sums[end] ?? 0) - (sums[end - season] ?? 0)) / season);
  return levels;
}
