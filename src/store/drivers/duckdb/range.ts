// Reads the points that a range query needs, tier by tier, from the coarsest on; the merge itself is merge.ts.
import type { DuckDBConnection } from "@duckdb/node-api";
import { LimitError } from "../../../lib/errors.ts";
import type { EntityKind } from "../../../model/ids.ts";
import type { Aggregation, Metric } from "../../../model/metrics.ts";
import type { RangeQuery, Tier } from "../../../model/store.ts";
import { addPoint, emptyPoints, type Point, type Points } from "../../points.ts";
import { beginOf, endOf, imported, maxStepMs, type RollupTier, rrdMax, tierOfQuery, windowMs } from "../../tiers.ts";
import { rawSource } from "./raw-source.ts";
import { readDoubles } from "./read-doubles.ts";
import { tableOf } from "./schema.ts";
import { windowSql } from "./window-sql.ts";

/** What one answer may read; it keeps a careless question from taking all memory. */
const maxPoints = 4_000_000;

export interface KindQuestion {
  readonly kind: EntityKind;
  readonly metric: Metric;
  readonly sids: readonly number[];
  readonly query: RangeQuery;
}

interface Stretch {
  fromMs: number;
  toMs: number;
}

/** The points of every series by its number. Runs inside a transaction of the caller, so that the tiers fit together. */
export async function readPoints(connection: DuckDBConnection, question: KindQuestion): Promise<Map<number, Points>> {
  const found = new Map<number, Points>(question.sids.map((sid) => [sid, emptyPoints()]));
  const asked: Stretch = { fromMs: question.query.fromMs, toMs: question.query.toMs };
  // A coarse point at the edge is only judged right when all that lies in it is read too, of its own tier as well.
  const stretch = { ...asked };
  const readTiers: readonly Tier[] = question.metric.type === "counter" ? ["raw"] : ["1h", "5m", "raw"];
  let count = 0;
  for (const tier of readTiers) {
    // Columns, because an object for each of a million points is most of the time and memory.
    const chunks: (readonly Float64Array[])[] = [];
    const bounds = await boundsOf(connection, question, tier, stretch);
    const source =
      tier === "raw" ? await rawSource(connection, question.kind, ...bounds) : `"${tableOf(question.kind, tier)}"`;
    const result = await connection.stream(tierSql(question, tier, source), [
      ...bounds.map((bound) => BigInt(bound)),
      ...question.sids,
    ]);
    await readDoubles(result, (columns, length) => {
      count += length;
      if (count > maxPoints) throw tooManyPoints();
      chunks.push(columns.map((column) => column.slice(0, length)));
    });
    if (tier !== "raw")
      eachPoint(chunks, (_sid, point) => {
        if (touches(point, asked)) widen(stretch, point);
      });
    eachPoint(chunks, (sid, point) => {
      const points = found.get(sid);
      if (points !== undefined && touches(point, stretch)) addPoint(points, point);
    });
  }
  return found;
}

/** The point that `visit` gets is only valid during the call. */
function eachPoint(
  chunks: readonly (readonly Float64Array[])[],
  visit: (sid: number, point: Readonly<Point>) => void,
): void {
  const point = { ts: 0, stepS: 0, origin: 0, derived: 0, weight: 0, value: 0 };
  for (const columns of chunks) {
    const [sids = none, ts = none, stepS = none, origin = none, derived = none, weight = none, value = none] = columns;
    for (let row = 0; row < sids.length; row++) {
      point.ts = ts[row] ?? 0;
      point.stepS = stepS[row] ?? 0;
      point.origin = origin[row] ?? 0;
      point.derived = derived[row] ?? 0;
      point.weight = weight[row] ?? 0;
      point.value = value[row] ?? Number.NaN;
      visit(sids[row] ?? 0, point);
    }
  }
}

const none = new Float64Array();

/** A roll-up does not reach its end, which is the begin of the next; PVE's interval does. */
function touches(point: Point, { fromMs, toMs }: Stretch): boolean {
  const end = endOf(point);
  return beginOf(point) < toMs && (end > fromMs || (end === fromMs && point.derived === imported));
}

