// Exponential smoothing of a level and up to two seasons, with a first-order autoregressive error: Taylor's double
// seasonal Holt-Winters (2003, 2010) without a trend.
import type { Model } from "../model.ts";
import { meanOf } from "../numbers.ts";
import { type Bound, patternSearch } from "../pattern-search.ts";

/** Smoothing of the level, of the shorter and of the longer season, and the error's carry-over. */
type Parameters = readonly number[];

/** A season of one step is none: its shape stays 0. */
interface Seasons {
  readonly short: number;
  readonly long: number;
}

const smoothing: Bound = { low: 0, high: 1 };
const fixed: Bound = { low: 0, high: 0 };
const carryOver: Bound = { low: -0.2, high: 0.995 };
/** Steady, lively, with nearly fixed seasons, and a level that is the last value; the search goes on from the best. */
const startingPoints = [
  [0.02, 0.1, 0.1, 0.7],
  [0.1, 0.2, 0.3, 0.3],
  [0.005, 0.05, 0.2, 0.9],
  [0.6, 0.1, 0.1, 0],
];

/** `seasons` in steps, shortest first; of more than two the first and the last are used. */
export function seasonalSmoothing(name: string, seasons: readonly number[]): Model {
  const two: Seasons = { short: seasons[0] ?? 1, long: seasons.length < 2 ? 1 : (seasons.at(-1) ?? 1) };
  return {
    name,
    needs: Math.max(8, 2 * Math.max(two.short, two.long) + 1),
    run: ({ values }, origins, horizon) => {
      let found: Parameters | undefined;
      return origins.map((origin) => {
        const past = values.subarray(0, origin);
        const begin = beginning(past, two);
        found = fitted(past, begin, found);
        return smoothed(past, begin, found, horizon).forecast;
      });
    },
  };
}

/** Where an earlier origin's parameters are known, they are the only start: a few days more change them little. */
function fitted(past: Float64Array, begin: Beginning, earlier: Parameters | undefined): Parameters {
  const { short, long } = begin;
  const bounds = [smoothing, short.length > 1 ? smoothing : fixed, long.length > 1 ? smoothing : fixed, carryOver];
  const fresh = startingPoints.map((start) =>
    start.map((value, place) => Math.min(value, bounds[place]?.high ?? value)),
  );
  return patternSearch((parameters) => smoothed(past, begin, parameters, 0).squares, {
    starts: earlier === undefined ? fresh : [earlier],
    bounds,
    step: earlier === undefined ? 0.15 : 0.02,
  });
}

interface Smoothed {
  /** Mean square of the one-step errors. */
  readonly squares: number;
  readonly forecast: Float64Array;
}

/** One long function on purpose: it runs a hundred times per series, and calls inside the loop would double its time. */
function smoothed(past: Float64Array, begin: Beginning, parameters: Parameters, horizon: number): Smoothed {
  const [ofLevel = 0, ofShort = 0, ofLong = 0, carry = 0] = parameters;
  const shortShape = begin.short.slice();
  const longShape = begin.long.slice();
  const [short, long, length] = [shortShape.length, longShape.length, past.length];
  const skipped = Math.min(Math.max(short, long, 2), length - 1);
  let level = begin.level;
  let error = 0;
  let squares = 0;
  let inShort = 0;
  let inLong = 0;
  for (let t = 0; t < length; t++) {
    const ofDay = shortShape[inShort] ?? 0;
    const ofWeek = longShape[inLong] ?? 0;
    const miss = (past[t] ?? 0) - level - ofDay - ofWeek;
    const surprise = miss - carry * error;
    if (t >= skipped) squares += surprise * surprise;
    error = miss;
    level += ofLevel * miss;
    shortShape[inShort] = ofDay + ofShort * miss;
    longShape[inLong] = ofWeek + ofLong * miss;
    inShort = inShort + 1 === short ? 0 : inShort + 1;
    inLong = inLong + 1 === long ? 0 : inLong + 1;
  }
  const forecast = new Float64Array(horizon);
  for (let step = 0; step < horizon; step++) {
    error *= carry;
    forecast[step] =
      level + error + (shortShape[(length + step) % short] ?? 0) + (longShape[(length + step) % long] ?? 0);
  }
  return { squares: squares / (length - skipped), forecast };
}

interface Beginning {
  readonly level: number;
  readonly short: Float64Array;
  readonly long: Float64Array;
}

/** Level of the first longest season; the shapes of the first two, the longer one free of the shorter. */
function beginning(past: Float64Array, { short, long }: Seasons): Beginning {
  const longest = Math.max(short, long);
  const none = new Float64Array(1);
  if (longest === 1) return { level: meanOf(past, 0, Math.min(4, past.length)), short: none, long: none };
  const level = meanOf(past, 0, longest);
  const all = meansByPlace(past.subarray(0, longest * Math.min(2, Math.floor(past.length / longest))), longest);
  const deviations = all.map((value) => value - level);
  const shape = meansByPlace(deviations, short);
  if (long === 1) return { level, short: shape, long: none };
  return { level, short: shape, long: deviations.map((value, place) => value - (shape[place % short] ?? 0)) };
}

function meansByPlace(values: Float64Array, season: number): Float64Array {
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  for (let i = 0; i < values.length; i++) {
    sums[i % season] = (sums[i % season] ?? 0) + (values[i] ?? 0);
    counts[i % season] = (counts[i % season] ?? 0) + 1;
  }
  return sums.map((sum, place) => sum / Math.max(1, counts[place] ?? 0));
}
