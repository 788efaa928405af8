// Forecasts what a cluster, its nodes and its storages will need, a day a step and a year ahead. CPU and memory are judged
// by the busiest hour of each day, because a mean of a day hides the hour that does not fit.
import type { CapacityOutlook, SeriesOutlook } from "../../model/capacity.ts";
import { forecast } from "../forecast/forecast.ts";
import type { ForecastKind } from "../forecast/space.ts";

export const dayMs = 86_400_000;
/** "Cap one year". */
export const horizonDays = 365;
/** Of twenty futures one passes its upper end. */
const level = 0.9;
const recentDays = 30;

export const startOfDay = (ms: number): number => Math.floor(ms / dayMs) * dayMs;

/** Values hour by hour, NaN where nothing is known, oldest first, up to the begin of today. */
export function outlookOfHours(hours: Float64Array, kind: ForecastKind): SeriesOutlook {
  return outlookOf(dailyPeaks(hours), hours.subarray(-24 * recentDays), kind);
}

/** Values day by day. */
export const outlookOfDays = (days: Float64Array, kind: ForecastKind): SeriesOutlook =>
  outlookOf(days, days.subarray(-recentDays), kind);

function outlookOf(days: Float64Array, recent: Float64Array, kind: ForecastKind): SeriesOutlook {
  const found = forecast({ values: days, stepS: dayMs / 1000, horizon: horizonDays, levels: [level], kind });
  const base = { recent: recentOf(recent) };
  if (found.none) return { ...base, none: { code: found.code, reason: found.reason }, mean: [], upper: [] };
  const upper = found.bands[0]?.upper ?? found.mean;
  return { ...base, none: null, mean: rounded(found.mean), upper: rounded(upper) };
}

/** Five digits are more than a forecast knows, and make the document a third as long. */
const rounded = (values: Float64Array): readonly number[] =>
  Array.from(values, (value) => Number(value.toPrecision(5)));

/** The busiest hour of each day; a day of which less than half is known is missing. */
export function dailyPeaks(hours: Float64Array): Float64Array {
  const days = new Float64Array(Math.floor(hours.length / 24)).fill(Number.NaN);
  for (let day = 0; day < days.length; day++) {
    const known = hours.subarray(24 * day, 24 * (day + 1)).filter((value) => !Number.isNaN(value));
    if (known.length >= 12) days[day] = Math.max(...known);
  }
  return days;
}

function recentOf(values: Float64Array): SeriesOutlook["recent"] {
  const known = values.filter((value) => !Number.isNaN(value)).toSorted();
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return { p95: known[Math.ceil(0.95 * known.length) - 1] ?? mean, mean };
}

export const outlookSeries = (outlook: CapacityOutlook | null, name: string): SeriesOutlook | null =>
  outlook?.series[name] ?? null;
