// The data directory can be written, and only by us.
import { accessSync, constants, statSync } from "node:fs";
import { type Check, fail, ok, warn } from "../doctor.ts";
import { existingDirectory } from "../existing-directory.ts";

export const dataDirectory: Check = {
  name: "data directory",
  summary: "The data directory can be written, and is closed to others",
  run({ settings: { dataDir } }) {
    const existing = existingDirectory(dataDir);
    if (!statSync(existing).isDirectory())
      return [fail(dataDir, `${existing} is no directory`, "choose another data_dir")];
    try {
      accessSync(existing, constants.W_OK | constants.X_OK);
    } catch {
      return [fail(dataDir, "it cannot be written by this user", `chown -R "$(id -un)" ${existing}`)];
    }
    if (existing !== dataDir) return [ok(dataDir, "it will be made at the first start")];
    if ((statSync(dataDir).mode & 0o022) !== 0)
      return [warn(dataDir, "others may write into it", `chmod 700 ${dataDir}`)];
    return [ok(dataDir, "it can be written")];
  },
};
