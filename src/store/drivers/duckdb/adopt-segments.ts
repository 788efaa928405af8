// A new database beside Parquet files that an earlier one has written: they are taken in again, with the series and
// nodes that they name, and everything that is made of samples is made anew from them.

import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type EntityKind, entityKinds } from "../../../model/ids.ts";
import { sketchWindowMs, windowMs } from "../../tiers.ts";
import { parquetSql } from "./raw-source.ts";

interface Found {
  readonly kind: EntityKind;
  readonly dayMs: number;
  readonly file: string;
}

/** Returns how many days were taken in. Within a transaction of the caller. */
export async function adoptFiles(connection: DuckDBConnection, files: readonly string[]): Promise<number> {
  const found = newestOfEachDay(files);
  for (const { kind, dayMs, file } of found) {
    const rows = await connection.runAndReadAll(`SELECT count(*) FROM ${parquetSql([file])}`);
    await connection.run("INSERT INTO segment VALUES ($1, $2, $3, $4, $5)", [
      kind,
      BigInt(dayMs),
      file,
      BigInt(Number(rows.getRows()[0]?.[0] ?? 0)),
      BigInt(statSync(file).size),
    ]);
  }
  for (const kind of entityKinds) {
    const own = found.filter((each) => each.kind === kind).map(({ file }) => file);
    if (own.length > 0) await takeNames(connection, kind, own);
  }
  return found.length;
}

async function takeNames(connection: DuckDBConnection, kind: EntityKind, files: readonly string[]): Promise<void> {
  const source = parquetSql(files);
  await connection.run(
    `INSERT INTO series SELECT sid, any_value(id), '${kind}', split_part(any_value(id), '/', 1), min(ts), max(ts)
      FROM ${source} GROUP BY sid`,
  );
  await connection.run(
    `INSERT INTO node_name SELECT node, any_value(node_name) FROM ${source} f
      WHERE node > 0 AND node NOT IN (SELECT node FROM node_name) GROUP BY node`,
  );
  for (const [tier, width] of Object.entries({ ...windowMs, sketch: sketchWindowMs })) {
    await connection.run(
      `INSERT INTO dirty_window SELECT DISTINCT '${kind}', '${tier}', ts - ts % ${width} FROM ${source}`,
    );
  }
}

/** A day that was just being written anew may be there twice; the later file has all of the earlier. */
function newestOfEachDay(files: readonly string[]): Found[] {
  const newest = new Map<string, Found & { readonly number: number }>();
  for (const file of files) {
    const [, date, number = "1"] = /^(\d{4}-\d{2}-\d{2})(?:\.(\d+))?\.parquet$/.exec(basename(file)) ?? [];
    const kind = entityKinds.find((each) => each === basename(dirname(file)));
    if (date === undefined || kind === undefined) continue;
    const known = newest.get(`${kind}/${date}`);
    if (known !== undefined && known.number > Number(number)) continue;
    newest.set(`${kind}/${date}`, { kind, dayMs: Date.parse(date), file, number: Number(number) });
  }
  return [...newest.values()];
}
