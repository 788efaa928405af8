// What many series have together, bucket by bucket, from the roll-ups.
import type { TotalsQuery, TotalsResult } from "../../../model/store.ts";
import { type AskedTotals, checkTotals } from "../../fleet-question.ts";
import { imported, rolledFromAverages, rrdMax } from "../../tiers.ts";
import type { DriverState } from "./dictionaries.ts";
import { type FleetReader, fleetReader } from "./fleet-rows.ts";
import { readDoubles } from "./read-doubles.ts";
import { tableOf } from "./schema.ts";

export async function readTotals(
  connection: FleetReader["connection"],
  state: DriverState,
  query: TotalsQuery,
): Promise<TotalsResult> {
  const asked = checkTotals(query);
  const reader = fleetReader(connection, state, asked.kind, query);
  const columns = { timeMs: [] as number[], sums: [] as number[], weights: [] as number[] };
  let [averaged, leftOut] = [0, 0];
  const bounds = [BigInt(reader.fromMs), BigInt(reader.toMs)];
  await readDoubles(await connection.stream(totalsSql(reader, asked, query.stepMs), bounds), (found, length) => {
    for (let row = 0; row < length; row++) {
      const at = (column: number): number => found[column]?.[row] ?? Number.NaN;
      averaged += at(3);
      leftOut += at(4);
      // A bucket of left-out points alone has no sum.
      if (Number.isNaN(at(1))) continue;
      columns.timeMs.push(at(0));
      columns.sums.push(at(1));
      columns.weights.push(at(2));
    }
  });
  return { tier: asked.tier, ...columns, exact: averaged + leftOut === 0, leftOut };
}

function totalsSql({ metric, onlyAsked }: FleetReader, { kind, tier, weight }: AskedTotals, stepMs: number): string {
  const factor = weight === null ? "1.0::DOUBLE" : `"${weight.id}_avg"`;
  return `SELECT (ts - ts % ${stepMs})::DOUBLE AS bucket, avg(s), avg(w), sum(averaged)::DOUBLE, sum(left_out)::DOUBLE
    FROM (
      SELECT ts,
        sum("${metric}_avg" * ${factor}) FILTER (derived <> ${imported}) AS s,
        sum(${factor}) FILTER (derived <> ${imported}) AS w,
        count(*) FILTER (derived = ${rolledFromAverages}) AS averaged,
        count(*) FILTER (derived = ${imported}) AS left_out
      FROM "${tableOf(kind, tier)}"
      WHERE ts >= $1 AND ts < $2 AND origin <> ${rrdMax} AND "${metric}_avg" IS NOT NULL AND ${factor} IS NOT NULL ${onlyAsked}
      GROUP BY ts
    ) GROUP BY bucket ORDER BY bucket`;
}
