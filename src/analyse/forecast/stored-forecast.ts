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

return { fromMs: toMs, stepMs, result };
}
type Measure = Required<Pick<ForecastQuestion, "kind" | "bounds">>;
/** What the metric's unit says of its values. */
function measureOf({ id, kind, unit, type, min, max }: Metric): Measure {
  if (type === "counter") throw new InputError(`${kind}.${id} is a counter; forecast its rate.`);
  switch (unit) {
    case "ratio":
    case "percent":
      return { kind: "ratio", bounds: { min, max: unit === "ratio" ? 1 : 100 } };
    case "bytes":
      return { kind: "bytes", bounds: { min, max } };
    case "bytes_per_second":
    case "count":
    case "load":
    case "seconds":
    case "currency_per_hour":
      return { kind: "rate", bounds: { min, max } };
    case "celsius":
      return { kind: "value", bounds: { min, max } };
    case "boolean":
    case "enum":
      throw new InputError(`${kind}.${id} is a state and no quantity; it cannot be forecast.`);
  }
}
/** A share of CPU may be measured a little above 1; then that is as far as it goes. */
function boundedBy({ kind, bounds }: Measure, values: Float64Array): Measure {
  if (kind !== "ratio") return { kind, bounds };
  let { max } = bounds;
  for (const value of values) if (value > max) max = value;
  return { kind, bounds: { min: bounds.min, max } };
}
/** Points coarser than the step say nothing of the single hours: they are missing, and counted as such. */
function onGrid(
  frame: SeriesFrame | undefined,
  { fromMs, toMs, stepMs }: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
): Float64Array {
  const values = new Float64Array((toMs - fromMs) / stepMs).fill(Number.NaN);
  for (const [place, timeMs] of (frame?.timeMs ?? []).entries()) {
    const value = frame?.values[place] ?? null;
    if (value === null || 1000 * (frame?.resolutionS[place] ?? 0) > stepMs) continue;
    values[Math.floor((timeMs - fromMs) / stepMs)] = value;
  }
  return values;
}
