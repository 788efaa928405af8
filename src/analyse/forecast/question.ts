// What a forecast is asked for, and what it answers.
import type { LevelShift } from "./level-shifts.ts";
import type { Bounds, ForecastKind, Space } from "./space.ts";
import type { Spread } from "./spread.ts";

export interface ForecastQuestion {
  /** Oldest first, on a regular grid; NaN where nothing was measured. */
  readonly values: Float64Array;
  /** Seconds from one value to the next; reasons are in days then, else in values. */
  readonly stepS?: number;
  /** Lengths in steps. Tested by the step's length when left out: a day and a week, or a week. */
  readonly seasons?: readonly number[];
  /** Steps to forecast. */
  readonly horizon: number;
  /** Shares of the truth that intervals are to hold, such as 0.95. */
  readonly levels: readonly number[];
  readonly kind: ForecastKind;
  /** What can be at all; by the kind when left out. */
  readonly bounds?: Bounds;
  /** Places of the first values after a known change of level (an upgrade, a resize, a migration). */
  readonly breaks?: readonly number[];
  /** As an earlier forecast of the same series gave it: spares the trials. */
  readonly trained?: Trained;
}

/** What the trials taught; plain data, worth keeping for some days. */
export interface Trained {
  readonly seasons: readonly number[];
  readonly space: Space["name"];
  /** By method; they add up to 1. */
  readonly weights: Readonly<Record<string, number>>;
  readonly spread: Spread;
  readonly backtest: Backtest;
}

/** How the forecast did when it was tried on the past, each trial by the weights of the others. */
export interface Backtest {
  readonly trials: number;
  /** Trials in which the forecast was better than the naive one. */
  readonly better: number;
  /** Steps that each trial forecast. */
  readonly span: number;
  /** Mean absolute error, in the series' unit. */
  readonly error: number;
  readonly naiveError: number;
  /** The best of the naive methods: "naive-24" repeats the last 24 steps. */
  readonly naive: string;
  /** Share of the truth within the 95 % interval. */
  readonly coverage: number;
}

export interface Band {
  readonly level: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

export interface Forecast {
  readonly none: false;
  readonly mean: Float64Array;
  /** In the order of the levels asked for. */
  readonly bands: readonly Band[];
  readonly backtest: Backtest;
  readonly trained: Trained;
  readonly levelShifts: readonly LevelShift[];
}

export type NoForecastCode = "no_data" | "too_short" | "too_sparse" | "constant" | "no_better_than_naive";

export interface NoForecast {
  readonly none: true;
  readonly code: NoForecastCode;
  /** For a person: "needs 14 days, has 3". */
  readonly reason: string;
}
