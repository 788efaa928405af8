// The disk under the data directory has room.
import { statfs } from "node:fs/promises";
import { type Check, fail, ok, warn } from "../doctor.ts";
import { existingDirectory } from "../existing-directory.ts";

const gibibyte = 2 ** 30;

export const diskSpace: Check = {
  name: "disk space",
  summary: "The disk has room for the journal and more",
  async run({ settings: { dataDir, store } }) {
    const { bavail, bsize } = await statfs(existingDirectory(dataDir));
    const freeBytes = bavail * bsize;
    const free = `${(freeBytes / gibibyte).toFixed(1)} GiB free`;
    const fix = "free some space, or move data_dir to a larger disk";
    if (freeBytes < 256 * 2 ** 20) return [fail(dataDir, `${free}: samples will soon be lost`, fix)];
    // While the database cannot be written, samples wait in the journal, which may grow to its bound.
    if (freeBytes < store.journalMaxBytes + gibibyte) {
      return [warn(dataDir, `${free}: less than the journal may need`, `${fix}, or lower store.journal_max_size`)];
    }
    return [ok(dataDir, free)];
  },
};
