// Forecasts a stored series: reads its history as the horizon needs it, and chooses kind and bounds by its metric.
import { InputError } from "../../lib/errors.ts";
import type { EntityId } from "../../model/ids.ts";
import type { Metric } from "../../model/metrics.ts";
import type { MetricsStore, SeriesFrame } from "../../model/store.ts";
import { forecast } from "./forecast.ts";
import type { Forecast, ForecastQuestion, NoForecast, Trained } from "./question.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How far ahead is looked, in which steps, and on how much history that rests. */
export const outlooks = {
  month: { stepMs: hourMs, horizon: 720, historyMs: 90 * dayMs },
  "half-year": { stepMs: dayMs, horizon: 183, historyMs: 730 * dayMs },
} as const;
export type Outlook = keyof typeof outlooks;

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
  const { id, metric, outlook, nowMs, levels, breaksMs = [], trained } = question;
  const { stepMs, horizon, historyMs } = outlooks[outlook];
  // The step that is under way is not whole, and would look like a fall.
  const toMs = Math.floor(nowMs / stepMs) * stepMs;
  const fromMs = toMs - historyMs;
  const measure = measureOf(metric);
  const { frames } = await store.range({ ids: [id], metric: metric.id, aggregation: "avg", fromMs, toMs, stepMs });
  const values = onGrid(frames[0], { fromMs, toMs, stepMs });
  const breaks = breaksMs.map((at) => Math.ceil((at - fromMs) / stepMs));
  const result = forecast({
    values,
    stepS: stepMs / 1000,
    horizon,
    levels,
    ...boundedBy(measure, values),
    breaks,
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
