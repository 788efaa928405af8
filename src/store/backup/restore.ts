// Puts a backup into an empty data directory, every file checked before it is taken.
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { InputError } from "../../lib/errors.ts";
import { type BackupFile, type BackupManifest, readManifest, sha256Of } from "./manifest.ts";

/** Beside the data, so that a person finds it; the service does not read it. */
export const notRestored = ["configuration.json"];

/** Throws an InputError: the target is not empty, or the backup is incomplete or changed. Nothing is written then. */
export async function restoreBackup(backup: string, dataDir: string): Promise<BackupManifest> {
  const manifest = readManifest(backup);
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0)
    throw new InputError(`${dataDir} is not empty; restore into an empty or new directory, and move it afterwards.`);
  const files = manifest.files.filter(({ name }) => !notRestored.includes(name));
  for (const file of files) await check(backup, file);
  for (const { name } of files) {
    const target = join(dataDir, name);
    mkdirSync(dirname(target), { recursive: true, mode: 0o750 });
    copyFileSync(join(backup, name), target);
  }
  return manifest;
}

async function check(backup: string, { name, bytes, sha256 }: BackupFile): Promise<void> {
  if (isAbsolute(name) || normalize(name).startsWith(".."))
    throw new InputError(`The backup names a file outside of itself: ${name}.`);
  const file = join(backup, name);
  if (!existsSync(file)) throw new InputError(`The backup is incomplete: ${name} is missing.`);
  if (statSync(file).size !== bytes || (await sha256Of(file)) !== sha256)
    throw new InputError(`The backup is damaged: ${name} is not what was written; use another backup.`);
}
