// Runs the service on real clusters; a directory that holds a demo's data is refused, so that the two never mix.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { StoreError } from "../lib/errors.ts";
import type { CommandContext } from "./command.ts";
import { runService } from "./run-service.ts";
import { demoMark } from "./serve-demo.ts";
import { configSource } from "./shared-options.ts";

export function serveClusters(context: CommandContext): Promise<number> {
  const read = (): LoadedConfig => loadConfig(configSource(context, true));
  const started = read();
  const { settings } = started;
  if (existsSync(join(settings.dataDir, demoMark))) {
    throw new StoreError(
      `${settings.dataDir} holds the data of a demo; choose another --data-dir, or remove that one.`,
    );
  }
  return runService(context, settings, null, { started, read });
}
