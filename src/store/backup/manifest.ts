// What a backup says of itself: backup.json beside the files.
import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { InputError } from "../../lib/errors.ts";

export const manifestName = "backup.json";

export const BackupManifest = z.object({
  format: z.literal(1),
  madeBy: z.string(),
  madeAt: z.string(),
  secrets: z.string(),
  tables: z.array(z.object({ table: z.string(), rows: z.number(), checksum: z.string() })),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});
export type BackupManifest = z.infer<typeof BackupManifest>;
export type BackupFile = BackupManifest["files"][number];

/** Every file below the directory, by name, without the manifest itself. */
export async function filesIn(directory: string): Promise<BackupFile[]> {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name !== manifestName && statSync(join(directory, name)).isFile())
    .sort();
  const files: BackupFile[] = [];
  for (const name of names) {
    const file = join(directory, name);
    files.push({ name: name.split(sep).join("/"), bytes: statSync(file).size, sha256: await sha256Of(file) });
  }
  return files;
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Last of all and synced: a backup without it is not one. */
export function writeManifest(directory: string, manifest: BackupManifest): void {
  const file = join(directory, manifestName);
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  const descriptor = openSync(file, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Throws an InputError when the directory holds no whole backup. */
export function readManifest(directory: string): BackupManifest {
  try {
    return BackupManifest.parse(JSON.parse(readFileSync(join(directory, manifestName), "utf8")));
  } catch (cause) {
    throw new InputError(
      `${relative(process.cwd(), directory) || directory} holds no complete backup (its ${manifestName} is missing or unreadable); name the directory that "pilothouse backup" has written.`,
      [],
      { cause },
    );
  }
}
