// When something that fills reaches a limit: a robust line through its days, or, where runs of backups and their pruning
// make teeth, the level after pruning plus the rise to the next one. The interval comes from resampled lines.
import { medianOf } from "../../forecast/numbers.ts";
import { dayMs, type Points, spanOf } from "./points.ts";
import { teethOf } from "./teeth.ts";
import { type Line, quantileOf, resampledLines, residualsOf, theilSen, valueOn } from "./trend-line.ts";

const resamples = 200;
/** Beyond it a date says nothing. */
export const farthestMs = 730 * dayMs;
/** A fall by so much of the capacity is a pruning, a rise by so much within a step a restore or a copy. */
const fallShare = 0.02;
const jumpShare = 0.05;
/** And by so much more than what is usual between two points. */
const usualTimes = 6;

export interface Saw {
  /** Median time between two prunings. */
  readonly periodMs: number;
  /** The rise between two prunings: median, and of each tooth. */
  readonly risePerDay: number;
  readonly rises: readonly number[];
  readonly prunings: number;
}

export interface Course {
  readonly line: Line;
  readonly saw: Saw | null;
  /** Jumps that are no trend. */
  readonly jumps: number;
  /** Other courses that the points allow as well. They cost a hundred times the line, and are drawn when first asked for. */
  readonly others: () => readonly OtherCourse[];
}

interface OtherCourse {
  readonly line: Line;
  readonly risePerDay: number;
  readonly above: number;
}

export interface TimeToLimit {
  /** Milliseconds since the epoch; null for "not within two years". */
  readonly likely: number | null;
  /** 5th and 95th percentile of the dates. */
  readonly early: number | null;
  readonly late: number | null;
}

/** Of at least five days, in hourly points; capacity is what 100 % is. */
export function courseOf(points: Points, capacity: number, draw: () => number): Course {
  const teeth = regularTeeth(points, capacity) ?? [];
  const saw = sawOf(teeth);
  const { points: basis, jumps } =
    saw === null ? withoutJumps(daily(points), capacity) : { points: troughsOf(teeth), jumps: 0 };
  const line = theilSen(basis);
  let others: readonly OtherCourse[] | undefined;
  return {
    line,
    saw,
    jumps,
    others: () => {
      others ??= othersOf(basis, line, { saw, noise: noiseOf(saw === null ? [basis] : teeth) }, draw);
      return others;
    },
  };
}

function othersOf(
  basis: Points,
  line: Line,
  { saw, noise }: { readonly saw: Saw | null; readonly noise: readonly number[] },
  draw: () => number,
): readonly OtherCourse[] {
  const pick = (values: readonly number[]): number => values[Math.floor(draw() * values.length)] ?? 0;
  return resampledLines(basis, line, resamples, draw).map((other) => ({
    line: other,
    risePerDay: saw === null ? 0 : pick(saw.rises),
    above: pick(noise),
  }));
}

/** How far points lie from the line of their stretch. */
const noiseOf = (stretches: readonly Points[]): readonly number[] =>
  stretches.map(daily).flatMap((stretch) => (stretch.atMs.length < 3 ? [] : residualsOf(stretch, theilSen(stretch))));

/** Where the line, or the teeth on it, reach the limit; null for "not within two years". */
export function likelyAt({ line, saw }: Course, limit: number, nowMs: number): number | null {
  const at = reaches(line, saw, limit, nowMs);
  return Number.isFinite(at) ? at : null;
}

/** A limit is reached as soon as the noise on top of the line does; for the likely date the line alone counts. */
export function timeToLimit(course: Course, limit: number, nowMs: number): TimeToLimit {
  const { saw, others } = course;
  const dates = others().map((other) =>
    reaches(other.line, saw && { ...saw, risePerDay: other.risePerDay }, limit - other.above, nowMs),
  );
  const date = (moment: number): number | null => (Number.isFinite(moment) ? moment : null);
  const at = (p: number): number | null => date(quantileOf(dates, p) ?? Number.POSITIVE_INFINITY);
  return { likely: likelyAt(course, limit, nowMs), early: at(0.05), late: at(0.95) };
}

/** Infinity for never, or not within two years. */
function reaches(line: Line, saw: Saw | null, limit: number, nowMs: number): number {
  if (saw !== null) return reachesInSaw(line, saw, limit, nowMs);
  if (valueOn(line, nowMs) >= limit) return nowMs;
  if (line.slopePerDay <= 0) return Number.POSITIVE_INFINITY;
  const at = line.atMs + ((limit - line.level) / line.slopePerDay) * dayMs;
  return at - nowMs > farthestMs ? Number.POSITIVE_INFINITY : Math.max(nowMs, at);
}

