// Rows arrive in the order of time, all series side by side; once a stretch is over they are laid down again series by
// series. A question about one series then reads a fraction of the stretch, and neighbouring values compress better.
import type { DuckDBConnection } from "@duckdb/node-api";
import { type EntityKind, entityKinds } from "../../../model/ids.ts";
import { type Tier, tiers } from "../../../model/store.ts";
import { dayMs } from "../../tiers.ts";
import { tableOf } from "./schema.ts";

const hourMs = 3_600_000;

/** What is laid down at once, and how long after its end; what comes still later stays where it is. */
const stretches: Readonly<Record<Tier, { readonly widthMs: number; readonly graceMs: number }>> = {
  raw: { widthMs: hourMs, graceMs: 600_000 },
  "5m": { widthMs: dayMs, graceMs: hourMs },
  "1h": { widthMs: 7 * dayMs, graceMs: dayMs },
};

export interface UnsortedStretch {
  readonly kind: EntityKind;
  readonly tier: Tier;
  readonly beginMs: number;
}

/** The raw tier keeps the kind's bare name, which it was written under first. */
const keyOf = (kind: EntityKind, tier: Tier): string => (tier === "raw" ? kind : `${kind}/${tier}`);

/** Stretches that are over and were not laid down yet, oldest first. */
export async function unsortedStretches(connection: DuckDBConnection, nowMs: number): Promise<UnsortedStretch[]> {
  const found: UnsortedStretch[] = [];
  for (const tier of tiers) {
    const { widthMs, graceMs } = stretches[tier];
    const until = Math.floor((nowMs - graceMs) / widthMs) * widthMs;
    for (const kind of entityKinds) {
      const rows = await connection.runAndReadAll(
        `SELECT DISTINCT (ts - ts % ${widthMs})::DOUBLE AS begin FROM "${tableOf(kind, tier)}"
          WHERE ts >= (SELECT coalesce(max(until_ms), 0) FROM sorted_until WHERE kind = $1) AND ts < $2 ORDER BY begin`,
        [keyOf(kind, tier), BigInt(until)],
      );
      found.push(...rows.getRows().map(([begin]) => ({ kind, tier, beginMs: Number(begin) })));
    }
  }
  return found;
}

/** Within a transaction of the caller. */
export async function sortStretch(
  connection: DuckDBConnection,
  { kind, tier, beginMs }: UnsortedStretch,
): Promise<void> {
  const table = `"${tableOf(kind, tier)}"`;
  const endMs = beginMs + stretches[tier].widthMs;
  const within = `ts >= ${beginMs} AND ts < ${endMs}`;
  // Rows of this transaction have higher numbers than all that are committed, which tells the old ones from the new.
  const newest = await connection.runAndReadAll(`SELECT max(rowid) FROM ${table} WHERE ${within}`);
  await connection.run(`INSERT INTO ${table} SELECT * FROM ${table} WHERE ${within} ORDER BY sid, ts`);
  await connection.run(`DELETE FROM ${table} WHERE ${within} AND rowid <= ${String(newest.getRows()[0]?.[0] ?? -1)}`);
  await connection.run("DELETE FROM sorted_until WHERE kind = $1", [keyOf(kind, tier)]);
  await connection.run("INSERT INTO sorted_until VALUES ($1, $2)", [keyOf(kind, tier), BigInt(endMs)]);
}
