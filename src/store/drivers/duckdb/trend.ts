// Least-squares lines through the points of many series.
import type { Tier, TrendQuery, TrendResult, TrendRow } from "../../../model/store.ts";
import { trendOfPoints } from "../../fleet-points.ts";
import { checkFleetQuery } from "../../fleet-question.ts";
import { dayMs, rolledFromAverages, rrdMax, windowMs } from "../../tiers.ts";
import { rankedTrends, tiersOfTrend, trendRow } from "../../trend.ts";
import type { DriverState } from "./dictionaries.ts";
import { type FleetReader, fleetReader, hasImported, readTier, sourceOf } from "./fleet-rows.ts";
import { readDoubles } from "./read-doubles.ts";

interface Found {
  readonly rows: readonly TrendRow[];
  readonly exact: boolean;
}

export async function readTrend(
  connection: FleetReader["connection"],
  state: DriverState,
  query: TrendQuery,
): Promise<TrendResult> {
  const { kind } = checkFleetQuery(query);
  const reader = fleetReader(connection, state, kind, query);
  const [first, ...finer] = tiersOfTrend(query);
  let [tier, found] = [first, await trendsOf(reader, first, query)];
  // A young store has no hours yet.
  for (const next of finer) {
    if (found.rows.length > 0) break;
    [tier, found] = [next, await trendsOf(reader, next, query)];
  }
  return { tier, exact: found.exact, rows: rankedTrends(found.rows, query.top) };
}

const trendsOf = async (reader: FleetReader, tier: Tier, query: TrendQuery): Promise<Found> =>
  (await hasImported(reader, tier)) ? fromPoints(reader, tier, query) : fromSums(reader, tier);

async function fromPoints(reader: FleetReader, tier: Tier, query: TrendQuery): Promise<Found> {
  const rows: TrendRow[] = [];
  let exact = true;
  for (const [sid, points] of await readTier(reader, tier)) {
    const found = trendOfPoints(points, query);
    const row = found === undefined ? undefined : trendRow(reader.ids.get(sid) ?? "", found.sums);
    if (found === undefined || row === undefined) continue;
    exact &&= found.exact;
    rows.push(row);
  }
  return { rows, exact };
}

async function fromSums(reader: FleetReader, tier: Tier): Promise<Found> {
  const rows: TrendRow[] = [];
  let averaged = 0;
  const bounds = [BigInt(reader.fromMs), BigInt(reader.toMs)];
  await readDoubles(await reader.connection.stream(await sumsSql(reader, tier), bounds), (columns, length) => {
    for (let row = 0; row < length; row++) {
      const at = (column: number): number => columns[column]?.[row] ?? Number.NaN;
      averaged += at(9);
      const found = trendRow(reader.ids.get(at(0)) ?? "", {
        points: at(1),
        firstMs: at(2),
        lastMs: at(3),
        origin: 0,
        weight: at(4),
        t: at(5),
        v: at(6),
        tt: at(7),
        tv: at(8),
      });
      if (found !== undefined) rows.push(found);
    }
  });
  return { rows, exact: averaged === 0 };
}

async function sumsSql(reader: FleetReader, tier: Tier): Promise<string> {
  const { metric, fromMs, toMs, onlyAsked } = reader;
  const source = await sourceOf(reader, tier, fromMs, toMs);
  const value = tier === "raw" ? `"${metric}"` : `"${metric}_avg"`;
  const weight = tier === "raw" ? "(greatest(step_s, 1) / 10.0)::DOUBLE" : "n";
  // A window is fitted at its middle.
  const toAnchor = tier === "raw" ? 0 : windowMs[tier] / 2;
  const averaged = tier === "raw" ? "0::DOUBLE" : `count(*) FILTER (derived = ${rolledFromAverages})::DOUBLE`;
  return `SELECT sid::DOUBLE, count(*)::DOUBLE, (min(ts) + ${toAnchor})::DOUBLE, (max(ts) + ${toAnchor})::DOUBLE,
      sum(w), sum(wt), sum(w * v), sum(wt * t), sum(wt * v), ${averaged}
    FROM (
      SELECT *, w * t AS wt FROM (
        SELECT sid, ts, (ts + ${toAnchor - fromMs})::DOUBLE / ${dayMs} AS t, ${value} AS v, ${weight} AS w
          ${tier === "raw" ? "" : ", derived"}
        FROM ${source}
        WHERE ts >= $1 - ${toAnchor} AND ts < $2 - ${toAnchor} AND origin <> ${rrdMax} AND ${value} IS NOT NULL ${onlyAsked}
      )
    ) GROUP BY sid`;
}
