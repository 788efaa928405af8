// From what was asked to a series that can be learnt from, or the reason why it cannot.
import type { NoForecastCode } from "../../model/forecasts.ts";
import { withoutAbsurd } from "./absurd-values.ts";
import { gridOf } from "./grid.ts";
import { type LevelShift, levelShifts, onNewestLevel } from "./level-shifts.ts";
import type { GridSeries } from "./model.ts";
import { medianOf, rangeOf } from "./numbers.ts";
import type { ForecastQuestion, NoForecast } from "./question.ts";
import { candidateSeasons, testedSeasons } from "./seasons.ts";
import { type Bounds, boundsOf, type Space, spaceOf } from "./space.ts";

export interface Prepared {
  readonly none: false;
  readonly series: GridSeries;
  /** In steps, shortest first. */
  readonly seasons: readonly number[];
  readonly space: Space;
  readonly bounds: Bounds;
  readonly shifts: readonly LevelShift[];
  /** Steps from the last value to the first that is asked for, less one. */
  readonly missingAtEnd: number;
}

/** Seasons that must have been seen before anything is forecast. */
const neededSeasons = 2;
/** The same for a series without any season. */
const neededValues = 24;
/** Beyond this share of filled values the trials would judge our filling. */
const mostMissing = 0.5;

export function prepare(question: ForecastQuestion): Prepared | NoForecast {
  const candidates = [...(question.seasons ?? candidateSeasons(question.stepS ?? 0))].sort((a, b) => a - b);
  const { series, missingAtEnd } = gridOf(withoutAbsurd(question.values), candidates[0] ?? 1);
  const refusal = refusalOf(series, candidates.at(-1) ?? 1, question);
  if (refusal !== undefined) return refusal;
  const bounds = question.bounds ?? boundsOf(question.kind);
  const begin = question.values.length - missingAtEnd - series.values.length;
  const space = spaceOf(question.kind, series.values, bounds);
  const breaks = (question.breaks ?? []).map((at) => at - begin);
  const inSpace = series.values.map(space.into);
  const shifts = levelShifts(inSpace, candidates, breaks);
  const level = shifts.length === 0 ? series.values : onNewestLevel(inSpace, shifts).map(space.back);
  const seasons = question.trained?.seasons ?? question.seasons ?? testedSeasons(level, candidates);
  return {
    none: false,
    series: { values: level, known: series.known },
    seasons: [...seasons].sort((a, b) => a - b),
    space,
    bounds,
    shifts: shifts.map((shift) => ({ at: shift.at + begin, by: inUnits(shift, inSpace, space) })),
    missingAtEnd,
  };
}

/** The step as it was at the level after it, in the unit of the series. */
function inUnits({ at, by }: LevelShift, inSpace: Float64Array, { back }: Space): number {
  const after = medianOf(inSpace.subarray(at));
  return back(after) - back(after - by);
}

function refusalOf(
  { values, known }: GridSeries,
  longest: number,
  { stepS }: ForecastQuestion,
): NoForecast | undefined {
  if (values.length === 0) return no("no_data", "has no values");
  const needed = longest === 1 ? neededValues : neededSeasons * longest;
  if (values.length < needed)
    return no(
      "too_short",
      `needs ${amount(needed, stepS, Math.ceil)}, has ${amount(values.length, stepS, Math.floor)}`,
    );
  const measured = known.reduce((sum, value) => sum + value, 0);
  if (measured < (1 - mostMissing) * values.length)
    return no("too_sparse", `needs half of its values, has ${Math.floor((100 * measured) / values.length)} %`);
  const [low, high] = rangeOf(values);
  // A range that is only rounding is none: 0.1 + 0.2 must not become a trend.
  if (high - low <= 1e-12 * Math.max(Math.abs(low), Math.abs(high)))
    return no("constant", `is constant: every value is ${Number(low.toPrecision(6))}`);
  return undefined;
}

export const no = (code: NoForecastCode, reason: string): NoForecast => ({ none: true, code, reason });

function amount(values: number, stepS: number | undefined, round: (value: number) => number): string {
  if (stepS === undefined) return counted(values, "value");
  const days = (values * stepS) / 86_400;
  return days < 2 ? counted(round(days * 24), "hour") : counted(round(days), "day");
}

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;
