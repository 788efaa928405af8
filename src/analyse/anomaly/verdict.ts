// What the detector says of one row.

/** What is unusual: the value itself, a mean of the newest rows, the newest movement, or how lively the series is. */
export type Reason = "value" | "level" | "jump" | "still" | "restless";

export interface Verdict {
  /** From 0 (as ever) to 1. */
  readonly score: number;
  readonly reason: Reason;
  /** Forecast from the rows before, in the unit of the series; null while nothing was learned. */
  readonly expected: number | null;
  /** The range in which a value is as ever. */
  readonly low: number | null;
  readonly high: number | null;
  /** Rows whose mean is unusual: 1 for a single value. */
  readonly rows: number;
}

/** Nothing was measured, or too little is known. */
export const silent: Verdict = { score: 0, reason: "value", expected: null, low: null, high: null, rows: 1 };
