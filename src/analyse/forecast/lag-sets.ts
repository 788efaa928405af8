// Which earlier values the autoregressions look at: around the newest, and around the same place in the seasons before.

const near = (lag: number, width: number): number[] =>
  Array.from({ length: 2 * width + 1 }, (_, place) => lag - width + place);

/** Several sets of lags, because no one set is best for all series and their mean is better than each. Ascending. */
export function lagSets(seasons: readonly number[]): Readonly<Record<string, readonly number[]>> {
  const day = seasons[0];
  const week = seasons.length > 1 ? seasons.at(-1) : undefined;
  if (day === undefined) return { short: [1, 2], long: [1, 2, 3, 4] };
  if (week === undefined)
    return {
      narrow: ascending([1, 2, 3, ...near(day, 1), 2 * day]),
      wide: ascending([1, 2, 3, 4, ...near(day, 2), ...near(2 * day, 1), 3 * day]),
    };
  return {
    narrow: ascending([1, 2, 3, ...near(day, 1), 2 * day, week - day, ...near(week, 1)]),
    wide: ascending([
      1,
      2,
      3,
      4,
      ...near(day, 2),
      ...near(2 * day, 1),
      ...days(day, week),
      ...near(week, 2),
      week + day,
    ]),
    daily: ascending([
      1,
      2,
      3,
      ...[1, 2, 3].flatMap((k) => near(k * day, 1)),
      ...days(day, week),
      ...near(week - day, 1),
      ...near(week, 1),
    ]),
    fortnight: ascending([1, 2, 3, ...near(day, 1), 2 * day, week - day, ...near(week, 1), 2 * week]),
  };
}

/** The same place in the days of the last week, from the third day on; six at most, whatever the longer season is. */
function days(day: number, week: number): number[] {
  const count = Math.min(6, Math.ceil(week / day) - 1);
  return Array.from({ length: Math.max(0, count - 2) }, (_, place) => (place + 3) * day);
}

const ascending = (lags: readonly number[]): readonly number[] =>
  [...new Set(lags)].filter((lag) => lag >= 1).sort((a, b) => a - b);
