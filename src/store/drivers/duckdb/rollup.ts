// Roll-ups: raw → 5 minutes → 1 hour. The windows that got rows are listed in dirty_window; a window is rolled up as a
// whole, in one transaction with its removal from that list, so doing it again is harmless and late rows simply put
// their window on the list again. The arithmetic is done here: eighty aggregates in SQL take DuckDB ten times as long.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { EntityKind } from "../../../model/ids.ts";
import type { Tier } from "../../../model/store.ts";
import { uncoveredPoints } from "../../merge.ts";
import { addPoint, emptyPoints, type Points } from "../../points.ts";
import {
  anchorOf,
  type Interval,
  imported,
  isSpan,
  maxStepMs,
  type RollupTier,
  rolledFromAverages,
  rolledFromSamples,
  rollupGraceMs,
  rrdAvg,
  rrdMax,
  type WindowTier,
  windowMs,
} from "../../tiers.ts";
import { rawSource } from "./raw-source.ts";
import { readDoubles } from "./read-doubles.ts";
import { Accumulator, type MetricCells } from "./rollup-accumulator.ts";
import { rolledMetrics, tableOf } from "./schema.ts";
import type { TableWriter } from "./table-writer.ts";

/** Windows times series that are summed up at a time; it bounds memory when a day's import is waiting. */
const cellsPerRun = 20_000;

export interface RollupTools {
  readonly connection: DuckDBConnection;
  readonly writer: (kind: EntityKind, tier: Tier) => Promise<TableWriter>;
  readonly seriesCount: (kind: EntityKind) => number;
  /** Windows up to here may have been rolled up before, so their points have to be removed first. */
  readonly rolledUpTo: (kind: EntityKind, tier: RollupTier) => number;
}

/** Windows of one kind and tier, in order, that are to be rolled up. */
export interface DueWindows<To extends WindowTier = RollupTier> {
  readonly kind: EntityKind;
  readonly to: To;
  readonly windows: readonly number[];
}

interface Roll extends DueWindows {
  readonly from: Tier;
}

/** The end of the newest window that may be rolled up now. */
export const dueUntil = (to: RollupTier, nowMs: number): number => nowMs - rollupGraceMs - windowMs[to];

/** Rolls windows up, within a transaction of the caller. The 5-minute windows have to come before the hours. */
export async function rollUp(tools: RollupTools, due: readonly DueWindows[]): Promise<void> {
  for (const { kind, to, windows } of due) {
    const perRun = Math.max(1, Math.floor(cellsPerRun / Math.max(1, tools.seriesCount(kind))));
    for (let at = 0; at < windows.length; at += perRun) {
      const from = to === "5m" ? ("raw" as const) : ("5m" as const);
      await rollWindows(tools, { kind, from, to, windows: windows.slice(at, at + perRun) });
    }
    const bounds = [BigInt(windows[0] ?? 0), BigInt(windows.at(-1) ?? 0)];
    await tools.connection.run(
      "DELETE FROM dirty_window WHERE begin_ms >= $1 AND begin_ms <= $2 AND kind = $3 AND tier = $4",
      [...bounds, kind, to],
    );
  }
}

async function rollWindows(tools: RollupTools, roll: Roll): Promise<void> {
  const { kind, to, windows } = roll;
  const first = windows[0] ?? 0;
  if (first <= tools.rolledUpTo(kind, to)) await removeRolled(tools.connection, roll);
  const rolled = (await sumUp(tools.connection, roll)) ?? (await sumUpUncovered(tools.connection, roll));
  const target = await tools.writer(kind, to);
  writeRolled(target, roll, rolled);
  // The hours read what the 5-minute windows have just become.
  target.flush();
}

async function removeRolled(connection: DuckDBConnection, { kind, to, windows }: Roll): Promise<void> {
  await connection.run(
    `DELETE FROM "${tableOf(kind, to)}" WHERE ts >= $1 AND ts <= $2 AND derived <> ${imported}
      AND ts IN (SELECT begin_ms FROM dirty_window WHERE kind = $3 AND tier = $4)`,
    [BigInt(windows[0] ?? 0), BigInt(windows.at(-1) ?? 0), kind, to],
  );
}

