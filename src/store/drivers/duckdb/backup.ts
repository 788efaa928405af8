// A copy of the database as it is at one moment, and what is in it, so that a restored one can be held against it.
import { rmSync } from "node:fs";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { quoted } from "./raw-source.ts";
import { type Segment, segments } from "./segments.ts";

export interface TableContent {
  readonly table: string;
  readonly rows: number;
  /** Of all values, whatever the order of the rows. */
  readonly checksum: string;
}

/** Writes a compact copy; polls and questions go on meanwhile. */
export async function copyDatabase(connection: DuckDBConnection, target: string): Promise<void> {
  rmSync(target, { force: true });
  const source = String((await connection.runAndReadAll("SELECT current_database()")).getRows()[0]?.[0]);
  await connection.run(`ATTACH ${quoted(target)} AS backup (BLOCK_SIZE 65536, STORAGE_VERSION 'latest')`);
  try {
    await connection.run(`COPY FROM DATABASE "${source}" TO backup`);
    await connection.run("CHECKPOINT backup");
  } finally {
    await connection.run("DETACH backup");
  }
}

/** What the copy holds, read from the copy: it is then known to be readable from end to end. */
export const contentOfCopy = async (path: string): Promise<TableContent[]> => opened(path, contentOf);

/** The Parquet files that belong to the copy, where they are now. */
export const segmentsOfCopy = async (path: string): Promise<Segment[]> => opened(path, segments);

async function opened<T>(path: string, read: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  try {
    return await read(await instance.connect());
  } finally {
    instance.closeSync();
  }
}

export async function contentOf(connection: DuckDBConnection): Promise<TableContent[]> {
  const tables = await connection.runAndReadAll(
    "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT temporary ORDER BY table_name",
  );
  const content: TableContent[] = [];
  for (const [name] of tables.getRows()) {
    const table = String(name);
    // The manifest has paths, which change with the place.
    const what = table === "segment" ? "(SELECT kind, day_ms, rows, bytes FROM segment)" : `"${table}"`;
    const found = await connection.runAndReadAll(
      `SELECT count(*)::DOUBLE, coalesce(sum(hash(t)::HUGEINT), 0)::VARCHAR FROM ${what} t`,
    );
    const [rows, checksum] = found.getRows()[0] ?? [];
    content.push({ table, rows: Number(rows), checksum: String(checksum) });
  }
  return content;
}
