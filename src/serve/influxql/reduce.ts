// The functions of InfluxQL over points in order of time. Pure.
import type { AggregateName } from "./query.ts";

/** Columns of equal length, in order of time. `weight`: how many samples a value stands for, when it is an average. */
export interface Points {
  readonly timeMs: readonly number[];
  readonly values: readonly (number | null)[];
  readonly weights?: readonly number[];
}

/** One value of all points whose index lies in from ≤ i < to; null when there is none. */
export function reduce(
  name: AggregateName,
  percent: number | null,
  points: Points,
  from: number,
  to: number,
): number | null {
  switch (name) {
    case "mean":
      return meanOf(points, from, to);
    case "count":
      return presentIn(points, from, to).length || null;
    case "sum":
      return reduced(points, from, to, (sum, value) => sum + value);
    case "min":
      return reduced(points, from, to, Math.min);
    case "max":
      return reduced(points, from, to, Math.max);
    case "first":
      return presentIn(points, from, to)[0] ?? null;
    case "last":
      return presentIn(points, from, to).at(-1) ?? null;
    case "median":
      return medianOf(presentIn(points, from, to));
    case "percentile":
      return nearestRank(presentIn(points, from, to), percent ?? 50);
  }
}

function presentIn({ values }: Points, from: number, to: number): number[] {
  const present: number[] = [];
  for (let index = from; index < to; index++) {
    const value = values[index];
    if (value !== null && value !== undefined) present.push(value);
  }
  return present;
}

function reduced(points: Points, from: number, to: number, join: (a: number, b: number) => number): number | null {
  const [first, ...rest] = presentIn(points, from, to);
  // Not `reduce(join)`: Math.max would be handed the index and the list as well.
  return first === undefined ? null : rest.reduce((result, value) => join(result, value), first);
}

function meanOf({ values, weights }: Points, from: number, to: number): number | null {
  let [sum, weight, count, last] = [0, 0, 0, 0];
  for (let index = from; index < to; index++) {
    const value = values[index];
    if (value === null || value === undefined) continue;
    const own = weights?.[index] ?? 1;
    sum += value * own;
    weight += own;
    count++;
    last = value;
  }
  // A value that stands alone is itself, to the last bit.
  if (count === 1) return last;
  return weight > 0 ? sum / weight : null;
}

/** As InfluxDB: of an even number of values the mean of the two in the middle. */
function medianOf(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** As InfluxDB's percentile: a value that was measured, at the rank floor(n × p / 100 + 0.5); none below the first. */
function nearestRank(values: number[], percent: number): number | null {
  const rank = Math.floor((values.length * percent) / 100 + 0.5);
  return rank < 1 ? null : (values.sort((a, b) => a - b)[rank - 1] ?? null);
}
