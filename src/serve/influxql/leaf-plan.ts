// How one function of a query is best answered from the store: which steps to read, and what is said when the answer is
// not made of samples. Pure.
import { LimitError } from "../../lib/errors.ts";
import type { Aggregation } from "../../model/metrics.ts";
import type { Aggregate, AggregateName } from "./query.ts";
import { fiveMinutesMs, hourMs, pointsIn, type Stretch, stretchesOf, wholeRange } from "./stretches.ts";
import type { Windows } from "./windows.ts";

export interface PointsPlan {
  readonly type: "points";
  readonly aggregation: Aggregation;
  readonly stretches: readonly Stretch[];
  readonly note: string | null;
}
export type LeafPlan =
  | PointsPlan
  /** `otherwise`: for series that have no samples, only averages that were imported; null when they are too many. */
  | { readonly type: "quantiles"; readonly otherwise: (series: number) => PointsPlan | null };

export interface Shape {
  readonly windows: Windows;
  readonly offsetMs: number;
  readonly series: number;
  /** True when every series is a group of its own. */
  readonly isEachAlone: boolean;
}

/** Of one function. More takes seconds of a thread that answers everybody. */
const mostPoints = 1_500_000;
/** Samples are preferred to averages of five minutes up to here. */
const cheapPoints = 400_000;
/** So many series have their range cut to the millisecond; of more, the ends would cost more than the rest. */
const exactlyBounded = 64;
const longMs = 2 * 86_400_000;

/** Throws a LimitError that says how to ask for less. */
export function planLeaf({ name }: Aggregate, shape: Shape): LeafPlan {
  if (name === "median" || name === "percentile") return planRank(name, shape);
  if (name === "first" || name === "sum" || name === "count") return planSamples(name, shape);
  return planAverages(name, shape);
}

const aggregations: Readonly<Record<"mean" | "min" | "max" | "last", Aggregation>> = {
  mean: "avg",
  min: "min",
  max: "max",
  last: "last",
};

function planAverages(name: "mean" | "min" | "max" | "last", shape: Shape): LeafPlan {
  const { fromMs, toMs } = shape.windows;
  const stretches = stretchesOf(fromMs, toMs, stepsOfWindows(shape));
  return checked(shape, { type: "points", aggregation: aggregations[name], stretches, note: null });
}

/**
 * From coarse to fine. Five minutes while they are few: the store weighs the hours of a day by their rows, and rows
 * without this field count there. A group of several series needs fine windows besides, in which each is there or not.
 */
function stepsOfWindows({ windows, offsetMs, isEachAlone, series }: Shape): readonly number[] {
  const { fromMs, toMs, widthMs } = windows;
  const width = widthMs ?? wholeRange;
  const fits = (stepMs: number): boolean => widthMs === null || (widthMs % stepMs === 0 && offsetMs % stepMs === 0);
  if (!fits(fiveMinutesMs)) return isEachAlone && fits(width) ? [width, 0] : [0];
  const fine = series <= exactlyBounded ? [fiveMinutesMs, 0] : [fiveMinutesMs];
  if (isEachAlone && width <= hourMs && fits(width)) return [...new Set([width, ...fine])];
  if (!fits(hourMs) || series * pointsIn(stretchesOf(fromMs, toMs, fine)) <= cheapPoints) return fine;
  // Half an hour more or less at the end of days is not seen in many series together.
  const hours = series > exactlyBounded && toMs - fromMs > longMs ? [hourMs] : [hourMs, ...fine];
  return isEachAlone && fits(width) ? [width, ...hours] : hours;
}

/** They mean something of samples only: of averages there are fewer, and the first is another. */
function planSamples(name: AggregateName, shape: Shape): LeafPlan {
  const stretches = stretchesOf(shape.windows.fromMs, shape.windows.toMs, [0]);
  if (shape.series * pointsIn(stretches) > mostPoints)
    throw new LimitError(
      `${name}() of a field reads every sample, which are too many here; ask for fewer series or a shorter range, or take ${name}() of a subquery.`,
    );
  return { type: "points", aggregation: "avg", stretches, note: null };
}

/** Samples while they are few; else the store's own percentiles, or ranks among averages. */
function planRank(name: AggregateName, shape: Shape): LeafPlan {
  const { windows, series, isEachAlone } = shape;
  const samples = stretchesOf(windows.fromMs, windows.toMs, [0]);
  if (series * pointsIn(samples) <= cheapPoints)
    return { type: "points", aggregation: "avg", stretches: samples, note: null };
  if (windows.widthMs !== null || !isEachAlone) return checked(shape, planRankOfAverages(name, shape));
  const otherwise = (count: number): PointsPlan | null => {
    const plan = planRankOfAverages(name, { ...shape, series: count });
    return count * pointsIn(plan.stretches) <= mostPoints ? plan : null;
  };
  return { type: "quantiles", otherwise };
}

function planRankOfAverages(name: AggregateName, shape: Shape): PointsPlan {
  const { fromMs, toMs } = shape.windows;
  const stepMs = averagesFor(shape);
  const stretches = stretchesOf(fromMs, toMs, stepMs === hourMs ? [hourMs, fiveMinutesMs, 0] : [stepMs, 0]);
  const note = `${name}() ranks averages of ${stepMs / 60_000} minutes here, not samples, so that its peaks are lower.`;
  return { type: "points", aggregation: "avg", stretches, note };
}

function averagesFor({ windows, offsetMs, series }: Shape): number {
  const { fromMs, toMs, widthMs } = windows;
  const fitsHour = (widthMs ?? hourMs) % hourMs === 0 && offsetMs % hourMs === 0;
  const isMany = series * pointsIn(stretchesOf(fromMs, toMs, [fiveMinutesMs, 0])) > cheapPoints;
  return fitsHour && isMany ? hourMs : fiveMinutesMs;
}

function checked({ series }: Shape, plan: PointsPlan): PointsPlan {
  const points = series * pointsIn(plan.stretches);
  if (points <= mostPoints) return plan;
  throw new LimitError(
    `The query reads ${points} points of ${series} series, and at most ${mostPoints} are read; ask for fewer series, a shorter range or a wider interval.`,
  );
}
