// Sums over stretches of numbers that several methods need.
import { quickselect } from "simple-statistics";

export function meanOf(values: Float64Array, from = 0, to = values.length): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] ?? 0;
  return sum / (to - from);
}

/** NaN for none. Selects instead of sorting: it is asked for in every round of a robust fit. */
export function medianOf(values: ArrayLike<number>): number {
  const copy = Float64Array.from(values);
  const middle = copy.length >> 1;
  if (copy.length === 0) return Number.NaN;
  quickselect(copy as unknown as number[], middle);
  const upper = copy[middle] ?? 0;
  if (copy.length % 2 === 1) return upper;
  let lower = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < middle; at++) lower = Math.max(lower, copy[at] ?? 0);
  return (lower + upper) / 2;
}

/** Lowest and highest value. */
export function rangeOf(values: Float64Array): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

export function standardDeviation(values: Float64Array, from = 0, to = values.length): number {
  const mean = meanOf(values, from, to);
  let sum = 0;
  for (let i = from; i < to; i++) sum += ((values[i] ?? 0) - mean) ** 2;
  return Math.sqrt(sum / (to - from));
}
