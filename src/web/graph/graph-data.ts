// From stored series to what a graph draws: gaps where nothing was measured, and stretches of unlike resolution kept
// apart, because the average of half an hour and a sample of ten seconds must never look like equals.
import type { SeriesColumns } from "./series.ts";

/** One drawn line: x in seconds, y with null where there is a gap. */
export interface Line {
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
}

export interface DrawnSeries {
  readonly fine: Line;
  /** What is markedly coarser than the finest stretch; empty when all is alike. */
  readonly coarse: Line;
  readonly stretches: readonly Stretch[];
}

/** A run of points of one resolution and origin. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolutionSeconds: number;
  readonly imported: boolean;
}

/** Unlike by less than this is drawn alike: a poll that came a second late is no other resolution. */
const markedlyCoarser = 2;
/** A hole of more than so many missing points is a gap. */
const gapFactor = 2.5;

const isImported = (origin: string | undefined): boolean => origin?.startsWith("rrd") ?? false;

export function stretchesOf(series: SeriesColumns, stepSeconds: number): readonly Stretch[] {
  const out: Stretch[] = [];
  for (const [index, ms] of series.time.entries()) {
    if (series.value[index] === null) continue;
    const resolutionSeconds = Math.max(stepSeconds, series.resolution_seconds[index] ?? 0);
    const imported = isImported(series.origin[index]);
    const last = out.at(-1);
    if (last !== undefined && last.imported === imported && alike(last.resolutionSeconds, resolutionSeconds)) {
      out[out.length - 1] = { ...last, toMs: ms };
    } else out.push({ fromMs: ms, toMs: ms, resolutionSeconds, imported });
  }
  return out;
}

const alike = (a: number, b: number): boolean => Math.max(a, b) < markedlyCoarser * Math.max(1, Math.min(a, b));

export function drawnSeries(series: SeriesColumns, stepSeconds: number): DrawnSeries {
  const stretches = stretchesOf(series, stepSeconds);
  const finest = Math.min(...stretches.map((stretch) => stretch.resolutionSeconds));
  const isCoarse = (index: number): boolean =>
    !alike(finest, Math.max(stepSeconds, series.resolution_seconds[index] ?? 0));
  return {
    fine: lineOf(series, stepSeconds, (index) => !isCoarse(index)),
    coarse: lineOf(series, stepSeconds, isCoarse),
    stretches,
  };
}

/** The chosen points; a null where a point says so, where one of the other line lies between, and in holes. */
function lineOf(series: SeriesColumns, stepSeconds: number, chosen: (index: number) => boolean): Line {
  const time: number[] = [];
  const value: (number | null)[] = [];
  let previousMs = Number.NaN;
  for (const [index, ms] of series.time.entries()) {
    if (!chosen(index)) {
      breakLine(time, value, previousMs);
      previousMs = Number.NaN;
      continue;
    }
    const expectedMs = 1000 * Math.max(stepSeconds, series.resolution_seconds[index] ?? 0, 1);
    if (ms - previousMs > gapFactor * expectedMs) breakLine(time, value, previousMs);
    time.push(ms / 1000);
    value.push(series.value[index] ?? null);
    previousMs = ms;
  }
  return { time, value };
}

function breakLine(time: number[], value: (number | null)[], afterMs: number): void {
  if (Number.isNaN(afterMs)) return;
  time.push((afterMs + 1) / 1000);
  value.push(null);
}

/** Lines on one common x axis, for uPlot: undefined where a line has no point of its own (drawn through), null for its gaps. */
export function aligned(lines: readonly Line[]): {
  readonly time: number[];
  readonly values: (number | null | undefined)[][];
} {
  const time = [...new Set(lines.flatMap((line) => line.time))].sort((a, b) => a - b);
  const position = new Map(time.map((seconds, index) => [seconds, index]));
  const values = lines.map((line) => {
    const column = new Array<number | null | undefined>(time.length).fill(undefined);
    for (const [index, seconds] of line.time.entries()) column[position.get(seconds) ?? 0] = line.value[index] ?? null;
    return column;
  });
  return { time, values };
}

/** Where the resolution changes, for the small mark on the axis; one moment for series that change together. */
export function resolutionChanges(series: readonly (readonly Stretch[])[]): readonly number[] {
  const moments = series.flatMap((stretches) =>
    stretches
      .slice(1)
      .flatMap((stretch, index) =>
        alike(stretch.resolutionSeconds, stretches[index]?.resolutionSeconds ?? 0) ? [] : [stretch.fromMs],
      ),
  );
  return [...new Set(moments)].sort((a, b) => a - b);
}

export interface Summary {
  readonly last: number;
  readonly lastMs: number;
  readonly lowest: number;
  readonly highest: number;
  readonly highestMs: number;
  readonly mean: number;
}

/** null without any value. The mean weighs points by the time they stand for. */
export function summaryOf(series: SeriesColumns): Summary | null {
  const points = series.time.flatMap((ms, index) => {
    const value = series.value[index] ?? null;
    return value === null ? [] : [{ ms, value, weight: series.resolution_seconds[index] ?? 1 }];
  });
  const last = points.at(-1);
  if (last === undefined) return null;
  let highest = last;
  let lowest = last.value;
  let [weighted, weight] = [0, 0];
  for (const point of points) {
    if (point.value > highest.value) highest = point;
    lowest = Math.min(lowest, point.value);
    weighted += point.value * point.weight;
    weight += point.weight;
  }
  const mean = weight === 0 ? last.value : weighted / weight;
  return { last: last.value, lastMs: last.ms, lowest, highest: highest.value, highestMs: highest.ms, mean };
}
