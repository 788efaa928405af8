// A season's profile that follows slowly, with an autoregression of what is left: for series whose week is firm and whose
// days differ.
import type { GridSeries, Model } from "../model.ts";
import { autoregression } from "./autoregression.ts";

/** How far the profile moves towards each new season. */
const following = 0.5;
/** The rest is learnt from so many of the last seasons. */
const learntSeasons = 4;

/** `season` in steps, `lags` of the rest's autoregression. */
export function runningProfile(name: string, season: number, lags: readonly number[]): Model {
  const rest = autoregression({ name, lags, fadeSteps: season });
  return {
    name,
    needs: 2 * season,
    run: (series, origins, horizon) =>
      origins.map((origin) => {
        const values = series.values.subarray(0, origin);
        const profile = profileOf(values, season);
        const from = Math.max(0, origin - learntSeasons * season);
        const left: GridSeries = {
          values: values.map((value, t) => value - (profile[t % season] ?? 0)).subarray(from),
          known: series.known.subarray(from, origin),
        };
        const [forecast = new Float64Array(horizon)] = rest.run(left, [origin - from], horizon);
        return forecast.map((value, step) => value + (profile[(origin + step) % season] ?? 0));
      }),
  };
}

/** Deviation from the mean of the season before, followed exponentially place by place. */
function profileOf(values: Float64Array, season: number): Float64Array {
  const profile = new Float64Array(season);
  let sum = 0;
  for (let t = 0; t < season; t++) sum += values[t] ?? 0;
  for (let t = 0; t < values.length; t++) {
    if (t >= season) sum += (values[t] ?? 0) - (values[t - season] ?? 0);
    const place = t % season;
    const deviation = (values[t] ?? 0) - sum / season;
    const before = profile[place] ?? 0;
    profile[place] = t < season ? deviation : before + following * (deviation - before);
  }
  return profile;
}
