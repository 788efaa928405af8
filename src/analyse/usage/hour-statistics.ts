// Means and percentiles of hours, of which some are not known (NaN).

export interface HourStatistics {
  readonly avg: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Hours that it rests on. */
  readonly known: number;
}

/** Undefined when no hour is known. */
export function hourStatistics(values: Float64Array): HourStatistics | undefined {
  const sorted = knownOf(values).sort();
  if (sorted.length === 0) return undefined;
  let sum = 0;
  for (const value of sorted) sum += value;
  const [p50, p95, p99, max] = [0.5, 0.95, 0.99, 1].map((p) => nearestRank(sorted, p)) as [
    number,
    number,
    number,
    number,
  ];
  // A mean of equal values may leave their range by the last digit.
  const avg = Math.min(max, Math.max(sorted[0] ?? 0, sum / sorted.length));
  return { avg, p50, p95, p99, max, known: sorted.length };
}

/** The percentile of the hours that the mask marks; undefined when none of them is known. */
export function maskedPercentile(values: Float64Array, mask: Uint8Array, p: number): number | undefined {
  const sorted = knownOf(values.filter((_, hour) => mask[hour] === 1)).sort();
  return sorted.length === 0 ? undefined : nearestRank(sorted, p);
}

/** The smallest value that at least this share of the values does not pass. */
export const nearestRank = (sorted: Float64Array, p: number): number =>
  sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;

export const knownOf = (values: Float64Array): Float64Array => values.filter((value) => !Number.isNaN(value));

/** The last so many hours. */
export const lastHours = <Values extends Float64Array | Uint8Array>(values: Values, hours: number): Values =>
  values.subarray(Math.max(0, values.length - hours)) as Values;

/** Sum of the hours that are known and, where a mask is given, marked. */
export function sumOfHours(values: Float64Array, counted?: Uint8Array): number {
  let sum = 0;
  for (let hour = 0; hour < values.length; hour++) {
    const value = values[hour] ?? Number.NaN;
    if (!Number.isNaN(value) && counted?.[hour] !== 0) sum += value;
  }
  return sum;
}
