// What can be said of a series that is too short, constant or without a pattern: its newest past over again.
import { quantileSorted } from "simple-statistics";
import { gridOf } from "./grid.ts";
import type { Model } from "./model.ts";
import { naiveModels } from "./pool.ts";
import type { Band, ForecastQuestion } from "./question.ts";
import { type Bounds, boundsOf } from "./space.ts";

export interface NaiveForecast {
  readonly mean: Float64Array;
  readonly bands: readonly Band[];
}

/** Undefined where nothing was ever measured. With one value the interval has no width: nothing is known of it. */
export function naiveForecast(question: ForecastQuestion): NaiveForecast | undefined {
  const { horizon, levels, kind, seasons = [] } = question;
  const { series, missingAtEnd } = gridOf(question.values, 1);
  const { values } = series;
  if (values.length === 0) return undefined;
  const bounds = question.bounds ?? boundsOf(kind);
  const steps = horizon + missingAtEnd;
  const best = bestNaive(values, steps, seasons);
  const mean = (best.run(series, [values.length], steps)[0] ?? new Float64Array(steps)).subarray(missingAtEnd);
  const misses = values
    .subarray(best.needs)
    .map((value, at) => Math.abs(value - (values[at] ?? 0)))
    .sort();
  const bands = levels.map((level): Band => {
    const reach = misses.length === 0 ? 0 : quantileSorted(misses as unknown as number[], level);
    // Misses of one season add up over several like the steps of a random walk.
    const half = mean.map((_, step) => reach * Math.sqrt(Math.ceil((missingAtEnd + step + 1) / best.needs)));
    return {
      level,
      lower: mean.map((value, step) => within(bounds, value - (half[step] ?? 0))),
      upper: mean.map((value, step) => within(bounds, value + (half[step] ?? 0))),
    };
  });
  return { mean: mean.map((value) => within(bounds, value)), bands };
}

const within = ({ min, max }: Bounds, value: number): number => Math.min(max, Math.max(min, value));

/** By its mean error on the newest half, or on as many steps as are asked for; the shortest season when equal. */
function bestNaive(values: Float64Array, horizon: number, seasons: readonly number[]): Model {
  const span = Math.min(horizon, values.length >> 1);
  const known = new Float64Array(values.length).fill(1);
  const origin = values.length - span;
  const [last, ...others] = naiveModels(seasons);
  if (last === undefined) throw new TypeError("there is always the last value");
  let best = { model: last, error: Number.POSITIVE_INFINITY };
  for (const model of [last, ...others]) {
    if (model.needs > origin) continue;
    const [forecast = values] = model.run({ values, known }, [origin], span);
    const error = forecast.reduce((sum, value, step) => sum + Math.abs(value - (values[origin + step] ?? 0)), 0);
    if (error < best.error) best = { model, error };
  }
  return best.model;
}
