// Samples arrive poll by poll; once an hour is over its rows are laid down again series by series. A question about one
// series then reads a fraction of the hour, and neighbouring values of one series compress better.
import type { DuckDBConnection } from "@duckdb/node-api";
import { type EntityKind, entityKinds } from "../../../model/ids.ts";
import { tableOf } from "./schema.ts";

const hourMs = 3_600_000;
/** Rows of an hour that come later stay where they are. */
const graceMs = 600_000;

export interface UnsortedHour {
  readonly kind: EntityKind;
  readonly hourMs: number;
}

/** Hours that are over and were not laid down yet, oldest first. */
export async function unsortedHours(connection: DuckDBConnection, nowMs: number): Promise<UnsortedHour[]> {
  const hours: UnsortedHour[] = [];
  for (const kind of entityKinds) {
    const rows = await connection.runAndReadAll(
      `SELECT DISTINCT (ts - ts % ${hourMs})::DOUBLE AS hour FROM "${tableOf(kind, "raw")}"
        WHERE ts >= (SELECT coalesce(max(until_ms), 0) FROM sorted_until WHERE kind = $1) AND ts < $2 ORDER BY hour`,
      [kind, BigInt(Math.floor((nowMs - graceMs) / hourMs) * hourMs)],
    );
    hours.push(...rows.getRows().map(([hour]) => ({ kind, hourMs: Number(hour) })));
  }
  return hours;
}

/** Within a transaction of the caller. */
export async function sortHour(connection: DuckDBConnection, { kind, hourMs: begin }: UnsortedHour): Promise<void> {
  const table = `"${tableOf(kind, "raw")}"`;
  const within = `ts >= ${begin} AND ts < ${begin + hourMs}`;
  await connection.run(`CREATE TEMP TABLE sorted AS SELECT * FROM ${table} WHERE ${within} ORDER BY sid, ts`);
  await connection.run(`DELETE FROM ${table} WHERE ${within}`);
  await connection.run(`INSERT INTO ${table} SELECT * FROM sorted`);
  await connection.run("DROP TABLE sorted");
  await connection.run("DELETE FROM sorted_until WHERE kind = $1", [kind]);
  await connection.run("INSERT INTO sorted_until VALUES ($1, $2)", [kind, BigInt(begin + hourMs)]);
}
