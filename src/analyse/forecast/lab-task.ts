// What goes to a forecasting thread and comes back: plain data only.
import type { Backtest } from "../../model/forecasts.ts";
import type { NaiveForecast } from "./naive-forecast.ts";
import type { ForecastQuestion, NoForecast } from "./question.ts";

export type LabTask = Pick<ForecastQuestion, "values" | "seasons" | "horizon" | "levels" | "kind">;

export interface LabResult {
  /** Undefined for a series without any value. */
  readonly answer: NaiveForecast | undefined;
  readonly backtest: Backtest | undefined;
  /** Why the answer is only the best naive forecast. */
  readonly refusal: NoForecast | undefined;
}
