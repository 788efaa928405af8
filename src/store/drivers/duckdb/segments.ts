// Days of samples as Parquet files, sorted by series and time: a third of the hot table's size, and a series lies
// together. The table `segment` is the manifest: a file that it does not name is no part of the store.
//
//   COPY to x.tmp ─▶ fsync ─▶ rename ─▶ fsync of the directory ─▶ one transaction { manifest names it; hot rows go }
//
// Killed before the transaction, the file is an orphan and is removed at the next start; after it, the day is moved.
// Rows that arrive for a day that was moved stay hot and are read together with its file, until the next move writes
// the day anew. The files carry ids and node names, so they say everything without the database.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { StoreError } from "../../../lib/errors.ts";
import { type EntityKind, entityKinds } from "../../../model/ids.ts";
import { dayMs } from "../../tiers.ts";
import { parquetSql, quoted } from "./raw-source.ts";
import { tableOf } from "./schema.ts";

export type MoveStep = "copied" | "synced" | "renamed" | "directory synced" | "manifest written" | "committed";

export interface Segment {
  readonly kind: EntityKind;
  readonly dayMs: number;
  readonly file: string;
  readonly rows: number;
}

export interface WrittenSegment extends Segment {
  readonly bytes: number;
  /** Hot rows that are in it. */
  readonly hotRows: number;
  /** The file that it takes the place of. */
  readonly before: string | null;
}

/** Days with hot rows that ended by `untilMs`, oldest first. */
export async function movableDays(
  connection: DuckDBConnection,
  untilMs: number,
): Promise<{ readonly kind: EntityKind; readonly dayMs: number }[]> {
  const days: { kind: EntityKind; dayMs: number }[] = [];
  for (const kind of entityKinds) {
    const rows = await connection.runAndReadAll(
      `SELECT DISTINCT (ts - ts % ${dayMs})::DOUBLE AS day FROM "${tableOf(kind, "raw")}" WHERE ts < $1 ORDER BY day`,
      [BigInt(untilMs)],
    );
    days.push(...rows.getRows().map(([day]) => ({ kind, dayMs: Number(day) })));
  }
  return days;
}

/** Writes a day, with what its file holds already, into a new file. Nothing refers to it yet. */
export async function writeSegment(
  connection: DuckDBConnection,
  directory: string,
  day: { readonly kind: EntityKind; readonly dayMs: number },
  step: (step: MoveStep) => void,
): Promise<WrittenSegment | undefined> {
  const { kind, dayMs: beginMs } = day;
  const hotRows = await countHot(connection, kind, beginMs);
  if (hotRows === 0) return undefined;
  const before = await segmentOf(connection, kind, beginMs);
  const file = freeName(directory, kind, beginMs);
  const temporary = `${file}.tmp`;
  const rows = hotRows + (before?.rows ?? 0);
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  await connection.run(copySql(kind, beginMs, before?.file ?? null, temporary));
  await checkRows(connection, temporary, rows);
  step("copied");
  sync(temporary);
  step("synced");
  renameSync(temporary, file);
  step("renamed");
  sync(dirname(file));
  step("directory synced");
  return { kind, dayMs: beginMs, file, rows, bytes: statSync(file).size, hotRows, before: before?.file ?? null };
}

/**
 * Makes a written file part of the store, within a transaction of the caller. False when the hot rows are not those any
 * more that were copied: the file is then of no use and the day is for the next time.
 */
export async function adoptSegment(
  connection: DuckDBConnection,
  segment: WrittenSegment,
  step: (step: MoveStep) => void,
): Promise<boolean> {
  const { kind, dayMs: beginMs, file, rows, bytes, hotRows } = segment;
  if ((await countHot(connection, kind, beginMs)) !== hotRows) return false;
  await connection.run("DELETE FROM segment WHERE kind = $1 AND day_ms = $2", [kind, BigInt(beginMs)]);
  await connection.run("INSERT INTO segment VALUES ($1, $2, $3, $4, $5)", [
    kind,
    BigInt(beginMs),
    file,
    BigInt(rows),
    BigInt(bytes),
  ]);
  step("manifest written");
  await connection.run(`DELETE FROM "${tableOf(kind, "raw")}" WHERE ts >= $1 AND ts < $2`, [
    BigInt(beginMs),
    BigInt(beginMs + dayMs),
  ]);
  return true;
}

