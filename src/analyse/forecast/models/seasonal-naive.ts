// The forecast that every other has to beat: what was a season ago.
import { type Model, modelOf } from "../model.ts";

/** The last `season` values over and over. */
export function seasonalNaive(name: string, season: number): Model {
  return modelOf(name, season, (values, horizon) => {
    const begin = values.length - season;
    return Float64Array.from({ length: horizon }, (_, step) => values[begin + (step % season)] ?? 0);
  });
}
