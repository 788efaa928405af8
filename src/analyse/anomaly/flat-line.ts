// A value that stands still where it used to move: a stuck sensor, an agent that repeats itself, a guest that hangs.
import { flatMs, flatRows, flatTimes, movingShare } from "./constants.ts";
import type { Series } from "./series.ts";

export interface FlatLine {
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: number;
  readonly rows: number;
  /** The longest stand before it, in rows. */
  readonly longestBefore: number;
}

/** Oldest first. A stand counts when it is far longer than any before it on a series that moves in most rows. */
export function findFlatLines({ times, values }: Series): readonly FlatLine[] {
  const lines: FlatLine[] = [];
  let began = 0;
  let steps = 0;
  let moved = 0;
  let longestBefore = 1;
  for (let row = 1; row <= values.length; row++) {
    if (row < values.length && values[row] === values[began]) continue;
    const rows = row - began;
    const line = {
      fromMs: times[began] ?? 0,
      toMs: times[row - 1] ?? 0,
      value: values[began] ?? 0,
      rows,
      longestBefore,
    };
    if (isFlat(line) && moved >= movingShare * steps && steps >= flatRows) lines.push(line);
    else longestBefore = Math.max(longestBefore, rows);
    steps += rows;
    moved += 1;
    began = row;
  }
  return lines;
}

const isFlat = ({ fromMs, toMs, rows, longestBefore }: FlatLine): boolean =>
  rows >= flatRows && rows >= flatTimes * longestBefore && toMs - fromMs >= flatMs;
