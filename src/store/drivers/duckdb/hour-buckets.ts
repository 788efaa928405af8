// Buckets of whole hours, summed up by the database. It is the quick way where hours are all there is to read: nothing
// imported lies in the range and everything in it is rolled up. Elsewhere points have to be weighed one by one (range.ts).
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Aggregation } from "../../../model/metrics.ts";
import type { Tier } from "../../../model/store.ts";
import type { MergedSeries } from "../../merge.ts";
import { maxStepMs, rolledFromAverages, rrdAvg, windowMs } from "../../tiers.ts";
import { hasImported, type KindQuestion, rollupValueSql } from "./range.ts";
import { readDoubles } from "./read-doubles.ts";
import { tableOf } from "./schema.ts";

const hourMs = windowMs["1h"];

/** Undefined when the quick way does not hold. Runs inside a transaction of the caller. */
export async function readHourBuckets(
  connection: DuckDBConnection,
  question: KindQuestion,
): Promise<ReadonlyMap<number, MergedSeries> | undefined> {
  const { metric, query } = question;
  if (metric.type === "counter" || query.stepMs < hourMs || query.stepMs % hourMs !== 0) return undefined;
  if (!(await isOnlyHours(connection, question))) return undefined;
  const found = new Map<number, Growing>();
  const seen = { unweighed: false };
  const room = Math.min(firstRoom, Math.ceil((query.toMs - query.fromMs) / query.stepMs) + 1);
  await readDoubles(await connection.stream(bucketsSql(question), boundsOf(question)), (columns, length) => {
    const [sids = none, times = none, weights = none, values = none, origins = none, averaged = none] = columns;
    let series: Growing | undefined;
    for (let row = 0; row < length; row++) {
      // Rows without weight carry a maximum only, which is another matter.
      seen.unweighed ||= !((weights[row] ?? 0) > 0);
      // Rows come series by series, so that most need no look into the map.
      const sid = sids[row] ?? Number.NaN;
      if (row === 0 || sid !== sids[row - 1]) series = seriesOf(found, sid, room);
      if (series === undefined) continue;
      if (series.length === series.timeMs.length) makeRoom(series);
      const place = series.length++;
      series.timeMs[place] = times[row] ?? Number.NaN;
      series.values[place] = values[row] ?? Number.NaN;
      series.origins[place] = origins[row] ?? 0;
      series.exact &&= averaged[row] === 0;
    }
  });
  if (seen.unweighed) return undefined;
  return new Map([...found].map(([sid, series]) => [sid, merged(series, query.stepMs / 1_000)]));
}

/** A roll-up stands for the middle of its hour, and belongs to the range that this lies in. */
const boundsOf = ({ query }: KindQuestion): [bigint, bigint] => [
  BigInt(Math.ceil(query.fromMs - hourMs / 2)),
  BigInt(Math.ceil(query.toMs - hourMs / 2)),
];

const chosen = ({ sids }: KindQuestion): string => sids.join(", ");

async function isOnlyHours(connection: DuckDBConnection, question: KindQuestion): Promise<boolean> {
  const [from, to] = [Math.floor(question.query.fromMs), Math.ceil(question.query.toMs)];
  const margin = maxStepMs["1h"];
  if (await hasImported(connection, question, "1h", [from - margin, to + margin])) return false;
  const result = await connection.runAndReadAll(
    "SELECT EXISTS (SELECT 1 FROM dirty_window WHERE kind = $1 AND tier IN ('5m', '1h') AND begin_ms > $2 AND begin_ms < $3)",
    [question.kind, BigInt(from - hourMs), BigInt(to)],
  );
  return result.getRows()[0]?.[0] === false;
}

function bucketsSql(question: KindQuestion): string {
  const { kind, metric, query } = question;
  const value = rollupValueSql(metric.id, query.aggregation);
  const isWeighted = query.aggregation === "avg" || query.aggregation === "sum";
  // Divided last, so that whole numbers of bytes add up without rounding.
  const shown: Readonly<Record<Aggregation, string>> = {
    avg: "least(max(v), greatest(min(v), sum(v * n) / sum(n)))",
    sum: "sum(v * n)",
    min: "min(v)",
    max: "max(v)",
    last: "arg_max(v, ts)",
  };
  return `SELECT sid::DOUBLE, bucket::DOUBLE, ${isWeighted ? "min(n)" : "1"}::DOUBLE, (${shown[query.aggregation]})::DOUBLE,
      arg_max(origin, ts)::DOUBLE, max(CASE WHEN derived = ${rolledFromAverages} OR origin = ${rrdAvg} THEN 1 ELSE 0 END)::DOUBLE
    FROM (
      SELECT r.sid, r.ts, r.n, r.origin, r.derived, ${value} AS v, r.ts - r.ts % ${query.stepMs} AS bucket
      FROM "${tableOf(kind, "1h")}" r
      WHERE r.ts >= $1 AND r.ts < $2 AND r.sid IN (${chosen(question)}) AND ${value} IS NOT NULL
    ) GROUP BY sid, bucket ORDER BY sid, bucket`;
}

/** Typed columns with room: lists of numbers that grow leave hundreds of megabytes to be collected. */
interface Growing {
  timeMs: Float64Array;
  values: Float64Array;
  origins: Uint8Array;
  length: number;
  exact: boolean;
}

/** A quarter of hours, or as many as the question can have. */
const firstRoom = 2_200;

function makeRoom(series: Growing): void {
  const room = 2 * series.length;
  const [timeMs, values, origins] = [new Float64Array(room), new Float64Array(room), new Uint8Array(room)];
  timeMs.set(series.timeMs);
  values.set(series.values);
  origins.set(series.origins);
  Object.assign(series, { timeMs, values, origins });
}

const none = new Float64Array();

function seriesOf(found: Map<number, Growing>, sid: number, room: number): Growing {
  const known = found.get(sid);
  if (known !== undefined) return known;
  const series = {
    timeMs: new Float64Array(room),
    values: new Float64Array(room),
    origins: new Uint8Array(room),
    length: 0,
    exact: true,
  };
  found.set(sid, series);
  return series;
}

const merged = ({ timeMs, values, origins, length, exact }: Growing, resolutionS: number): MergedSeries => ({
  timeMs: timeMs.subarray(0, length),
  values: values.subarray(0, length),
  resolutionS: new Float64Array(length).fill(resolutionS),
  origins: origins.subarray(0, length),
  tiers: new Set<Tier>(["1h"]),
  exact,
});
