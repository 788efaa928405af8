// Sketches: hour by hour from the samples, then one per day. A late sample makes its hour, or its whole day when that is
// sealed already, be counted anew. PVE's averages are not samples and are not in them.
import { DuckDBBlobValue, type DuckDBConnection } from "@duckdb/node-api";
import type { EntityKind } from "../../../model/ids.ts";
import { type HistogramBins, metricsByKind } from "../../../model/metrics.ts";
import { binOf } from "../../histogram.ts";
import { samplesOf } from "../../quantiles.ts";
import { Sketch, SketchBuilder } from "../../sketch.ts";
import { dayMs, dayOf, rollupGraceMs, rrdAvg, rrdMax, sketchWindowMs } from "../../tiers.ts";
import { rawSource } from "./raw-source.ts";
import { readDoubles } from "./read-doubles.ts";

interface Stretch {
  readonly kind: EntityKind;
  readonly beginMs: number;
  readonly widthMs: number;
}

/** The end of the newest hour that may be counted now. */
export const sketchDueUntil = (nowMs: number): number => nowMs - rollupGraceMs - sketchWindowMs;

/** Counts one dirty hour, within a transaction of the caller. */
export async function sketchHour(connection: DuckDBConnection, kind: EntityKind, hourMs: number): Promise<void> {
  const day = { kind, beginMs: dayOf(hourMs), widthMs: dayMs };
  const isSealed = await has(connection, day);
  await build(connection, isSealed ? day : { kind, beginMs: hourMs, widthMs: sketchWindowMs });
}

/** Days that are over and still in hours, oldest first. */
export async function openDays(
  connection: DuckDBConnection,
  nowMs: number,
): Promise<readonly { readonly kind: EntityKind; readonly dayMs: number }[]> {
  const rows = await connection.runAndReadAll(
    `SELECT DISTINCT kind, (begin_ms - begin_ms % ${dayMs})::DOUBLE AS day FROM sketch
      WHERE width_ms = ${sketchWindowMs} AND begin_ms < $1 ORDER BY day`,
    [BigInt(dayOf(nowMs - 2 * sketchWindowMs))],
  );
  return rows.getRows().map(([kind, day]) => ({ kind: kind as EntityKind, dayMs: Number(day) }));
}

/** Makes one sketch per metric of the hours of a day, within a transaction of the caller. */
export async function sealDay(connection: DuckDBConnection, kind: EntityKind, beginMs: number): Promise<void> {
  const sums = new Map<string, Uint8Array>();
  for (const { id } of sketchedMetrics(kind)) {
    const sum = new SketchBuilder();
    // One metric at a time: a day of all metrics of a large fleet is a hundred megabytes.
    const hours = await connection.runAndReadAll(
      `SELECT data FROM sketch WHERE kind = $1 AND metric = $2 AND begin_ms >= $3 AND begin_ms < $4`,
      [kind, id, BigInt(beginMs), BigInt(beginMs + dayMs)],
    );
    for (const [data] of hours.getRows()) sum.addSketch(bytesOf(data));
    if (!sum.isEmpty) sums.set(id, sum.encode());
  }
  await connection.run("DELETE FROM sketch WHERE kind = $1 AND begin_ms >= $2 AND begin_ms < $3 AND width_ms = $4", [
    kind,
    BigInt(beginMs),
    BigInt(beginMs + dayMs),
    BigInt(sketchWindowMs),
  ]);
  await insert(connection, { kind, beginMs, widthMs: dayMs }, sums);
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof DuckDBBlobValue) return data.bytes;
  throw new TypeError("a sketch is not stored as a BLOB");
}

export interface FoundSketch {
  readonly beginMs: number;
  readonly endMs: number;
  readonly sketch: Sketch;
}

