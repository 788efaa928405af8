// Sums over stretches of numbers that several methods need.
import { medianSorted } from "simple-statistics";

export function meanOf(values: Float64Array, from = 0, to = values.length): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] ?? 0;
  return sum / (to - from);
}

export function medianOf(values: ArrayLike<number>): number {
  return medianSorted(Float64Array.from(values).sort() as unknown as number[]);
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
