// Values so far from all others that they are a fault of the measurement, or at least nothing to learn from.
import { quantileSorted } from "simple-statistics";

/** So many times the width of the middle 98 % beyond its ends: a nightly peak is never that far out, a wrong unit is. */
const widths = 10;

/** Absurd values become missing. One among a thousand would otherwise hide every season and be all of the error. */
export function withoutAbsurd(values: Float64Array): Float64Array {
  const sorted = values.filter(isPlausible).sort();
  if (sorted.length === 0) return new Float64Array(values.length).fill(Number.NaN);
  const low = quantileSorted(sorted as unknown as number[], 0.01);
  const high = quantileSorted(sorted as unknown as number[], 0.99);
  // A series that hardly ever leaves one value says nothing of what is usual.
  const reach = high > low ? widths * (high - low) : Number.POSITIVE_INFINITY;
  const isUsual = (value: number): boolean => value >= low - reach && value <= high + reach;
  return values.map((value) => (isPlausible(value) && isUsual(value) ? value : Number.NaN));
}

/** Beyond this nothing of ours is measured, and sums of squares overflow. */
const beyondMeasure = 1e100;
const isPlausible = (value: number): boolean => Math.abs(value) < beyondMeasure;
