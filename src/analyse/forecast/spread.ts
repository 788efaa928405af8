// How far the truth lies from the forecast, step by step: from what was missed in the trials (split conformal
// prediction, Lei et al. 2018, with residuals scaled by step).
import { quantileSorted } from "simple-statistics";
import { meanOf } from "./numbers.ts";

/** Misses of one trial in the series' space; NaN where nothing was measured. */
export type Misses = Float64Array;

export interface Spread {
  /** Standard deviation by step of the trials. */
  readonly scale: Float64Array;
  /** Variance as a line over the steps: at the first, and its growth per step. */
  readonly variance: { readonly first: number; readonly perStep: number };
  /** Variance that the level of the series gathers per step, beyond the trials. */
  readonly drift: number;
  /** What the ends are moved out by, because few trials show too little. */
  readonly widening: number;
  /** Misses in units of the scale, ascending, with their sign and without. */
  readonly signed: Float64Array;
  readonly sizes: Float64Array;
}

/** Steps to both sides over which the scale is smoothed: six trials alone would make it a saw. */
const kernelWidth = 1.5;
const kernelReach = Math.ceil(2.5 * kernelWidth);
const kernel = Float64Array.from({ length: 2 * kernelReach + 1 }, (_, place) =>
  Math.exp(-0.5 * ((place - kernelReach) / kernelWidth) ** 2),
);
/** What the same hour of a neighbouring day counts in that. */
const neighbourDay = 0.5;
/** Part of the smooth line in the variance; the rest is by step. */
const lineShare = 0.4;
/** The line is never below this part of the mean variance. */
const lineFloor = 0.05;

/**
 * The trials' own misses are a little smaller than those to come, since the scale was fitted to them. Chosen so that 95 %
 * intervals hold 95 % on the development data with its six separate trials (docs/benchmarks.md).
 */
const calibratedWidening = 1.1;
const calibratedRounds = 6;

export interface SpreadOptions {
  /** The shortest season, 1 for none. */
  readonly season: number;
  /** Stretches of the past that the trials cover, each as long as a trial: overlapping trials count less. */
  readonly rounds: number;
  /** See driftPerStep. */
  readonly drift: number;
}

export function spreadOf(misses: readonly Misses[], { season, rounds, drift }: SpreadOptions): Spread {
  const raw = meanSquares(misses);
  const line = lineThrough(raw);
  const local = smoothed(raw, season);
  const scale = risingBySeason(
    local.map((value, step) => Math.sqrt((1 - lineShare) * value + lineShare * (line.first + line.perStep * step))),
    season,
  );
  const signed = scaled(misses, scale);
  const widening = calibratedWidening * Math.sqrt((1 + 1 / rounds) / (1 + 1 / calibratedRounds));
  return { scale, variance: line, drift, widening, signed, sizes: signed.map(Math.abs).sort() };
}

function meanSquares(misses: readonly Misses[]): Float64Array {
  const span = misses[0]?.length ?? 0;
  const sums = new Float64Array(span);
  const counts = new Float64Array(span);
  for (const trial of misses)
    for (let step = 0; step < span; step++) {
      const miss = trial[step] ?? Number.NaN;
      if (Number.isNaN(miss)) continue;
      sums[step] = (sums[step] ?? 0) + miss * miss;
      counts[step] = (counts[step] ?? 0) + 1;
    }
  return sums.map((sum, step) => (counts[step] === 0 ? Number.NaN : sum / (counts[step] ?? 1)));
}