export async function segments(connection: DuckDBConnection): Promise<Segment[]> {
  const rows = await connection.runAndReadAll(
    "SELECT kind, day_ms::DOUBLE, file, rows::DOUBLE FROM segment ORDER BY kind, day_ms",
  );
  return rows.getRows().map(([kind, day, file, count]) => ({
    kind: kind as EntityKind,
    dayMs: Number(day),
    file: String(file),
    rows: Number(count),
  }));
}

/** The data directory may have been moved or restored elsewhere since the files were written. */
export async function rebaseSegments(connection: DuckDBConnection, directory: string): Promise<void> {
  for (const { kind, dayMs: beginMs, file } of await segments(connection)) {
    const here = join(directory, kind, basename(file));
    if (file === here) continue;
    await connection.run("UPDATE segment SET file = $1 WHERE kind = $2 AND day_ms = $3", [here, kind, BigInt(beginMs)]);
  }
}

/** Files of the directory that the manifest does not name. */
export function filesBeside(directory: string, named: readonly Segment[]): string[] {
  if (!existsSync(directory)) return [];
  const known = new Set(named.map(({ file }) => file));
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.parquet(\.tmp)?$/.test(name))
    .map((name) => join(directory, name))
    .filter((file) => !known.has(file));
}

export function removeFiles(files: readonly string[]): void {
  for (const file of files) rmSync(file, { force: true });
}

async function countHot(connection: DuckDBConnection, kind: EntityKind, beginMs: number): Promise<number> {
  const rows = await connection.runAndReadAll(
    `SELECT count(*) FROM "${tableOf(kind, "raw")}" WHERE ts >= $1 AND ts < $2`,
    [BigInt(beginMs), BigInt(beginMs + dayMs)],
  );
  return Number(rows.getRows()[0]?.[0] ?? 0);
}

/** What is not in the file must not leave the hot table. */
async function checkRows(connection: DuckDBConnection, file: string, expected: number): Promise<void> {
  const rows = await connection.runAndReadAll(`SELECT count(*) FROM ${parquetSql([file])}`);
  const found = Number(rows.getRows()[0]?.[0] ?? 0);
  if (found === expected) return;
  throw new StoreError(`${file} has ${found} rows instead of ${expected}; the day stays where it is. Check the disk.`);
}

async function segmentOf(
  connection: DuckDBConnection,
  kind: EntityKind,
  beginMs: number,
): Promise<Segment | undefined> {
  return (await segments(connection)).find((segment) => segment.kind === kind && segment.dayMs === beginMs);
}

/** A day that is written anew gets a new name: the old file may be read until the manifest names the new one. */
function freeName(directory: string, kind: EntityKind, beginMs: number): string {
  const day = new Date(beginMs).toISOString().slice(0, 10);
  for (let number = 1; ; number++) {
    const file = join(directory, kind, `${day}${number === 1 ? "" : `.${number}`}.parquet`);
    if (!existsSync(file)) return file;
  }
}

function copySql(kind: EntityKind, beginMs: number, before: string | null, target: string): string {
  const hot = `SELECT h.*, s.id, coalesce(n.name, '') AS node_name FROM "${tableOf(kind, "raw")}" h
    LEFT JOIN series s USING (sid) LEFT JOIN node_name n USING (node)
    WHERE h.ts >= ${beginMs} AND h.ts < ${beginMs + dayMs}`;
  const all = before === null ? hot : `${hot} UNION ALL BY NAME SELECT * FROM ${parquetSql([before])}`;
  return `COPY (SELECT * FROM (${all}) ORDER BY sid, ts) TO ${quoted(target)}
    (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, ROW_GROUP_SIZE 61440)`;
}

function sync(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
