// One group of series → its rows: each function window by window, gaps filled, then the arithmetic. Pure.
import { filled } from "./fill.ts";
import { evaluate, keyOf } from "./leaves.ts";
import type { Aggregate, AggregateName, Select } from "./query.ts";
import { type Points, reduce } from "./reduce.ts";
import { beginOfWindow, boundsOfWindows, type Windows } from "./windows.ts";

/** The points of a function in one group, in order of time, and what makes one value of a window's. */
export interface LeafPoints {
  readonly leaf: Aggregate;
  readonly points: Points;
  readonly reduceBy: AggregateName;
}

export interface Frame {
  readonly tags: Readonly<Record<string, string>>;
  readonly timeMs: readonly number[];
  /** One per column of the query, each as long as `timeMs`. */
  readonly columns: readonly (readonly (number | null)[])[];
}

/** Undefined when the group has no value at all. */
export function rowsOfGroup(
  select: Select,
  windows: Windows,
  tags: Readonly<Record<string, string>>,
  leaves: readonly LeafPoints[],
): Frame | undefined {
  const values = new Map(leaves.map((leaf) => [keyOf(leaf.leaf), valuesOf(leaf, windows)]));
  if ([...values.values()].every((each) => each.every((value) => value === null))) return undefined;
  const shown = new Map(
    [...values].map(([key, each]) => [key, windows.widthMs === null ? each : filled(each, select.fill)]),
  );
  const columns = select.columns.map(({ expression }) =>
    Array.from({ length: windows.count }, (_, index) =>
      evaluate(expression, (leaf) => shown.get(keyOf(leaf))?.[index] ?? null),
    ),
  );
  return chosenRows(select, windows, { tags, columns });
}

function valuesOf({ leaf, points, reduceBy }: LeafPoints, windows: Windows): readonly (number | null)[] {
  return boundsOfWindows(windows, points.timeMs).map(([from, to]) => reduce(reduceBy, leaf.percent, points, from, to));
}

function chosenRows(select: Select, windows: Windows, { tags, columns }: Omit<Frame, "timeMs">): Frame {
  let rows = Array.from({ length: windows.count }, (_, index) => index);
  if (select.fill === "none") rows = rows.filter((row) => columns.some((column) => typeof column[row] === "number"));
  if (select.descending) rows.reverse();
  if (select.limit !== null) rows = rows.slice(0, select.limit);
  return {
    tags,
    timeMs: rows.map((row) => beginOfWindow(windows, row)),
    columns: columns.map((column) => rows.map((row) => column[row] ?? null)),
  };
}

/** Points of several series as one, in order of time. */
export function joined(parts: readonly Points[]): Points {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const all = parts.flatMap(({ timeMs, values, weights }) =>
    timeMs.map((ms, index) => ({ ms, value: values[index] ?? null, weight: weights?.[index] ?? 1 })),
  );
  all.sort((a, b) => a.ms - b.ms);
  return {
    timeMs: all.map(({ ms }) => ms),
    values: all.map(({ value }) => value),
    weights: all.map(({ weight }) => weight),
  };
}