/** Least squares, never falling: nothing gets surer with distance. */
function lineThrough(raw: Float64Array): Spread["variance"] {
  const places = Array.from(raw.keys()).filter((step) => !Number.isNaN(raw[step] ?? Number.NaN));
  if (places.length === 0) return { first: 0, perStep: 0 };
  const meanPlace = places.reduce((a, b) => a + b, 0) / places.length;
  const mean = places.reduce((sum, step) => sum + (raw[step] ?? 0), 0) / places.length;
  let above = 0;
  let below = 0;
  for (const step of places) {
    above += (step - meanPlace) * ((raw[step] ?? 0) - mean);
    below += (step - meanPlace) ** 2;
  }
  const steepest = meanPlace > 0 ? ((1 - lineFloor) * mean) / meanPlace : 0;
  const perStep = below === 0 ? 0 : Math.min(steepest, Math.max(0, above / below));
  return { first: mean - perStep * meanPlace, perStep };
}

function smoothed(raw: Float64Array, season: number): Float64Array {
  const shifts: readonly (readonly [number, number])[] =
    season > 1
      ? [
          [0, 1],
          [-season, neighbourDay],
          [season, neighbourDay],
        ]
      : [[0, 1]];
  return raw.map((_, step) => {
    let sum = 0;
    let total = 0;
    for (const [shift, share] of shifts)
      for (let place = 0; place < kernel.length; place++) {
        const value = raw[step + shift + place - kernelReach] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        const weight = share * (kernel[place] ?? 0);
        sum += weight * value;
        total += weight;
      }
    return total === 0 ? 0 : sum / total;
  });
}

/** A season is never narrower than the same hours of the one before: intervals widen, whatever chance the trials had. */
function risingBySeason(scale: Float64Array, season: number): Float64Array {
  for (let begin = season; begin < scale.length; begin += season) {
    const block = scale.subarray(begin, begin + season);
    const before = meanOf(scale, begin - season, begin - season + block.length);
    const now = meanOf(block);
    if (now < before)
      for (let at = 0; at < block.length; at++) block[at] = now === 0 ? before : ((block[at] ?? 0) * before) / now;
  }
  return scale;
}

function scaled(misses: readonly Misses[], scale: Float64Array): Float64Array {
  const all: number[] = [];
  for (const trial of misses)
    for (let step = 0; step < trial.length; step++) {
      const miss = trial[step] ?? Number.NaN;
      if (!Number.isNaN(miss)) all.push((scale[step] ?? 0) > 0 ? miss / (scale[step] ?? 1) : 0);
    }
  return Float64Array.from(all).sort();
}

/**
 * The scale for a horizon beyond the trials: the hours' pattern of their last season, growing with the line and at
 * least with the fourth root of the distance, and by the drift of the level. What was never tried is not known better.
 */
export function scaleFor({ scale, variance, drift }: Spread, horizon: number, season: number): Float64Array {
  const span = scale.length;
  const lineAt = (step: number): number => variance.first + variance.perStep * step;
  const pattern = Math.min(season, span);
  return Float64Array.from({ length: horizon }, (_, step) => {
    if (step < span) return scale[step] ?? 0;
    const place = span - pattern + ((step - span) % pattern);
    const byLine = lineAt(place) > 0 ? lineAt(step) / lineAt(place) : 1;
    const byDistance = Math.sqrt((step + 1) / (place + 1));
    return Math.sqrt((scale[place] ?? 0) ** 2 * Math.max(byLine, byDistance) + drift * (step + 1 - span));
  });
}

/** Part of the unequal quantiles in the two ends; the rest is symmetric, which is steadier. */
const asymmetry = 0.3;

/** Ends of the interval in units of the scale; a higher level's always enclose a lower one's. */
export function endsOf({ signed, sizes, widening }: Spread, level: number): readonly [lower: number, upper: number] {
  if (sizes.length === 0) return [0, 0];
  const half = quantileOf(sizes, level);
  const low = Math.min(0, quantileOf(signed, (1 - level) / 2));
  const high = Math.max(0, quantileOf(signed, (1 + level) / 2));
  return [
    widening * ((1 - asymmetry) * -half + asymmetry * low),
    widening * ((1 - asymmetry) * half + asymmetry * high),
  ];
}

function quantileOf(ascending: Float64Array, share: number): number {
  return quantileSorted(ascending as unknown as number[], share);
}
