// Rows of one kind in plain arrays, tier by tier, and their roll-up: the reference that the SQL of the DuckDB driver is
// held against. Clear before fast.
import { origins, type Row } from "../../../model/batch.ts";
import type { EntityId, EntityKind } from "../../../model/ids.ts";
import { type Aggregation, type MetricId, metricsByKind } from "../../../model/metrics.ts";
import type { Tier } from "../../../model/store.ts";
import { binOf } from "../../histogram.ts";
import { uncoveredPoints } from "../../merge.ts";
import { addPoint, emptyPoints, type Point } from "../../points.ts";
import { samplesOf } from "../../quantiles.ts";
import { Sketch, SketchBuilder } from "../../sketch.ts";
import {
  anchorOf,
  dayMs,
  dayOf,
  type Interval,
  imported,
  isRrd,
  type RollupTier,
  rolledFromAverages,
  rolledFromSamples,
  rollupGraceMs,
  rrdAvg,
  rrdMax,
  sketchWindowMs,
  tierOfStep,
  weightOf,
  windowMs,
} from "../../tiers.ts";

export interface Cell {
  readonly avg: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
}

export interface StoredRow extends Interval {
  readonly id: EntityId;
  readonly node: string | null;
  readonly weight: number;
  readonly cells: Readonly<Record<MetricId, Cell>>;
}

export interface MemorySketch {
  readonly beginMs: number;
  readonly endMs: number;
  readonly sketch: Sketch;
}

export class MemoryRows {
  readonly #kind: EntityKind;
  readonly #tiers: Record<Tier, StoredRow[]> = { raw: [], "5m": [], "1h": [] };
  readonly #dirty: Record<RollupTier, Set<number>> = { "5m": new Set(), "1h": new Set() };

  readonly #unsketched = new Set<number>();
  /** By hour and metric, as the roll-up found them. */
  readonly #sketches = new Map<number, ReadonlyMap<MetricId, SketchBuilder>>();
  readonly #numbers = new Map<EntityId, number>();
  #sealedBeforeMs = 0;

  constructor(kind: EntityKind) {
    this.#kind = kind;
  }

  add(row: Row): void {
    const tier = tierOfStep(row.stepS);
    const stored = storedRow(row, tier);
    this.#tiers[tier].push(stored);
    const anchor = anchorOf(stored);
    if (tier === "raw") this.#unsketched.add(windowOf(anchor, "1h"));
    if (tier === "raw") this.#dirty["5m"].add(windowOf(anchor, "5m"));
    if (tier !== "1h") this.#dirty["1h"].add(windowOf(anchor, "1h"));
  }

  rows(tier: Tier): readonly StoredRow[] {
    return this.#tiers[tier];
  }

  isDirty(tier: RollupTier, row: StoredRow): boolean {
    return this.#dirty[tier].has(windowOf(anchorOf(row), tier));
  }

  rollup(nowMs: number): void {
    this.#rollTier("raw", "5m", nowMs);
    this.#rollTier("5m", "1h", nowMs);
    this.#sketch(nowMs);
  }

  /** Sketches of whole days that are over, and of the hours since. */
  sketches(metric: MetricId, fromMs: number, toMs: number): MemorySketch[] {
    return [...this.#sketches].flatMap(([hour, builders]) => {
      const isSealed = hour < this.#sealedBeforeMs;
      const begin = isSealed ? dayOf(hour) : hour;
      const bytes = builders.get(metric)?.encode();
      if (bytes === undefined || begin < fromMs || begin >= toMs) return [];
      return [{ beginMs: begin, endMs: isSealed ? begin + dayMs : begin + sketchWindowMs, sketch: new Sketch(bytes) }];
    });
  }

  number(id: EntityId): number {
    const number = this.#numbers.get(id) ?? this.#numbers.size;
    this.#numbers.set(id, number);
    return number;
  }

  #sketch(nowMs: number): void {
    for (const hour of [...this.#unsketched]) {
      if (hour + sketchWindowMs + rollupGraceMs > nowMs) continue;
      this.#sketches.set(hour, this.#counted(hour));
      this.#unsketched.delete(hour);
    }
    this.#sealedBeforeMs = dayOf(nowMs - 2 * sketchWindowMs);
  }

  #counted(hour: number): Map<MetricId, SketchBuilder> {
    const builders = new Map<MetricId, SketchBuilder>();
    for (const row of this.#tiers.raw) {
      if (isRrd(row.origin) || row.ts < hour || row.ts >= hour + sketchWindowMs) continue;
      for (const { id, histogramBins } of metricsByKind[this.#kind]) {
        const value = row.cells[id]?.last;
        if (histogramBins === null || value === undefined || value === null) continue;
        const builder = builders.get(id) ?? new SketchBuilder();
        builders.set(id, builder);
        builder.add(this.number(row.id), binOf(histogramBins, value), samplesOf(row.stepS));
      }
    }
    return builders;
  }

  #rollTier(from: Tier, to: RollupTier, nowMs: number): void {
    const due = [...this.#dirty[to]].filter((begin) => begin + windowMs[to] + rollupGraceMs <= nowMs);
    const windows = new Set(due);
    this.#tiers[to] = this.#tiers[to].filter((row) => row.derived === imported || !windows.has(row.ts));
    for (const [id, rows] of groupBy(this.#tiers[from], (row) => row.id)) {
      const inWindows = groupBy(uncoveredRows(rows), (row) => windowOf(anchorOf(row), to));
      for (const [begin, members] of inWindows) {
        if (windows.has(begin)) this.#tiers[to].push(this.#rolled(id, begin, to, members));
      }
    }
    for (const begin of due) this.#dirty[to].delete(begin);
  }

  #rolled(id: EntityId, begin: number, tier: RollupTier, rows: readonly StoredRow[]): StoredRow {
    const averaged = rows.some((row) => row.origin === rrdAvg || row.derived === rolledFromAverages);
    const lastRow = lastOf(rows.filter((row) => row.origin !== rrdMax)) ?? lastOf(rows);
    const metrics = metricsByKind[this.#kind].filter((metric) => metric.type !== "counter");
    return {
      id,
      ts: begin,
      stepS: windowMs[tier] / 1000,
      origin: lastRow?.origin ?? rrdMax,
      derived: averaged ? rolledFromAverages : rolledFromSamples,
      node: null,
      weight: rows.reduce((sum, row) => sum + row.weight, 0),
      cells: Object.fromEntries(metrics.map(({ id: metric }) => [metric, rolledCell(rows, metric)])),
    };
  }
}