/** Everything in one pass, as long as no point describes a stretch that finer ones may lie in; else undefined. */
async function sumUp(connection: DuckDBConnection, roll: Roll): Promise<RolledWindows | undefined> {
  const sums = new WindowSums(roll);
  const seen = { mayOverlap: false };
  await readSource(connection, roll, true, (columns, length) => {
    for (let row = 0; row < length && !seen.mayOverlap; row++) {
      const point = intervalAt(columns, row);
      // Rolled-up points of one tier are all of one width and lie side by side.
      seen.mayOverlap = point.derived === imported && isSpan(point);
      sums.add(columns, row, sums.windowOf(point));
    }
  });
  return seen.mayOverlap ? undefined : sums.rolled;
}

/** In two passes: first which rows count, then their values. */
async function sumUpUncovered(connection: DuckDBConnection, roll: Roll): Promise<RolledWindows> {
  const sums = new WindowSums(roll);
  const places = await placeRows(connection, roll, sums);
  let at = 0;
  await readSource(connection, roll, true, (columns, length) => {
    for (let row = 0; row < length; row++) sums.add(columns, row, places[at++] ?? Number.NaN);
  });
  return sums.rolled;
}

/** Of each source row in the order of reading: the begin of its window, or NaN when it does not count. */
async function placeRows(connection: DuckDBConnection, roll: Roll, sums: WindowSums): Promise<Float64Array> {
  const windows: number[] = [];
  const bySeries = new Map<number, { points: Points; rows: number[] }>();
  await readSource(connection, roll, false, (columns, length) => {
    for (let row = 0; row < length; row++) {
      const point = intervalAt(columns, row);
      const sid = columns[0]?.[row] ?? 0;
      const series = bySeries.get(sid) ?? { points: emptyPoints(), rows: [] };
      bySeries.set(sid, series);
      addPoint(series.points, { ...point, weight: 0, value: 0 });
      series.rows.push(windows.length);
      windows.push(sums.windowOf(point));
    }
  });
  const places = new Float64Array(windows.length).fill(Number.NaN);
  for (const { points, rows } of bySeries.values()) {
    for (const index of uncoveredPoints(points)) {
      const row = rows[index] ?? 0;
      places[row] = windows[row] ?? Number.NaN;
    }
  }
  return places;
}

const intervalAt = (columns: readonly Float64Array[], row: number): Interval => ({
  ts: columns[1]?.[row] ?? 0,
  stepS: columns[2]?.[row] ?? 0,
  origin: columns[3]?.[row] ?? 0,
  derived: columns[4]?.[row] ?? 0,
});

/** By window, then by series: a number as key costs a fraction of a text made for every row. */
class RolledWindows {
  readonly #windows = new Map<number, Map<number, Accumulator>>();

  of(sid: number, begin: number, metrics: number): Accumulator {
    let window = this.#windows.get(begin);
    if (window === undefined) {
      window = new Map();
      this.#windows.set(begin, window);
    }
    let sums = window.get(sid);
    if (sums === undefined) {
      sums = new Accumulator(sid, begin, metrics);
      window.set(sid, sums);
    }
    return sums;
  }

  sorted(): Accumulator[] {
    return [...this.#windows]
      .sort(([a], [b]) => a - b)
      .flatMap(([, window]) => [...window.values()].sort((a, b) => a.sid - b.sid));
  }
}

/** The sums of all series and windows of one run. */
class WindowSums {
  readonly rolled = new RolledWindows();
  readonly #windows: ReadonlySet<number>;
  readonly #width: number;
  readonly #metrics: number;
  readonly #fromRaw: boolean;

  constructor({ kind, from, to, windows }: Roll) {
    this.#windows = new Set(windows);
    this.#width = windowMs[to];
    this.#metrics = rolledMetrics(kind).length;
    this.#fromRaw = from === "raw";
  }

