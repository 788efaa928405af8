// A level that changed and stayed: the daily mean against the same weekday a week before, added up by a two-sided CUSUM
// (Page 1954). Comparing weekdays takes the weekend out without having to know it.
import { shiftDays, shiftLimit, shiftSlack } from "./constants.ts";
import { median, type Series, type TooLittle, tooLittle } from "./series.ts";

export interface LevelShift {
  /** Start of the first day of the new level (epoch milliseconds, UTC). */
  readonly fromMs: number;
  /** Mean of the days compared, and of the same weekdays before, in the unit of the series. */
  readonly after: number;
  readonly before: number;
  /** Days that were added up until it was sure. */
  readonly days: number;
}

interface Difference {
  readonly day: number;
  readonly now: number;
  readonly weekAgo: number;
}

const dayMs = 86_400_000;

/** Oldest first. */
export function findLevelShifts(series: Series): { state: "ready"; shifts: readonly LevelShift[] } | TooLittle {
  const means = dailyMeans(series);
  const differences = [...means].flatMap(([day, now]): readonly Difference[] => {
    const weekAgo = means.get(day - 7);
    return weekAgo === undefined ? [] : [{ day, now, weekAgo }];
  });
  if (differences.length < shiftDays - 7) return tooLittle("days", shiftDays, means.size);
  const scale = 1.4826 * median(differences.map(({ now, weekAgo }) => Math.abs(now - weekAgo)));
  return { state: "ready", shifts: scale > 0 ? accumulate(differences, scale) : [] };
}

function accumulate(differences: readonly Difference[], scale: number): readonly LevelShift[] {
  const shifts: LevelShift[] = [];
  let up: Difference[] = [];
  let down: Difference[] = [];
  let quietUntil = Number.NEGATIVE_INFINITY;
  for (const difference of differences) {
    if (difference.day < quietUntil) continue;
    up = extend(up, difference, scale, 1);
    down = extend(down, difference, scale, -1);
    const found = [up, down].find((run) => run.length > 1 && Math.abs(excess(run, scale)) >= shiftLimit);
    if (found === undefined) continue;
    shifts.push(asShift(fromOnset(found)));
    // For a week every day still differs from the week before; that is the same shift.
    quietUntil = difference.day + 7;
    up = [];
    down = [];
  }
  return shifts;
}

/** The run goes on while its sum stays on its side; else it begins anew. */
function extend(run: readonly Difference[], next: Difference, scale: number, side: 1 | -1): Difference[] {
  const longer = [...run, next];
  return excess(longer, scale, side) > 0 ? longer : [];
}

/** Sum of the standardised differences on one side, less the slack of each day. */
const excess = (run: readonly Difference[], scale: number, side: number = Math.sign(sum(run))): number =>
  run.reduce((total, { now, weekAgo }) => total + (side * (now - weekAgo)) / scale - shiftSlack, 0);

const sum = (run: readonly Difference[]): number => run.reduce((total, { now, weekAgo }) => total + now - weekAgo, 0);

/** Days before the shift may have leaned its way by chance: it began where the rest stands out most for its length. */
function fromOnset(run: readonly Difference[]): readonly Difference[] {
  const evidence = (start: number): number => Math.abs(sum(run.slice(start))) / Math.sqrt(run.length - start);
  const onset = run.reduce((best, _, start) => (evidence(start) > evidence(best) ? start : best), 0);
  return run.slice(onset);
}

function asShift(run: readonly Difference[]): LevelShift {
  const mean = (of: (difference: Difference) => number): number =>
    run.reduce((total, difference) => total + of(difference), 0) / run.length;
  return {
    fromMs: (run[0]?.day ?? 0) * dayMs,
    after: mean(({ now }) => now),
    before: mean(({ weekAgo }) => weekAgo),
    days: run.length,
  };
}

/** By day since the epoch (UTC); a day with less than half of the usual rows says nothing. */
function dailyMeans({ times, values }: Series): ReadonlyMap<number, number> {
  const days = new Map<number, { rows: number; total: number }>();
  for (let row = 0; row < times.length; row++) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const day = Math.floor((times[row] ?? 0) / dayMs);
    const { rows, total } = days.get(day) ?? { rows: 0, total: 0 };
    days.set(day, { rows: rows + 1, total: total + value });
  }
  const usual = median([...days.values()].map(({ rows }) => rows));
  return new Map(
    [...days].filter(([, { rows }]) => rows * 2 >= usual).map(([day, { rows, total }]) => [day, total / rows]),
  );
}
