// What a forecast is asked for, and what it answers.
import type { Backtest, NoForecastCode } from "../../model/forecasts.ts";
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
  /** What its methods learnt from the whole series, by method; see Lasting. */
  readonly learnt?: Readonly<Record<string, Float64Array>>;
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

export interface NoForecast {
  readonly none: true;
  readonly code: NoForecastCode;
  /** For a person: "needs 14 days, has 3". */
  readonly reason: string;
  /** What the trials taught where they were made: spares them the next time, too. */
  readonly trained?: Trained;
}
