// A series as the analyses of this folder take it, and how its rows are spaced.

export interface Series {
  /** Epoch milliseconds, rising. */
  readonly times: Float64Array;
  /** In the unit of the series; NaN where nothing was measured. */
  readonly values: Float64Array;
}

/** Less is known than a method needs; both in the unit that `of` names. */
export interface TooLittle {
  readonly state: "too-little";
  readonly needs: number;
  readonly has: number;
  readonly of: string;
}

export const tooLittle = (of: string, needs: number, has: number): TooLittle => ({
  state: "too-little",
  needs,
  has,
  of,
});

/** The median of the time between rows, in milliseconds; NaN for fewer than two. */
export function usualStepMs({ times }: Series): number {
  const steps: number[] = [];
  for (let row = 1; row < times.length; row++) {
    const step = (times[row] ?? 0) - (times[row - 1] ?? 0);
    if (step > 0) steps.push(step);
  }
  return median(steps);
}

/** NaN of none; the mean of the middle two of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
