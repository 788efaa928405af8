// Two answers to one query, held against each other: same series, same rows, numbers equal to 1e-9 of their size.
import type { InfluxAnswer, InfluxSeries } from "./two-sources.ts";

export interface Allowance {
  /** Share of a number that two may differ by. */
  readonly relative: number;
  /** Rows without GROUP BY time carry no moment of their own: InfluxDB gives that of the chosen sample. */
  readonly ignoreTime: boolean;
}

const exactly: Allowance = { relative: 1e-9, ignoreTime: false };

/** What differs, one line each; empty when nothing does. */
export function differences(ours: InfluxAnswer, theirs: InfluxAnswer, allowance: Partial<Allowance> = {}): string[] {
  const allowed = { ...exactly, ...allowance };
  return theirs.results.flatMap(({ series: expected = [] }, index) => {
    const own = byTags(ours.results[index]?.series ?? []);
    const missing = expected.filter((series) => !own.has(nameOf(series))).map((series) => `no ${nameOf(series)}`);
    const wanted = byTags(expected);
    const extra = [...own.keys()].filter((name) => !wanted.has(name)).map((name) => `${name} is ours only`);
    return [...missing, ...extra, ...expected.flatMap((series) => differ(own.get(nameOf(series)), series, allowed))];
  });
}

const nameOf = ({ name, tags }: InfluxSeries): string => `${name} ${JSON.stringify(Object.entries(tags ?? {}).sort())}`;

const byTags = (series: readonly InfluxSeries[]): ReadonlyMap<string, InfluxSeries> =>
  new Map(series.map((each) => [nameOf(each), each]));

function differ(own: InfluxSeries | undefined, expected: InfluxSeries, allowed: Allowance): string[] {
  if (own === undefined) return [];
  const name = nameOf(expected);
  if (own.columns.join() !== expected.columns.join())
    return [`${name}: columns ${own.columns.join()}, not ${expected.columns.join()}`];
  if (own.values.length !== expected.values.length) {
    const moment = expected.values.find(([time], row) => own.values[row]?.[0] !== time)?.[0] ?? "the end";
    return [`${name}: ${own.values.length} rows, not ${expected.values.length}, from ${moment} on`];
  }
  return expected.values.flatMap((cells, row) =>
    cells.flatMap((cell, column) => {
      if (column === 0 && allowed.ignoreTime) return [];
      const ourCell = own.values[row]?.[column] ?? null;
      return isSame(ourCell, cell, allowed.relative)
        ? []
        : [`${name} ${expected.columns[column] ?? ""} at ${String(cells[0])}: ${String(ourCell)}, not ${String(cell)}`];
    }),
  );
}

function isSame(a: string | number | null, b: string | number | null, relative: number): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  return Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b), 1e-12);
}
