// What an error of the file system means for a person.
import { describeError, StoreError } from "../lib/errors.ts";

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space there",
  EDQUOT: "the disk quota is used up; free some space there",
  EROFS: "the file system is read-only; remount it or choose another --data-dir",
  EACCES: "permission is denied; give the user that runs Pilothouse write access",
  EPERM: "permission is denied; give the user that runs Pilothouse write access",
  ENOENT: "it cannot be made there; choose another --data-dir",
  ENOTDIR: "it is not a directory; choose another --data-dir",
  EIO: "the disk reports a fault; check its health",
  EMFILE: "too many files are open; raise the limit of open files",
};

/** One sentence: what is not possible where, and the remedy. */
export function diskError(what: string, path: string, error: unknown): StoreError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = remedies[code] ?? describeError(error).replace(/\.$/, "");
  return new StoreError(`${what} ${path}: ${reason}.`, { cause: error });
}
