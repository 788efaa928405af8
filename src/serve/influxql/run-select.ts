// A SELECT over what the caller may see: which series, what to read of them, and the rows that come of it.
import { InputError, LimitError } from "../../lib/errors.ts";
import type { MetricsStore } from "../../model/store.ts";
import type { ScopedFleet } from "../scoped-fleet.ts";
import { type Frame, joined, type LeafPoints, rowsOfGroup } from "./group-rows.ts";
import { type LeafPlan, planLeaf, type Shape } from "./leaf-plan.ts";
import { leavesOf } from "./leaves.ts";
import type { Aggregate, Select, TimeRange } from "./query.ts";
import { type ReadLeaf, readPoints, readQuantiles } from "./read-leaf.ts";
import type { Points } from "./reduce.ts";
import {
  checkField,
  groupedByTags,
  knownKind,
  knownTag,
  seriesOfKind,
  type TaggedSeries,
  tagTest,
} from "./tagged-series.ts";
import { jointRange, type Windows, windowsOf } from "./windows.ts";

export interface SelectContext {
  readonly fleet: ScopedFleet;
  readonly store: Pick<MetricsStore, "range" | "quantiles" | "latest" | "capabilities">;
  readonly nowMs: number;
  /** Of one series, and of one answer. */
  readonly pointsPerSeries: number;
  readonly pointsPerQuery: number;
}

export interface SelectResult {
  readonly measurement: string;
  readonly frames: readonly Frame[];
  /** What the reader should know of how the numbers were made. */
  readonly notes: readonly string[];
}

/** Throws an InputError for what is not understood and a LimitError for what is too much. */
export function runSelect(select: Select, context: SelectContext, outer?: TimeRange): Promise<SelectResult> {
  const time = outer === undefined ? select.time : jointRange(select.time, outer);
  return typeof select.from === "string"
    ? ofMeasurement(select, select.from, time, context)
    : ofSubquery(select, select.from, time, context);
}

const rangeLimits = ({ nowMs, pointsPerSeries, store }: SelectContext) => ({
  nowMs,
  mostWindows: pointsPerSeries,
  maxRangeMs: store.capabilities.maxRangeMs,
});

async function ofMeasurement(
  select: Select,
  measurement: string,
  time: TimeRange,
  context: SelectContext,
): Promise<SelectResult> {
  const kind = knownKind(measurement);
  const leaves = leavesOf(select.columns);
  for (const { field } of leaves) checkField(kind, field);
  const keys = select.groupByTags.map(knownTag);
  const windows = windowsOf(select, time, rangeLimits(context));
  const isChosen = tagTest(select.tags);
  const series = (await seriesOfKind(context, kind, windows.fromMs)).filter(({ tags }) => isChosen(tags));
  const groups = groupedByTags(series, keys);
  checkAnswer(groups.length * windows.count * select.columns.length, context);
  const isEachAlone = groups.length === series.length;
  const shape = { windows, offsetMs: select.offsetMs, series: series.length, isEachAlone };
  const read = await Promise.all(leaves.map((leaf) => readLeaf(leaf, series, shape, context)));
  const frames = groups.flatMap(({ tags, members }) => {
    const parts = read.map(({ leaf, reduceBy, pointsOf }): LeafPoints => {
      const found = members.map(({ id }) => pointsOf.get(id)).filter((points) => points !== undefined);
      return { leaf, reduceBy, points: joined(found) };
    });
    return rowsOfGroup(select, windows, tags, parts) ?? [];
  });
  return { measurement, frames, notes: [...new Set(read.flatMap(({ note }) => note ?? []))] };
}

async function readLeaf(
  leaf: Aggregate,
  series: readonly TaggedSeries[],
  shape: Shape,
  context: SelectContext,
): Promise<ReadLeaf> {
  const live = leaf.name === "last" && shape.windows.widthMs === null ? livePoints(leaf, series, shape.windows) : null;
  const rest = live === null ? series : series.filter(({ id }) => !live.has(id));
  const plan = planLeaf(leaf, { ...shape, series: rest.length });
  const read = await readPlan(leaf, plan, rest, shape.windows, context);
  return live === null ? read : { ...read, pointsOf: new Map([...read.pointsOf, ...live]) };
}

/** The newest value of what was measured within the range is in memory already. */
function livePoints(
  { field }: Aggregate,
  series: readonly TaggedSeries[],
  { fromMs, toMs }: Windows,
): ReadonlyMap<string, Points> {
  const found = new Map<string, Points>();
  for (const { id, live } of series) {
    const value = live?.values[field];
    if (live === null || value === undefined || live.at < fromMs || live.at >= toMs) continue;
    found.set(id, { timeMs: [live.at], values: [value] });
  }
  return found;
}

function readPlan(
  leaf: Aggregate,
  plan: LeafPlan,
  series: readonly TaggedSeries[],
  windows: Windows,
  { store }: SelectContext,
): Promise<ReadLeaf> {
  const ids = series.map(({ id }) => id);
  return plan.type === "points"
    ? readPoints(leaf, plan, ids, store)
    : readQuantiles(leaf, plan, ids, { windows, store });
}

async function ofSubquery(
  select: Select,
  from: Select,
  time: TimeRange,
  context: SelectContext,
): Promise<SelectResult> {
  const inner = await runSelect(from, context, time);
  const leaves = leavesOf(select.columns);
  const columnOf = new Map(from.columns.map(({ name }, index) => [name, index]));
  for (const { field } of leaves) if (!columnOf.has(field)) throw noSuchColumn(field, [...columnOf.keys()]);
  const keys = select.groupByTags.map(knownTag);
  const windows = windowsOf(select, jointRange(time, from.time), rangeLimits(context));
  const isChosen = tagTest(select.tags);
  const groups = groupedByTags(
    inner.frames.filter(({ tags }) => isChosen(tags)),
    keys,
  );
  checkAnswer(groups.length * windows.count * select.columns.length, context);
  const frames = groups.flatMap(({ tags, members }) => {
    const parts = leaves.map((leaf): LeafPoints => {
      const column = columnOf.get(leaf.field) ?? 0;
      const points = members.map(({ timeMs, columns }) => inOrder(from, { timeMs, values: columns[column] ?? [] }));
      return { leaf, reduceBy: leaf.name, points: joined(points) };
    });
    return rowsOfGroup(select, windows, tags, parts) ?? [];
  });
  return { ...inner, frames };
}

const inOrder = ({ descending }: Select, { timeMs, values }: Points): Points =>
  descending ? { timeMs: [...timeMs].reverse(), values: [...values].reverse() } : { timeMs, values };

const noSuchColumn = (field: string, names: readonly string[]): InputError =>
  new InputError(`The subquery has no column ${JSON.stringify(field.slice(0, 60))}; it has ${names.join(", ")}.`);

function checkAnswer(values: number, { pointsPerQuery }: SelectContext): void {
  if (values > pointsPerQuery)
    throw new LimitError(
      `The answer would hold ${values} values, and at most ${pointsPerQuery} are given; group by fewer tags, or by a wider interval.`,
    );
}
