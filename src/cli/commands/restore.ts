// Puts a backup into an empty data directory.
import { resolve } from "node:path";
import { UsageError } from "../../lib/errors.ts";
import type { Command } from "../command.ts";
import { configSource, locateOptions } from "../shared-options.ts";

export const restore: Command = {
  name: "restore",
  summary: "Put a backup into an empty data directory, every file checked first",
  operand: { name: "<directory>", summary: "What pilothouse backup has written" },
  examples: ["pilothouse restore /backup/pilothouse-2026-11-24 --data-dir /var/lib/pilothouse"],
  permission: "local",
  options: locateOptions,
  givesData: true,
  async run(context) {
    const { terminal, args, edge } = context;
    const [source] = args;
    if (source === undefined) throw new UsageError("Name the directory of the backup; see --help.");
    const [{ loadConfig }, { restoreBackup }] = await Promise.all([
      import("../../config/index.ts"),
      import("../../store/index.ts"),
    ]);
    const { dataDir } = loadConfig(configSource(context, false)).settings;
    const { files, madeAt, secrets } = await restoreBackup(resolve(edge.cwd, source), dataDir);
    if (terminal.json) terminal.data({ data_dir: dataDir, files: files.length, made_at: madeAt, secrets });
    else {
      terminal.out(`${dataDir}: restored as it was at ${madeAt}; start with: pilothouse serve`);
      terminal.note(secrets);
    }
    return 0;
  },
};
