// Parquet files that are not what was written: missing, cut off, or damaged inside. The file is kept aside, its day is
// taken out of the manifest, and everything else goes on.
import { existsSync, renameSync, statSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import { describeError } from "../../../lib/errors.ts";
import { parquetSql } from "./raw-source.ts";
import { type Segment, segments } from "./segments.ts";

export interface LostDay extends Segment {
  /** One sentence. */
  readonly message: string;
}

/** True when a question may have failed because of a Parquet file. */
export const mayBeParquet = (error: unknown): boolean =>
  /parquet|zstd|thrift|TProtocol|snappy|magic bytes|cannot open file|no files found/i.test(describeError(error));

/** Files that are gone or have another size: told without reading them. */
export async function changedSegments(
  connection: DuckDBConnection,
): Promise<(Segment & { readonly reason: string })[]> {
  const rows = await connection.runAndReadAll("SELECT file, bytes::DOUBLE FROM segment");
  const sizes = new Map(rows.getRows().map(([file, bytes]) => [String(file), Number(bytes)]));
  return (await segments(connection)).flatMap((segment) => {
    if (!existsSync(segment.file)) return [{ ...segment, reason: "it is missing" }];
    if (statSync(segment.file).size === sizes.get(segment.file)) return [];
    return [{ ...segment, reason: "its size has changed" }];
  });
}

/** Files that cannot be read from end to end. */
export async function unreadableSegments(
  connection: DuckDBConnection,
): Promise<(Segment & { readonly reason: string })[]> {
  const found: (Segment & { readonly reason: string })[] = [];
  for (const segment of await segments(connection)) {
    try {
      await connection.runAndReadAll(`SELECT sum(hash(COLUMNS(*)) % 1000) FROM ${parquetSql([segment.file])}`);
    } catch (error) {
      found.push({ ...segment, reason: describeError(error).split("\n")[0] ?? "" });
    }
  }
  return found;
}

/** Puts files aside and out of the manifest. Within a transaction of the caller. */
export async function giveUp(
  connection: DuckDBConnection,
  lost: readonly (Segment & { readonly reason: string })[],
): Promise<LostDay[]> {
  const told: LostDay[] = [];
  for (const { reason, ...segment } of lost) {
    const aside = `${segment.file}.corrupt`;
    if (existsSync(segment.file)) renameSync(segment.file, aside);
    await connection.run("DELETE FROM segment WHERE file = $1", [segment.file]);
    const day = new Date(segment.dayMs).toISOString().slice(0, 10);
    const where = existsSync(aside) ? `it was put aside as ${aside}` : "it cannot be found";
    const message = `The ${segment.kind} samples of ${day} are lost to questions: ${segment.file} cannot be used (${reason.replace(/\.$/, "")}); ${where}.`;
    told.push({ ...segment, message });
  }
  return told;
}
