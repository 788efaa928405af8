// Theta (Assimakopoulos and Nikolopoulos 2000) on the series without its season: half of the linear trend on top of
// simple exponential smoothing.
import { linearRegression } from "simple-statistics";
import { type Model, modelOf } from "../model.ts";
import { seasonShape, withoutShape } from "./season-shape.ts";

const smoothings = [0.01, 0.03, 0.06, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];

/** `season` 1 is none. */
export function theta(name: string, season: number): Model {
  return modelOf(name, Math.max(8, 2 * season + 1), (values, horizon) => {
    const shape = season === 1 ? new Float64Array(1) : seasonShape(values, season);
    const rest = withoutShape(values, shape);
    const { alpha, level } = bestSmoothing(rest, season);
    const { m: slope } = linearRegression(Array.from(rest, (value, t) => [t, value]));
    // The exact form of Hyndman and Billah (2003): the smoothing's own lag belongs to the drift.
    const lag = (1 - (1 - alpha) ** values.length) / alpha;
    return Float64Array.from(
      { length: horizon },
      (_, step) => level + 0.5 * slope * (step + lag) + (shape[(values.length + step) % shape.length] ?? 0),
    );
  });
}

function bestSmoothing(values: Float64Array, skipped: number): { readonly alpha: number; readonly level: number } {
  let best = { alpha: 0, level: 0, squares: Number.POSITIVE_INFINITY };
  for (const alpha of smoothings) {
    let level = values[0] ?? 0;
    let squares = 0;
    for (let t = 1; t < values.length; t++) {
      const miss = (values[t] ?? 0) - level;
      if (t > skipped) squares += miss * miss;
      level += alpha * miss;
    }
    if (squares < best.squares) best = { alpha, level, squares };
  }
  return best;
}
