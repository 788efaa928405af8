// The moments of the past at which the methods are tried (rolling origin, Tashman 2000).

export interface FoldPlan {
  /** Numbers of values known at each trial, ascending. */
  readonly origins: readonly number[];
  /** Steps that each trial forecasts and is judged by. */
  readonly span: number;
}

const mostFolds = 6;
/** With fewer trials that do not overlap, closer ones are taken that do. */
const enoughApart = 4;

/**
 * Trials lie a whole number of the shortest season apart, so that step 5 of each is the same time of day: the width of
 * the interval can then differ by time of day. Empty when there is not enough to learn from before the first trial.
 */
export function planFolds(length: number, horizon: number, seasons: readonly number[]): FoldPlan {
  const shortest = seasons[0] ?? 1;
  const longest = seasons.at(-1) ?? 1;
  const span = Math.min(horizon, Math.max(shortest, wholeSeasons(length / 4, shortest)));
  const newest = length - span;
  const comfortable = 2 * longest + 6;
  const wide = upToSeasons(span, shortest);
  const close = shortest === 1 ? Math.ceil(span / 3) : Math.min(wide, 2 * shortest);
  const apart = foldsAfter(comfortable, newest, wide) >= enoughApart ? wide : close;
  const many = foldsAfter(comfortable, newest, apart);
  const count = many >= 2 ? many : Math.min(2, foldsAfter(longest + 2 * shortest + 6, newest, apart));
  return { origins: Array.from({ length: count }, (_, place) => newest - (count - 1 - place) * apart), span };
}

/** How long a series that is too short has to grow before it can be tried on its past. */
export function leastLength(has: number, horizon: number, seasons: readonly number[]): number {
  let length = has;
  while (planFolds(length, horizon, seasons).origins.length === 0) length++;
  return length;
}

/** How many trials fit when the first has `least` values to learn from. */
const foldsAfter = (least: number, newest: number, apart: number): number =>
  Math.max(0, Math.min(mostFolds, Math.floor((newest - least) / apart) + 1));

const wholeSeasons = (steps: number, season: number): number => Math.floor(steps / season) * season;
const upToSeasons = (steps: number, season: number): number => Math.ceil(steps / season) * season;