  /** NaN when the point falls into none of the windows. */
  windowOf(point: Interval): number {
    const begin = Math.floor(anchorOf(point) / this.#width) * this.#width;
    return this.#windows.has(begin) ? begin : Number.NaN;
  }

  add(columns: readonly Float64Array[], row: number, begin: number): void {
    if (Number.isNaN(begin)) return;
    const sums = this.rolled.of(columns[0]?.[row] ?? 0, begin, this.#metrics);
    const point = intervalAt(columns, row);
    const averaged = point.origin === rrdAvg || point.derived === rolledFromAverages;
    sums.row(anchorOf(point), point.origin, columns[5]?.[row] ?? 0, averaged);
    for (let metric = 0; metric < this.#metrics; metric++) {
      if (this.#fromRaw) sums.sample(metric, columns[firstValue + metric]?.[row] ?? Number.NaN);
      else addCells(sums, metric, columns, row);
    }
  }
}

function addCells(sums: Accumulator, metric: number, columns: readonly Float64Array[], row: number): void {
  const first = firstValue + 4 * metric;
  const avg = columns[first]?.[row] ?? Number.NaN;
  sums.cells(
    metric,
    avg,
    columns[first + 1]?.[row] ?? avg,
    columns[first + 2]?.[row] ?? avg,
    columns[first + 3]?.[row] ?? avg,
  );
}

/** Before the values come sid, ts, step, origin, derived and weight. */
const firstValue = 6;

const valueColumns = (from: Tier, metrics: readonly string[]): string =>
  metrics
    .flatMap((id) => (from === "raw" ? [`"${id}"`] : [`"${id}_avg"`, `"${id}_min"`, `"${id}_max"`, `"${id}_last"`]))
    .join(", ");

/** Asked twice, the same rows in the same order: within a transaction DuckDB keeps the order of insertion. */
async function readSource(
  connection: DuckDBConnection,
  { kind, from, to, windows }: Roll,
  withValues: boolean,
  visit: (columns: readonly Float64Array[], length: number) => void,
): Promise<void> {
  const margin = maxStepMs[from];
  const weight = `CASE WHEN origin = ${rrdMax} THEN 0 ELSE greatest(step_s, 1) / 10.0 END`;
  const own = from === "raw" ? `0::DOUBLE, (${weight})::DOUBLE` : "derived::DOUBLE, n";
  const values = withValues ? `, ${valueColumns(from, rolledMetrics(kind))}` : "";
  const [fromMs, toMs] = [(windows[0] ?? 0) - margin, (windows.at(-1) ?? 0) + windowMs[to] + margin];
  const source = from === "raw" ? await rawSource(connection, kind, fromMs, toMs) : `"${tableOf(kind, from)}"`;
  const result = await connection.stream(
    `SELECT sid::DOUBLE, ts::DOUBLE, step_s::DOUBLE, origin::DOUBLE, ${own}${values}
      FROM ${source} WHERE ts >= $1 AND ts < $2`,
    [BigInt(fromMs), BigInt(toMs)],
  );
  await readDoubles(result, visit);
}

function writeRolled(target: TableWriter, { kind, to }: Roll, rolled: RolledWindows): void {
  const rows = rolled.sorted();
  const sid = target.column("sid");
  const stepS = target.column("step_s");
  const origin = target.column("origin");
  const derived = target.column("derived");
  const n = target.column("n");
  const cells = rolledMetrics(kind).map(
    (id): MetricCells => ({
      avg: target.column(`${id}_avg`),
      min: target.column(`${id}_min`),
      max: target.column(`${id}_max`),
      last: target.column(`${id}_last`),
    }),
  );
  target.append(rows.length, (at, from, length) => {
    for (let i = 0; i < length; i++) {
      const row = rows[from + i];
      if (row === undefined) continue;
      const place = at + i;
      target.setBigint("ts", place, row.beginMs);
      if (sid !== undefined) sid[place] = row.sid;
      if (stepS !== undefined) stepS[place] = windowMs[to] / 1000;
      if (origin !== undefined) origin[place] = row.origin;
      if (derived !== undefined) derived[place] = row.averaged ? rolledFromAverages : rolledFromSamples;
      if (n !== undefined) n[place] = row.weight;
      for (let metric = 0; metric < cells.length; metric++) row.write(metric, cells[metric] ?? {}, place);
    }
  });
}
