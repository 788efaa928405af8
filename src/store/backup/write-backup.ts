// A backup: everything that was acknowledged, in one directory, made while the service runs.
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import { InputError } from "../../lib/errors.ts";
import type { StoreCopies } from "../open.ts";
import { backupState } from "../state/backup-state.ts";
import { type BackupManifest, filesIn, manifestName, writeManifest } from "./manifest.ts";

export const secretsSentence =
  "API token secrets and TLS keys of the configuration are not in this backup; give them again after a restore. state.db holds users, password hashes and hashed tokens: keep it as private as the data directory.";

export interface BackupParts {
  readonly copies: StoreCopies;
  readonly statePath: string;
  readonly clock: Clock;
  readonly version: string;
}

/** `directory` must not exist or be empty. */
export async function writeBackup(directory: string, parts: BackupParts): Promise<BackupManifest> {
  prepare(directory);
  const tables = await parts.copies.backup(directory);
  backupState(parts.statePath, join(directory, "state.db"));
  const manifest: BackupManifest = {
    format: 1,
    madeBy: `pilothouse ${parts.version}`,
    madeAt: new Date(parts.clock.now()).toISOString(),
    secrets: secretsSentence,
    tables: [...tables],
    files: await filesIn(directory),
  };
  writeManifest(directory, manifest);
  return manifest;
}

/** Only into an empty place: a backup that broke off is for a person to remove. */
function prepare(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = readdirSync(directory);
  if (found.length === 0) return;
  const what = found.includes(manifestName) ? "holds a backup already" : "is not empty";
  throw new InputError(`${directory} ${what}; name a new or empty directory.`);
}