/** The point that a row is for one question, or undefined when it has nothing to say. */
export function pointOf(row: StoredRow, metric: MetricId, aggregation: Aggregation): Point | undefined {
  const cell = row.cells[metric];
  if (cell === undefined || (row.origin === rrdMax && row.derived === imported && aggregation !== "max"))
    return undefined;
  const value = cellValue(cell, aggregation);
  return value === null ? undefined : { ...row, value };
}

function cellValue(cell: Cell, aggregation: Aggregation): number | null {
  switch (aggregation) {
    case "avg":
    case "sum":
      return cell.avg;
    case "min":
      return cell.min ?? cell.avg;
    case "max":
      return cell.max ?? cell.avg;
    case "last":
      return cell.last;
  }
}

function storedRow(row: Row, tier: Tier): StoredRow {
  const origin = origins.indexOf(row.origin);
  return {
    id: row.id,
    ts: row.ts,
    stepS: row.stepS,
    origin,
    derived: imported,
    // Roll-up tables keep no node: a guest may have moved within the interval.
    node: tier === "raw" ? row.node : null,
    weight: origin === rrdMax ? 0 : weightOf(row.stepS),
    cells: Object.fromEntries(
      Object.entries(row.values).flatMap(([metric, value]) =>
        value === null ? [] : [[metric, cellOf(value, origin, tier)]],
      ),
    ),
  };
}

function cellOf(value: number, origin: number, tier: Tier): Cell {
  if (origin === rrdMax && tier !== "raw") return { avg: null, min: null, max: value, last: null };
  if (isRrd(origin) && tier !== "raw") return { avg: value, min: null, max: null, last: value };
  return { avg: value, min: value, max: value, last: value };
}

function uncoveredRows(rows: readonly StoredRow[]): StoredRow[] {
  const points = emptyPoints();
  for (const row of rows) addPoint(points, { ...row, value: 0 });
  return uncoveredPoints(points).flatMap((index) => rows[index] ?? []);
}

function rolledCell(rows: readonly StoredRow[], metric: MetricId): Cell {
  const told = rows.flatMap((row) => {
    const cell = row.cells[metric];
    return cell === undefined ? [] : [{ row, cell }];
  });
  const averaged = told.filter(({ row, cell }) => row.weight > 0 && cell.avg !== null);
  const weight = averaged.reduce((sum, { row }) => sum + row.weight, 0);
  const weighted = averaged.reduce((sum, { row, cell }) => sum + (cell.avg ?? 0) * row.weight, 0);
  const lows = averaged.map(({ cell }) => cell.min ?? cell.avg ?? Number.POSITIVE_INFINITY);
  const highs = told.map(({ cell }) => cell.max ?? cell.avg).filter((value) => value !== null);
  const last = lastOf(
    averaged.filter(({ cell }) => cell.last !== null).map(({ row, cell }) => ({ ...row, value: cell.last })),
  );
  return {
    avg: weight === 0 ? null : Math.min(Math.max(weighted / weight, Math.min(...lows)), Math.max(...highs)),
    min: lows.length === 0 ? null : Math.min(...lows),
    max: highs.length === 0 ? null : Math.max(...highs),
    last: last?.value ?? null,
  };
}

function lastOf<T extends Interval>(rows: readonly T[]): T | undefined {
  let last: T | undefined;
  for (const row of rows) if (last === undefined || anchorOf(row) > anchorOf(last)) last = row;
  return last;
}

const windowOf = (anchor: number, tier: RollupTier): number => Math.floor(anchor / windowMs[tier]) * windowMs[tier];

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
