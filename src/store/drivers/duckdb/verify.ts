// Reads a batch back from the tables and compares every value, bit for bit: what the journal may forget afterwards.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Batch, Block } from "../../../model/batch.ts";
import type { Tier } from "../../../model/store.ts";
import { rrdMax, tierOfStep } from "../../tiers.ts";
import type { DriverState } from "./dictionaries.ts";
import { rawSource } from "./raw-source.ts";
import { readDoubles } from "./read-doubles.ts";
import { tableOf } from "./schema.ts";

/** False for rows so old that the retention may have removed them. */
type IsKept = (tier: Tier, ts: number) => boolean;

/** The number of rows of the batch that are missing or differ. */
export async function countDifferences(
  connection: DuckDBConnection,
  state: DriverState,
  batch: Batch,
  isKept: IsKept,
): Promise<number> {
  let different = 0;
  for (const block of batch.blocks) {
    for (const tier of ["raw", "5m", "1h"] as const) {
      const expected = expectedRows(state, block, tier, isKept);
      if (expected.size > 0) different += await countMissing(connection, block, tier, expected);
    }
  }
  return different;
}

async function countMissing(
  connection: DuckDBConnection,
  block: Block,
  tier: Tier,
  expected: Map<string, number>,
): Promise<number> {
  const metrics = Object.keys(block.columns);
  const times = [...expected.values()].map((row) => block.ts[row] ?? 0);
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  const source =
    tier === "raw" ? await rawSource(connection, block.kind, first, last + 1) : `"${tableOf(block.kind, tier)}"`;
  const result = await connection.stream(storedSql(source, tier, metrics), [BigInt(first), BigInt(last)]);
  await readDoubles(result, (columns, length) => {
    for (let at = 0; at < length; at++) {
      const [sid = 0, ts = 0, stepS = 0, origin = 0, ...values] = columns.map((column) => column[at] ?? Number.NaN);
      const key = rowKey(sid, ts, stepS, origin);
      const row = expected.get(key);
      if (row === undefined) continue;
      if (metrics.every((metric, index) => Object.is(values[index], block.columns[metric]?.[row])))
        expected.delete(key);
    }
  });
  return expected.size;
}

function expectedRows(state: DriverState, block: Block, tier: Tier, isKept: IsKept): Map<string, number> {
  const expected = new Map<string, number>();
  for (let row = 0; row < block.length; row++) {
    const stepS = block.stepS[row] ?? 0;
    if (tierOfStep(stepS) !== tier || !isKept(tier, block.ts[row] ?? 0)) continue;
    const sid = state.byId.get(block.ids[block.idIndex[row] ?? 0] ?? "")?.sid ?? 0;
    expected.set(rowKey(sid, block.ts[row] ?? 0, stepS, block.origin[row] ?? 0), row);
  }
  return expected;
}

const rowKey = (sid: number, ts: number, stepS: number, origin: number): string => `${sid}/${ts}/${stepS}/${origin}`;

function storedSql(source: string, tier: Tier, metrics: readonly string[]): string {
  const column = (id: string): string =>
    tier === "raw" ? `"${id}"` : `CASE WHEN origin = ${rrdMax} THEN "${id}_max" ELSE "${id}_avg" END`;
  const columns = metrics.map((id) => `, ${column(id)}`).join("");
  const own = tier === "raw" ? "" : "AND derived = 0";
  return `SELECT sid::DOUBLE, ts::DOUBLE, step_s::DOUBLE, origin::DOUBLE${columns}
    FROM ${source} WHERE ts >= $1 AND ts <= $2 ${own}`;
}
