// Percentile rank: the share of the members that are lower, ties counted by half. The subject itself is not counted.

/** From 0 (lowest) to 1 (highest), by the order of `values`; NaN for fewer than two. */
export function percentileRanks(values: readonly number[]): readonly number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return values.map((value) => {
    const lower = countBelow(sorted, value);
    const equal = countBelow(sorted, value, true) - lower - 1;
    return (lower + equal / 2) / (values.length - 1);
  });
}

/** How many are below `value`, or with `orEqual` at most it. */
function countBelow(sorted: readonly number[], value: number, orEqual = false): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = sorted[middle] ?? 0;
    if (at < value || (orEqual && at === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