function widen(stretch: Stretch, point: Point): void {
  stretch.fromMs = Math.min(stretch.fromMs, beginOf(point));
  stretch.toMs = Math.max(stretch.toMs, endOf(point));
}

const tooManyPoints = (): LimitError =>
  new LimitError(`The query reads more than ${maxPoints} points: ask for fewer ids, a shorter range or a longer step.`);

/** Rows that may reach into the stretch. Only imported ones are wider than their tier's window, and mostly there are none. */
async function boundsOf(
  connection: DuckDBConnection,
  question: KindQuestion,
  tier: Tier,
  { fromMs, toMs }: Stretch,
): Promise<readonly [fromMs: number, toMs: number]> {
  const widest = [Math.floor(fromMs - maxStepMs[tier]), Math.ceil(toMs + maxStepMs[tier])] as const;
  if (tier === "raw" || (await hasImported(connection, question, tier, widest))) return widest;
  // A window at the edge counts as a whole, and so does its neighbour, which it meets.
  return [Math.floor(fromMs - 2 * windowMs[tier]), Math.ceil(toMs + 2 * windowMs[tier])];
}

/** Whether the tier holds values of these series, in from ≤ ts < to, that are no roll-ups. */
export async function hasImported(
  connection: DuckDBConnection,
  { kind, metric, sids, query }: KindQuestion,
  tier: RollupTier,
  [fromMs, toMs]: readonly [fromMs: number, toMs: number],
): Promise<boolean> {
  const result = await connection.runAndReadAll(
    `SELECT EXISTS (SELECT 1 FROM "${tableOf(kind, tier)}" r
      WHERE derived = ${imported} AND ts >= $1 AND ts < $2 AND sid IN (${sids.join(", ")})
        AND ${rollupValueSql(metric.id, query.aggregation)} IS NOT NULL)`,
    [BigInt(fromMs), BigInt(toMs)],
  );
  return result.getRows()[0]?.[0] !== false;
}

function tierSql({ kind, metric, sids, query }: KindQuestion, tier: Tier, source: string): string {
  const value = tier === "raw" ? `r."${metric.id}"` : rollupValueSql(metric.id, query.aggregation);
  const weight = tier === "raw" ? "greatest(r.step_s, 1) / 10.0" : "r.n";
  const derived = tier === "raw" ? "0" : "r.derived";
  const withoutMaxima = query.aggregation === "max" ? "" : tier === "raw" ? `AND r.origin <> ${rrdMax}` : "";
  const chosen = sids.map((_, index) => `$${index + 3}`).join(", ");
  return `SELECT r.sid::DOUBLE, r.ts::DOUBLE, r.step_s::DOUBLE, r.origin::DOUBLE, ${derived}::DOUBLE,
      ${tier === "raw" ? `CASE WHEN r.origin = ${rrdMax} THEN 0 ELSE ${weight} END` : weight}::DOUBLE, ${value}
    FROM ${source} r
    WHERE r.ts >= $1 AND r.ts < $2 AND r.sid IN (${chosen}) AND ${value} IS NOT NULL ${withoutMaxima} ${notRolledUp(kind, tier, query)}`;
}

/** A roll-up's column for an aggregation; imported points have averages only. */
export function rollupValueSql(id: string, aggregation: Aggregation): string {
  switch (aggregation) {
    case "avg":
    case "sum":
      return `r."${id}_avg"`;
    case "min":
      return `coalesce(r."${id}_min", r."${id}_avg")`;
    case "max":
      return `coalesce(r."${id}_max", r."${id}_avg")`;
    case "last":
      return `r."${id}_last"`;
  }
}

/** A tier finer than the question needs is read only where it is not rolled up yet. */
function notRolledUp(kind: EntityKind, tier: Tier, { stepMs }: RangeQuery): string {
  const primary = tierOfQuery(stepMs);
  const to = tier === "raw" && primary !== "raw" ? "5m" : tier === "5m" && primary === "1h" ? "1h" : undefined;
  if (to === undefined) return "";
  return `AND ${windowSql(tier, to, "r")} IN (SELECT begin_ms FROM dirty_window WHERE kind = '${kind}' AND tier = '${to}')`;
}
