// The last seasons' values at the same place, the newest counting most.
import { type Model, modelOf } from "../model.ts";

/** Newest first. */
const weights = [4, 3, 2, 1];

export function seasonMeans(name: string, season: number): Model {
  return modelOf(name, season, (values, horizon) =>
    Float64Array.from({ length: horizon }, (_, step) => weightedMean(values, season, step % season)),
  );
}

function weightedMean(values: Float64Array, season: number, place: number): number {
  let sum = 0;
  let total = 0;
  for (const [back, weight] of weights.entries()) {
    const at = values.length - (back + 1) * season + place;
    if (at < 0) break;
    sum += weight * (values[at] ?? 0);
    total += weight;
  }
  return sum / total;
}
