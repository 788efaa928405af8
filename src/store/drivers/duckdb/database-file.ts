// Opening the database file, and what an error of it means: damage is put aside and never stops collecting, a lock or a
// missing permission is for a person to solve.
import { existsSync, renameSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { describeError, LockedError, PilothouseError, StoreError } from "../../../lib/errors.ts";

export interface DatabaseSettings {
  readonly path: string;
  /** For instance "128MB". It bounds DuckDB's buffers, not the whole process. */
  readonly memoryLimit: string;
  /** Where large sorts spill. */
  readonly temporaryDirectory: string;
}

export async function openInstance(settings: DatabaseSettings): Promise<DuckDBInstance> {
  return DuckDBInstance.create(settings.path, {
    threads: "2",
    memory_limit: settings.memoryLimit,
    temp_directory: settings.temporaryDirectory,
    // Every column of every table keeps one block in memory: at the default of 256 KiB that is 150 MB of RSS, here 20.
    default_block_size: "65536",
    // The format that every DuckDB reads has no floating-point compression in blocks this small: a third more disk.
    storage_compatibility_version: "latest",
    // Nothing is fetched or loaded at run time.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    enable_external_access: "true",
  });
}

/** Errors that mean the file itself is broken; every other one leaves it where it is. */
export function isDamage(error: unknown): boolean {
  if (error instanceof PilothouseError) return false;
  const text = describeError(error);
  if (/No space left|Permission denied|Read-only file system|Conflicting lock|Too many open files/i.test(text))
    return false;
  return /checksum|corrupt|not a valid DuckDB|database has been invalidated|INTERNAL Error|Serialization Error|replaying WAL|WAL file|deserializ|file is too small|Could not read|metadata|magic|truncat|Cannot open database.*file/i.test(
    text,
  );
}

/** A file from a newer DuckDB is not damage: refuse it, as one with a newer schema. */
const isNewerFormat = (text: string): boolean => {
  const version = /with version number (\d+)/.exec(text)?.[1];
  return version !== undefined && Number(version) < 1000;
};

/** What an opening error means for a person, or undefined when the file is damaged. */
export function refusalOf(error: unknown, path: string): PilothouseError | undefined {
  if (error instanceof PilothouseError) return error;
  const text = describeError(error);
  const cause = { cause: error };
  if (text.includes("Conflicting lock")) {
    const pid = /PID (\d+)/.exec(text)?.[1] ?? "unknown";
    return new LockedError(`The database ${path} is open in another process (${pid}); stop it first.`, cause);
  }
  if (isNewerFormat(text)) {
    return new StoreError(
      `The database ${path} was written by a newer Pilothouse (its file format is unknown here): install that release again, or choose another --data-dir.`,
      cause,
    );
  }
  if (isDamage(error)) return undefined;
  return new StoreError(`The database ${path} cannot be opened: ${firstLine(text)}.`, cause);
}

const firstLine = (text: string): string => text.split("\n")[0]?.replace(/[.!]$/, "") ?? text;

/** Renames the database and its log; returns the new name. Nothing is deleted. */
export function putAside(path: string, nowMs: number): string {
  let aside = `${path}.corrupt-${nowMs}`;
  for (let number = 2; existsSync(aside) || existsSync(`${aside}.wal`); number++)
    aside = `${path}.corrupt-${nowMs}-${number}`;
  if (existsSync(path)) renameSync(path, aside);
  if (existsSync(`${path}.wal`)) renameSync(`${path}.wal`, `${aside}.wal`);
  return aside;
}
