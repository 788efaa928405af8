// A load curve that is known by its integral. Counters are differences of the integral and averages over any step are
// exact, so a year of rrddata, the ten-second exports and the counters agree without anything being stored.
//
// The curve is a weekly profile (one value per hour, joined by lines), a deviation per day, and noise. The deviation
// of a weekday is the opposite one a week later, and every noise cell is one wave, so each integrates to zero over its
// cell and only the cell around the asked moment has to be computed.
import { hash } from "./random.ts";

/** Monday 2024-01-01 00:00 UTC in seconds: weeks are counted from here. */
const originS = 1_704_067_200;
const hourS = 3600;
const dayS = 24 * hourS;
const weekS = 7 * dayS;
const fortnightS = 2 * weekS;

/** Lengths of the noise cells, which all divide an hour, and each one's share of the noise. */
const noiseCells = [
  { lengthS: 3600, share: 0.35, salt: 11 },
  { lengthS: 600, share: 0.3, salt: 23 },
  { lengthS: 60, share: 0.2, salt: 37 },
  { lengthS: 20, share: 0.15, salt: 53 },
] as const;

export interface SignalSpec {
  readonly seed: number;
  /** 168 values of 0..1, Monday 00:00 UTC first. */
  readonly weekly: readonly number[];
  /** Largest deviation of a whole day, relative: 0.1 is ±10 %. */
  readonly daily: number;
  /** Largest noise, relative to the profile; `(1 + daily) * (1 + noise) * max(weekly)` must not exceed 1. */
  readonly noise: number;
  /** Changes in time order: from `fromS` on the value is `factor * curve + offset`, rising by `slopePerS`. */
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly fromS: number;
  readonly factor: number;
  readonly offset: number;
  /** Growth per second since `fromS`; default none. */
  readonly slopePerS?: number;
}

export interface Signal {
  /** Value-seconds up to `atS` (epoch seconds); only differences mean anything. Never falls. */
  integral(atS: number): number;
  /** The mean value of (fromS, toS]. */
  average(fromS: number, toS: number): number;
}

export function createSignal(spec: SignalSpec): Signal {
  const curve = createCurve(spec);
  const parts: (Segment & { readonly before: number; readonly curveAt: number })[] = [];
  const integral = (atS: number): number => {
    let index = parts.length - 1;
    while (index >= 0 && (parts[index]?.fromS ?? 0) > atS) index--;
    const part = parts[index];
    if (part === undefined) return curve(atS);
    const sinceS = atS - part.fromS;
    const ramp = ((part.slopePerS ?? 0) * sinceS * sinceS) / 2;
    return part.before + part.factor * (curve(atS) - part.curveAt) + part.offset * sinceS + ramp;
  };
  for (const segment of spec.segments) {
    parts.push({ ...segment, before: integral(segment.fromS), curveAt: curve(segment.fromS) });
  }
  const remembered = rememberTwo(integral);
  return {
    integral: remembered,
    average: (fromS, toS) => (remembered(toS) - remembered(fromS)) / (toS - fromS),
  };
}

/** One round asks the same curve several times for the same two moments. */
function rememberTwo(integral: (atS: number) => number): (atS: number) => number {
  let firstAt = Number.NaN;
  let first = 0;
  let secondAt = Number.NaN;
  let second = 0;
  return (atS) => {
    if (atS === firstAt) return first;
    if (atS === secondAt) return second;
    secondAt = firstAt;
    second = first;
    firstAt = atS;
    first = integral(atS);
    return first;
  };
}

/** The integral of profile, days and noise without segments. */
function createCurve(spec: SignalSpec): (atS: number) => number {
  const week = weekIntegral(spec.weekly);
  const weekTotal = week[168] ?? 0;
  const days = new Float64Array(14);
  const dayStart = new Float64Array(14);
  let cached = Number.NaN;
  const load = (cell: number): void => {
    let sum = 0;
    for (let day = 0; day < 14; day++) {
      const deviation = (hash(spec.seed ^ 5, cell * 7 + (day % 7)) / 2 ** 31 - 1) * spec.daily;
      days[day] = day < 7 ? 1 + deviation : 1 - deviation;
      dayStart[day] = sum;
      sum += (days[day] ?? 1) * ((week[((day % 7) + 1) * 24] ?? 0) - (week[(day % 7) * 24] ?? 0));
    }
    cached = cell;
  };
  return (atS) => {
    const since = atS - originS;
    const cell = Math.floor(since / fortnightS);
    if (cell !== cached) load(cell);
    const within = since - cell * fortnightS;
    const day = Math.floor(within / dayS);
    const inWeek = within % weekS;
    const hour = Math.floor(inWeek / hourS);
    const start = spec.weekly[hour] ?? 0;
    const end = spec.weekly[(hour + 1) % 168] ?? 0;
    const fraction = (inWeek - hour * hourS) / hourS;
    const inDay =
      (week[hour] ?? 0) - (week[(day % 7) * 24] ?? 0) + hourS * fraction * (start + ((end - start) * fraction) / 2);
    const gain = days[day] ?? 1;
    const profile = cell * 2 * weekTotal + (dayStart[day] ?? 0) + gain * inDay;
    return profile + noiseIntegral(spec.seed, since) * spec.noise * Math.min(start, end) * (1 - spec.daily);
  };
}

/** Prefix integral of the profile at each full hour of the week. */
function weekIntegral(weekly: readonly number[]): Float64Array {
  const sums = new Float64Array(169);
  for (let hour = 0; hour < 168; hour++) {
    sums[hour + 1] = (sums[hour] ?? 0) + (hourS * ((weekly[hour] ?? 0) + (weekly[(hour + 1) % 168] ?? 0))) / 2;
  }
  return sums;
}

/**
 * Integral of unit noise since the start of each running cell; full cells add nothing. The wave over a cell is
 * k·x·(1−x)·(1/2−x), whose integral is k/4·x²·(1−x)²; k makes its peak 1. It costs a tenth of a sine.
 */
const waveScale = 20.785 / 4;

function noiseIntegral(seed: number, since: number): number {
  let sum = 0;
  for (const { lengthS, share, salt } of noiseCells) {
    const cell = Math.floor(since / lengthS);
    const x = since / lengthS - cell;
    const bump = x * (1 - x);
    sum += share * (hash(seed ^ salt, cell) / 2 ** 31 - 1) * lengthS * waveScale * bump * bump;
  }
  return sum;
}
