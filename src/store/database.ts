// A database that can always be opened: a damaged one is put aside, whole, and a new one takes its place.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { describeError } from "../lib/errors.ts";
import { diskError } from "./disk-error.ts";
import { putAside, refusalOf } from "./drivers/duckdb/database-file.ts";
import { type DriverSettings, DuckDbDriver } from "./drivers/duckdb/duckdb-driver.ts";

export interface OpenedDatabase {
  readonly driver: DuckDbDriver;
  /** One sentence on what was damaged, when something was. */
  readonly damage?: string;
}

/** Throws a StoreError or LockedError when the file is sound but must not or cannot be opened. */
export async function openDatabase(settings: DriverSettings, nowMs: number): Promise<OpenedDatabase> {
  makeDirectory(settings);
  try {
    return { driver: await DuckDbDriver.open(settings) };
  } catch (error) {
    const refusal = refusalOf(error, settings.path);
    if (refusal !== undefined) throw refusal;
    return renew(settings, nowMs, error);
  }
}

/**
 * For a database that turned out to be damaged while it was open. One that DuckDB only declared unusable (after a full
 * disk, for instance) may be sound, so it gets another chance.
 */
export async function replaceDatabase(
  broken: DuckDbDriver,
  settings: DriverSettings,
  nowMs: number,
  error: unknown,
): Promise<OpenedDatabase> {
  await broken.abandon();
  if (describeError(error).includes("invalidated")) return openDatabase(settings, nowMs);
  return renew(settings, nowMs, error);
}

async function renew(settings: DriverSettings, nowMs: number, error: unknown): Promise<Required<OpenedDatabase>> {
  const aside = putAside(settings.path, nowMs);
  const reason = describeError(error).split("\n")[0]?.replace(/\.$/, "") ?? "";
  const damage = `The database ${settings.path} is damaged and was put aside as ${aside} (${reason}); a new one is being filled from the journal.`;
  return { driver: await DuckDbDriver.open(settings), damage };
}

function makeDirectory(settings: DriverSettings): void {
  try {
    mkdirSync(dirname(settings.path), { recursive: true, mode: 0o750 });
  } catch (error) {
    throw diskError("The data directory cannot be used:", dirname(settings.path), error);
  }
}
