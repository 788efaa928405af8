// A straight line that outliers do not move (Theil 1950, Sen 1968), and how sure it is: lines through resampled residuals.
import { medianOf } from "../../forecast/numbers.ts";
import { dayMs, type Points } from "./points.ts";

export interface Line {
  /** Where `level` holds, milliseconds since the epoch: the last point. */
  readonly atMs: number;
  readonly level: number;
  readonly slopePerDay: number;
}

/** Of at least two points. The work grows by the square of their number: up to some hundred. */
export function theilSen({ atMs, values }: Points): Line {
  const last = atMs.at(-1) ?? 0;
  const days = atMs.map((moment) => (moment - last) / dayMs);
  const slopePerDay = medianSlope(days, values);
  const level = medianOf(values.map((value, place) => value - slopePerDay * (days[place] ?? 0)));
  return { atMs: last, level, slopePerDay };
}

function medianSlope(days: readonly number[], values: ArrayLike<number>): number {
  const slopes = new Float64Array((days.length * (days.length - 1)) / 2);
  let count = 0;
  for (let later = 1; later < days.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      slopes[count++] = ((values[later] ?? 0) - (values[earlier] ?? 0)) / ((days[later] ?? 0) - (days[earlier] ?? 0));
    }
  }
  return medianOf(slopes);
}

export const valueOn = (line: Line, atMs: number): number =>
  line.level + (line.slopePerDay * (atMs - line.atMs)) / dayMs;

export const residualsOf = ({ atMs, values }: Points, line: Line): readonly number[] =>
  values.map((value, place) => value - valueOn(line, atMs[place] ?? 0));

/** Median distance from the median, scaled to the standard deviation of a normal distribution. */
export function robustSpread(values: readonly number[]): number {
  const middle = medianOf(values);
  return 1.4826 * medianOf(values.map((value) => Math.abs(value - middle)));
}

/**
 * `count` lines through points whose residuals were drawn again in blocks of neighbours (moving-block bootstrap, Künsch
 * 1989): what lies near in time is alike, and drawing it one by one would make the line look surer than it is.
 */
export function resampledLines(points: Points, line: Line, count: number, draw: () => number): readonly Line[] {
  const residuals = residualsOf(points, line);
  const size = residuals.length;
  const block = Math.max(1, Math.round(Math.cbrt(size)));
  const fitted = points.atMs.map((moment) => valueOn(line, moment));
  return Array.from({ length: count }, () => {
    const values = new Array<number>(size);
    for (let begin = 0; begin < size; begin += block) {
      const from = Math.floor(draw() * (size - block + 1));
      for (let step = 0; step < block && begin + step < size; step++) {
        values[begin + step] = (fitted[begin + step] ?? 0) + (residuals[from + step] ?? 0);
      }
    }
    return theilSen({ atMs: points.atMs, values });
  });
}

/** Nearest rank; Infinity counts as the largest. Undefined for none. */
export function quantileOf(values: readonly number[], p: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))];
}
