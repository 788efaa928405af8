// Copies everything that is kept into a directory, while the service runs.
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../../lib/errors.ts";
import type { Command } from "../command.ts";
import { configSource, locateOptions } from "../shared-options.ts";

interface Made {
  readonly files: readonly { readonly bytes: number }[];
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  readonly secrets: string;
}

export const backup: Command = {
  name: "backup",
  summary: "Copy samples, history and accounts into a directory, also while the service runs",
  operand: { name: "<directory>", summary: "A new or empty directory" },
  examples: ["pilothouse backup /backup/pilothouse-2026-11-24"],
  permission: "local",
  options: locateOptions,
  givesData: true,
  async run(context) {
    const { terminal, version, args, edge } = context;
    const [target] = args;
    if (target === undefined) throw new UsageError("Name the directory to write the backup into; see --help.");
    const [{ loadConfig }, { copyCall }, { systemClock }] = await Promise.all([
      import("../../config/index.ts"),
      import("../copies.ts"),
      import("../../lib/clock.ts"),
    ]);
    const directory = resolve(edge.cwd, target);
    const { settings, entries } = loadConfig(configSource(context, false));
    const made = (await copyCall(settings, { clock: systemClock, version }, "backup", { directory })) as Made;
    writeFileSync(join(directory, "configuration.json"), `${JSON.stringify(entries, null, 2)}\n`, { mode: 0o600 });
    const bytes = made.files.reduce((sum, file) => sum + file.bytes, 0);
    const rows = made.tables.reduce((sum, table) => sum + table.rows, 0);
    if (terminal.json) terminal.data({ directory, bytes, rows, files: made.files.length, secrets: made.secrets });
    else {
      terminal.out(`${directory}: ${made.files.length} files, ${(bytes / 1e6).toFixed(1)} MB, ${rows} rows`);
      terminal.note(made.secrets);
    }
    return 0;
  },
};
