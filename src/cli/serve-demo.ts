// Runs the demo: a simulated cluster, by default in a directory of its own that is removed at the end.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DemoOptions } from "../app.ts";
import { loadConfig } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { StoreError } from "../lib/errors.ts";
import type { CommandContext } from "./command.ts";
import { runService } from "./run-service.ts";
import { configSource } from "./shared-options.ts";

/** A file that marks a data directory as a demo's. */
export const demoMark = "DEMO";

export async function serveDemo(context: CommandContext, demo: DemoOptions): Promise<number> {
  // The demo brings its own cluster: a configuration file, with whatever clusters it names, is left alone.
  const { settings } = loadConfig({ ...configSource(context, false), ignoresFile: true });
  const asked = context.options.text("dataDir") ?? context.edge.env["PILOTHOUSE_DATA_DIR"] ?? "";
  if (asked !== "") return runService(context, markedDirectory(settings), demo, null);
  const dataDir = mkdtempSync(join(tmpdir(), "pilothouse-demo-"));
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true });
  // Also when a second signal or the time limit ends the process.
  process.once("exit", remove);
  return runService(context, { ...settings, dataDir }, demo, null);
}

function markedDirectory(settings: Settings): Settings {
  const { dataDir } = settings;
  const mark = join(dataDir, demoMark);
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0 && !existsSync(mark)) {
    throw new StoreError(`${dataDir} holds something else than a demo's data; choose another --data-dir.`);
  }
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(mark, "Simulated data: this directory belongs to the demo of Pilothouse.\n");
  } catch (cause) {
    throw new StoreError(
      `${dataDir} cannot be written (${(cause as NodeJS.ErrnoException).code ?? "unknown"}); choose another --data-dir.`,
      { cause },
    );
  }
  return settings;
}
