// What goes to a thread of the nightly forecasts and comes back: plain data only.
import type { ForecastState, KeptWeights, Outlook } from "../../model/forecasts.ts";
import type { Measured } from "./measure.ts";
import type { Grid } from "./series-grids.ts";

export interface NightlyTask {
  readonly nowMs: number;
  readonly series: readonly NightlySeries[];
}

export interface NightlySeries {
  readonly id: string;
  readonly measured: Measured;
  readonly outlook: Outlook;
  readonly grid: Grid;
  readonly values: Float64Array;
  readonly breaksMs: readonly number[];
  /** What is not learnt again tonight. */
  readonly kept: KeptWeights | undefined;
}

export interface NightlyResult {
  readonly now: number | null;
  readonly result: ForecastState;
  /** What was learnt just now; undefined where `kept` served, or nothing could be learnt. */
  readonly learnt: KeptWeights | undefined;
}