/** The sketches of a metric that begin from ≤ t < to. */
export async function readSketches(
  connection: DuckDBConnection,
  kind: EntityKind,
  metric: string,
  fromMs: number,
  toMs: number,
): Promise<FoundSketch[]> {
  const rows = await connection.runAndReadAll(
    `SELECT begin_ms::DOUBLE, width_ms::DOUBLE, data FROM sketch
      WHERE kind = $1 AND metric = $2 AND begin_ms >= $3 AND begin_ms < $4 ORDER BY begin_ms`,
    [kind, metric, BigInt(Math.floor(fromMs)), BigInt(Math.ceil(toMs))],
  );
  return rows.getRows().map(([begin, width, data]) => ({
    beginMs: Number(begin),
    endMs: Number(begin) + Number(width),
    sketch: new Sketch(bytesOf(data)),
  }));
}

interface SketchedMetric {
  readonly id: string;
  readonly bins: HistogramBins;
}

const sketchedMetrics = (kind: EntityKind): SketchedMetric[] =>
  metricsByKind[kind].flatMap(({ id, histogramBins }) => (histogramBins === null ? [] : [{ id, bins: histogramBins }]));

async function has(connection: DuckDBConnection, { kind, beginMs, widthMs }: Stretch): Promise<boolean> {
  const rows = await connection.runAndReadAll(
    "SELECT count(*) FROM sketch WHERE kind = $1 AND begin_ms = $2 AND width_ms = $3",
    [kind, BigInt(beginMs), BigInt(widthMs)],
  );
  return Number(rows.getRows()[0]?.[0] ?? 0) > 0;
}

async function build(connection: DuckDBConnection, stretch: Stretch): Promise<void> {
  const { kind, beginMs, widthMs } = stretch;
  const metrics = sketchedMetrics(kind);
  if (metrics.length === 0) return;
  const builders = await count(connection, stretch, metrics);
  await connection.run("DELETE FROM sketch WHERE kind = $1 AND begin_ms = $2 AND width_ms = $3", [
    kind,
    BigInt(beginMs),
    BigInt(widthMs),
  ]);
  const found = metrics.flatMap(({ id }, index) => {
    const builder = builders[index];
    return builder === undefined || builder.isEmpty ? [] : [[id, builder.encode()] as const];
  });
  await insert(connection, stretch, new Map(found));
}

async function count(
  connection: DuckDBConnection,
  { kind, beginMs, widthMs }: Stretch,
  metrics: readonly SketchedMetric[],
): Promise<SketchBuilder[]> {
  const builders = metrics.map(() => new SketchBuilder());
  const endMs = beginMs + widthMs;
  const source = await rawSource(connection, kind, beginMs, endMs);
  const result = await connection.stream(
    `SELECT sid::DOUBLE, step_s::DOUBLE, ${metrics.map(({ id }) => `"${id}"`).join(", ")} FROM ${source}
      WHERE ts >= $1 AND ts < $2 AND origin NOT IN (${rrdAvg}, ${rrdMax})`,
    [BigInt(beginMs), BigInt(endMs)],
  );
  await readDoubles(result, ([sids, steps, ...values], length) => {
    for (const [index, { bins }] of metrics.entries()) {
      const column = values[index];
      const builder = builders[index];
      if (column === undefined || builder === undefined) continue;
      for (let row = 0; row < length; row++) {
        const value = column[row] ?? Number.NaN;
        if (!Number.isNaN(value)) builder.add(sids?.[row] ?? 0, binOf(bins, value), samplesOf(steps?.[row] ?? 0));
      }
    }
  });
  return builders;
}

async function insert(
  connection: DuckDBConnection,
  { kind, beginMs, widthMs }: Stretch,
  sketches: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const appender = await connection.createAppender("sketch");
  for (const [metric, bytes] of sketches) {
    appender.appendVarchar(kind);
    appender.appendVarchar(metric);
    appender.appendBigInt(BigInt(beginMs));
    appender.appendBigInt(BigInt(widthMs));
    appender.appendBlob(bytes);
    appender.endRow();
  }
  appender.closeSync();
}
