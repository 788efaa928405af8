// Makes a measured series one without holes, remembering which values are filled.
import type { GridSeries } from "./model.ts";

/** Gaps up to this many steps are bridged by a straight line; longer ones take the season's place before and after. */
const shortGap = 3;

export interface Grid {
  /** From the first value measured to the last one; empty when there is none. */
  readonly series: GridSeries;
  /** Missing steps after the last value: the forecast begins that much earlier. */
  readonly missingAtEnd: number;
}

/** `values` oldest first, NaN where nothing was measured; absurd ones count as missing. `season` in steps, 1 for none. */
export function gridOf(values: Float64Array, season: number): Grid {
  const first = values.findIndex(isMeasured);
  const last = values.findLastIndex(isMeasured);
  const within =
    first === -1
      ? new Float64Array()
      : values.slice(first, last + 1).map((value) => (isMeasured(value) ? value : Number.NaN));
  const known = within.map((value) => (Number.isNaN(value) ? 0 : 1));
  return {
    series: { values: filled(within, season), known },
    missingAtEnd: values.length - 1 - last,
  };
}

/** Beyond this nothing of ours is measured, and sums of squares overflow. */
const absurd = 1e100;

const isMeasured = (value: number): boolean => Math.abs(value) < absurd;

/** Changes `values`. */
function filled(values: Float64Array, season: number): Float64Array {
  for (let begin = 0; begin < values.length; begin++) {
    if (!Number.isNaN(values[begin] ?? 0)) continue;
    let end = begin;
    while (Number.isNaN(values[end] ?? 0)) end++;
    if (end - begin <= shortGap || season === 1) bridge(values, begin, end);
    else bridgeBySeason(values, begin, end, season);
    begin = end;
  }
  return values;
}

/** The first and last value are measured, so both neighbours of a gap are there. */
function bridge(values: Float64Array, begin: number, end: number): void {
  const before = values[begin - 1] ?? 0;
  const after = values[end] ?? 0;
  for (let at = begin; at < end; at++) values[at] = before + ((after - before) * (at - begin + 1)) / (end - begin + 1);
}

/**
 * What was a season earlier, moved so that it meets the value before the gap. Only earlier values are used: what came
 * after a long gap must not help a trial that begins in it.
 */
function bridgeBySeason(values: Float64Array, begin: number, end: number, season: number): void {
  if (begin - 1 - season < 0) {
    bridge(values, begin, end);
    return;
  }
  const moved = (values[begin - 1] ?? 0) - (values[begin - 1 - season] ?? 0);
  for (let at = begin; at < end; at++) {
    // The move fades over a season: the further into the gap, the less its beginning says.
    const share = Math.max(0, 1 - (at - begin) / season);
    values[at] = (values[at - season] ?? 0) + (at - begin < season ? moved * share : 0);
  }
}
