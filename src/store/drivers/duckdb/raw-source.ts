// Where the samples of a kind are: in the hot table, and for days that were moved in one Parquet file each. Both are
// read as one, so that nobody else has to know. Must run in the transaction of the question: what a day move has just
// taken from the one is then in the other, and never in both.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { EntityKind } from "../../../model/ids.ts";
import { dayMs } from "../../tiers.ts";
import { tableOf } from "./schema.ts";

/** A source for FROM with the columns of the hot table, for rows with fromMs ≤ ts < toMs. */
export async function rawSource(
  connection: DuckDBConnection,
  kind: EntityKind,
  fromMs: number,
  toMs: number,
): Promise<string> {
  const files = await segmentFiles(connection, kind, fromMs, toMs);
  const hot = `"${tableOf(kind, "raw")}"`;
  if (files.length === 0) return hot;
  // By name: a file may be older than a metric of the catalogue.
  return `(SELECT * FROM ${hot} UNION ALL BY NAME SELECT * EXCLUDE (id, node_name) FROM ${parquetSql(files)})`;
}

export const parquetSql = (files: readonly string[]): string =>
  `read_parquet([${files.map(quoted).join(", ")}], union_by_name = true)`;

export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function segmentFiles(
  connection: DuckDBConnection,
  kind: EntityKind,
  fromMs: number,
  toMs: number,
): Promise<string[]> {
  const rows = await connection.runAndReadAll(
    "SELECT file FROM segment WHERE kind = $1 AND day_ms > $2 AND day_ms < $3 ORDER BY day_ms",
    [kind, BigInt(Math.floor(fromMs - dayMs)), BigInt(Math.ceil(toMs))],
  );
  return rows.getRows().map(([file]) => String(file));
}