/** From the last pruning on, tooth by tooth: the level after it, and the rise until the next. `line.atMs` is a pruning. */
function reachesInSaw(line: Line, { periodMs, risePerDay }: Saw, limit: number, nowMs: number): number {
  for (let pruned = line.atMs; pruned - nowMs < farthestMs; pruned += periodMs) {
    const level = valueOn(line, pruned);
    if (pruned + periodMs < nowMs) continue;
    if (level >= limit) return Math.max(nowMs, pruned);
    const at = risePerDay <= 0 ? Number.POSITIVE_INFINITY : pruned + ((limit - level) / risePerDay) * dayMs;
    if (at <= pruned + periodMs) return Math.max(nowMs, at);
  }
  return Number.POSITIVE_INFINITY;
}

/** One point a day, the newest among them: the work of a robust line grows by the square. */
export function daily({ atMs, values }: Points): Points {
  const kept: number[] = [];
  for (let place = atMs.length - 1; place >= 0; place--) {
    const next = kept.at(-1);
    if (next === undefined || (atMs[next] ?? 0) - (atMs[place] ?? 0) >= dayMs) kept.push(place);
  }
  kept.reverse();
  return { atMs: kept.map((place) => atMs[place] ?? 0), values: kept.map((place) => values[place] ?? 0) };
}

const steps = (values: readonly number[]): readonly number[] =>
  values.slice(1).map((value, place) => value - (values[place] ?? 0));

function fallsBy(points: Points, capacity: number): (before: number, after: number) => boolean {
  const { values } = points;
  const usual = medianOf(steps(values).map(Math.abs));
  const least = Math.max(fallShare * capacity, usualTimes * usual);
  return (before, after) => (values[before] ?? 0) - (values[after] ?? 0) > least;
}

/** What is pruned within half a day is one pruning: it takes its time. */
const shortestMs = dayMs / 2;

/** Two whole teeth at least, of lengths that are alike; the first begins before the points do. */
function regularTeeth(points: Points, capacity: number): readonly Points[] | undefined {
  const teeth = teethOf(points, fallsBy(points, capacity)).filter(
    (tooth, place) => place === 0 || spanOf(tooth) >= shortestMs,
  );
  if (teeth.length < 4) return undefined;
  const lengths = steps(beginsOf(teeth));
  const periodMs = medianOf(lengths);
  return lengths.some((length) => Math.abs(length - periodMs) > 0.35 * periodMs) ? undefined : teeth;
}

const beginsOf = (teeth: readonly Points[]): readonly number[] => teeth.slice(1).map(({ atMs }) => atMs[0] ?? 0);

function sawOf(teeth: readonly Points[]): Saw | null {
  if (teeth.length === 0) return null;
  const begins = beginsOf(teeth);
  const periodMs = medianOf(steps(begins));
  const rises = teeth.slice(1).filter((tooth) => spanOf(tooth) > periodMs / 2);
  if (rises.length === 0) return null;
  const perDay = rises.map((tooth) => theilSen(thinned(tooth)).slopePerDay);
  return { periodMs, risePerDay: medianOf(perDay), rises: perDay, prunings: begins.length };
}

/** Some thirty of its points. */
function thinned({ atMs, values }: Points): Points {
  const every = Math.ceil(atMs.length / 30);
  const kept = (_: number, place: number): boolean => place % every === 0;
  return { atMs: atMs.filter(kept), values: values.filter(kept) };
}

/** The level after each pruning, on the line through its tooth, so that one odd value does not move it. */
function troughsOf(teeth: readonly Points[]): Points {
  const lows = teeth.slice(1).map((tooth) => {
    const begin = tooth.atMs[0] ?? 0;
    const level = tooth.atMs.length < 3 ? tooth.values[0] : valueOn(theilSen(thinned(tooth)), begin);
    return { begin, level: level ?? 0 };
  });
  return { atMs: lows.map(({ begin }) => begin), values: lows.map(({ level }) => level) };
}

/** A restore or a deletion by hand is taken out of what was before it: it happened once. */
function withoutJumps(points: Points, capacity: number): { readonly points: Points; readonly jumps: number } {
  const values = [...points.values];
  const usual = medianOf(steps(values).map(Math.abs));
  const least = Math.max(jumpShare * capacity, usualTimes * usual);
  let jumps = 0;
  let offset = 0;
  for (let place = values.length - 1; place > 0; place--) {
    const step = (points.values[place] ?? 0) - (points.values[place - 1] ?? 0);
    if (Math.abs(step) > least) {
      offset += step;
      jumps++;
    }
    values[place - 1] = (points.values[place - 1] ?? 0) + offset;
  }
  return { points: { atMs: points.atMs, values }, jumps };
}
