// Whether values rise, without asking how (Mann 1945, Kendall 1975), season by season (Hirsch, Slack & Smith 1982): values
// are compared only with those of the same hour of the day, so that a day's shape is no trend.

export interface TrendTest {
  /** Pairs that rise less pairs that fall. */
  readonly s: number;
  readonly pairs: number;
  /** Probability of an S as large without any trend; one-sided, 1 when nothing rises. */
  readonly p: number;
}

/** Each group is one season's values, oldest first. Without pairs p is 1. */
export function mannKendall(groups: readonly (readonly number[])[]): TrendTest {
  let s = 0;
  let variance = 0;
  let pairs = 0;
  for (const group of groups) {
    s += risesOf(group);
    variance += varianceOf(group);
    pairs += (group.length * (group.length - 1)) / 2;
  }
  if (s <= 0 || variance <= 0) return { s, pairs, p: 1 };
  return { s, pairs, p: upperTail((s - 1) / Math.sqrt(variance)) };
}

function risesOf(values: readonly number[]): number {
  let s = 0;
  for (let later = 1; later < values.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) s += Math.sign((values[later] ?? 0) - (values[earlier] ?? 0));
  }
  return s;
}

/** Equal values make fewer orders possible, and the variance less. */
function varianceOf(values: readonly number[]): number {
  const term = (n: number): number => n * (n - 1) * (2 * n + 5);
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  let sum = term(values.length);
  for (const count of ties.values()) sum -= term(count);
  return sum / 18;
}

/** Of the normal distribution (Abramowitz & Stegun 26.2.17, error below 7.5e-8). */
export function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (polynomial * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}
