// Weighs the methods by their errors in the trials, and mixes their forecasts.

/** One trial: what every method forecast, and what came. */
export interface Trial {
  /** By method, in the pool's order. */
  readonly forecasts: readonly Float64Array[];
  readonly actual: Float64Array;
  /** 1 where the value was measured. */
  readonly known: Float64Array;
}

/**
 * How much a better method counts: the weight is (least error / error) to this power. 1 would be a plain mean nearly, and
 * 20 the best method alone; between 4 and 8 little changes.
 */
const power = 5;

export type ErrorMeasure = "relative" | "absolute";

/** Mean error of each method in each trial: [trial][method]. */
export function trialErrors(trials: readonly Trial[], measure: ErrorMeasure): readonly (readonly number[])[] {
  return trials.map((trial) => trial.forecasts.map((forecast) => meanError(forecast, trial, measure)));
}

/**
 * Relative is the symmetric one, 2|y − f| / (|y| + |f|): for values that are all above 0, so that small nights count as
 * much as large days.
 */
export function meanError(forecast: Float64Array, { actual, known }: Trial, measure: ErrorMeasure): number {
  let sum = 0;
  let count = 0;
  for (let step = 0; step < actual.length; step++) {
    if (known[step] === 0) continue;
    const [was, said] = [actual[step] ?? 0, forecast[step] ?? 0];
    const miss = Math.abs(was - said);
    const size = (Math.abs(was) + Math.abs(said)) / 2;
    sum += measure === "absolute" ? miss : miss === 0 ? 0 : miss / size;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/** `errors` as of trialErrors, without the trial `except`. They add up to 1. */
export function weightsOf(errors: readonly (readonly number[])[], except = -1): readonly number[] {
  const methods = errors[0]?.length ?? 0;
  const totals = Array.from({ length: methods }, (_, method) =>
    errors.reduce((sum, ofTrial, trial) => sum + (trial === except ? 0 : (ofTrial[method] ?? 0)), 0),
  );
  const least = Math.min(...totals);
  return shares(shares(totals.map((total) => ratioTo(least, total) ** power)).map(prune));
}

/** The better of two that are both without any error is neither. */
const ratioTo = (least: number, total: number): number => (total === least ? 1 : least / total);

/** A method with less than this share changes nothing that can be seen, and need not be computed for the answer. */
const leastShare = 0.01;
const prune = (share: number): number => (share < leastShare ? 0 : share);

function shares(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

export function mixed(forecasts: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const mean = new Float64Array(forecasts[0]?.length ?? 0);
  for (const [method, forecast] of forecasts.entries()) {
    const weight = weights[method] ?? 0;
    if (weight === 0) continue;
    for (let step = 0; step < mean.length; step++) mean[step] = (mean[step] ?? 0) + weight * (forecast[step] ?? 0);
  }
  return mean;
}
