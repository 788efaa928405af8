// Where a path that may not exist yet would come to stand.
import { existsSync } from "node:fs";
import { dirname } from "node:path";

/** The path itself, or the nearest folder above it that is there. */
export function existingDirectory(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existingDirectory(dirname(path));
}
