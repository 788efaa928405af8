// Forecasts a stored series: reads its history as the horizon needs it, and chooses kind and bounds by its metric.
import { type Outlook, outlooks } from "../../model/forecasts.ts";
import type { EntityId } from "../../model/ids.ts";
import type { Metric } from "../../model/metrics.ts";
import type { MetricsStore } from "../../model/store.ts";
import { forecast } from "./forecast.ts";
import { boundedBy, type Measured, measureOf } from "./measure.ts";
import type { Forecast, NoForecast, Trained } from "./question.ts";
import { type Grid, gridFor, readGrids } from "./series-grids.ts";

export interface StoredQuestion {
  readonly id: EntityId;
  readonly metric: Metric;
  readonly outlook: Outlook;
  readonly nowMs: number;
  /** Between 0 and 1. */
  readonly levels: readonly number[];
  /** Known changes of level: an upgrade, a resize, a migration. */
  readonly breaksMs?: readonly number[];
  /** What an earlier forecast of the series has learnt. */
  readonly trained?: Trained;
}

export interface StoredForecast {
  /** Begin of the first step that is forecast: the hour or the UTC day that now lies in. */
  readonly fromMs: number;
  readonly stepMs: number;
  readonly result: Forecast | NoForecast;
}

/** Throws an InputError for a metric that is no quantity, and whatever the store throws. */
export async function forecastStored(
  store: Pick<MetricsStore, "range">,
  question: StoredQuestion,
): Promise<StoredForecast> {
  const { id, metric, outlook, nowMs } = question;
  measureOf(metric);
  const grid = gridFor(outlook, nowMs);
  const grids = await readGrids(store, { ids: [id], metric: metric.id, grid });
  const values = grids.get(id) ?? new Float64Array();
  return {
    fromMs: grid.toMs,
    stepMs: grid.stepMs,
    result: forecastOf(values, { ...question, grid, measured: metric }),
  };
}

export interface GridQuestion extends Pick<StoredQuestion, "levels" | "breaksMs" | "trained" | "outlook"> {
  readonly grid: Grid;
  readonly measured: Measured;
}

/** Of values that were read already. */
export function forecastOf(values: Float64Array, question: GridQuestion): Forecast | NoForecast {
  const { grid, measured, outlook, levels, breaksMs = [], trained } = question;
  return forecast({
    values,
    stepS: grid.stepMs / 1000,
    horizon: outlooks[outlook].horizon,
    levels,
    ...boundedBy(measureOf(measured), values),
    breaks: breaksMs.map((at) => Math.ceil((at - grid.fromMs) / grid.stepMs)),
    ...(trained === undefined ? {} : { trained }),
  });
}
