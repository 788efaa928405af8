// What the pool of forecasts says of the same series: where its mean and the upper end of its 90 % interval reach a limit.
import { forecast } from "../../forecast/forecast.ts";
import { dayMs, type Points } from "./points.ts";
import { daily } from "./time-to-limit.ts";

const horizon = 183;

export interface Crossing {
  /** Milliseconds since the epoch; null: not within half a year. */
  readonly mean: number | null;
  readonly upper: number | null;
}

/** Undefined where there is no forecast: too little history, or none better than repeating the last week. */
export function forecastCrossing(points: Points, limits: readonly number[]): readonly Crossing[] | undefined {
  const thinned = daily(points);
  const last = thinned.atMs.at(-1);
  if (last === undefined) return undefined;
  const found = forecast({
    values: onDays(thinned),
    stepS: dayMs / 1000,
    horizon,
    levels: [0.9],
    kind: "bytes",
    bounds: { min: 0, max: Number.MAX_VALUE },
  });
  const band = found.none ? undefined : found.bands[0];
  if (found.none || band === undefined) return undefined;
  const when = (path: Float64Array, limit: number): number | null => {
    const step = path.findIndex((value) => value >= limit);
    return step === -1 ? null : last + (step + 1) * dayMs;
  };
  return limits.map((limit) => ({ mean: when(found.mean, limit), upper: when(band.upper, limit) }));
}

function onDays({ atMs, values }: Points): Float64Array {
  const last = atMs.at(-1) ?? 0;
  const size = Math.round((last - (atMs[0] ?? last)) / dayMs) + 1;
  const grid = new Float64Array(size).fill(Number.NaN);
  for (const [place, moment] of atMs.entries()) {
    grid[size - 1 - Math.round((last - moment) / dayMs)] = values[place] ?? Number.NaN;
  }
  return grid;
}
