// Lets the running service take up a changed configuration.
import type { Command, CommandContext } from "../command.ts";
import { configSource, locateOptions } from "../shared-options.ts";

interface Report {
  readonly changes: readonly string[];
  readonly nextStart: readonly string[];
}

export const reload: Command = {
  name: "reload",
  summary: "Let the running service take up the changed configuration and secrets",
  examples: ["pilothouse reload", "pilothouse reload --config /etc/pilothouse/pilothouse.yaml --json"],
  permission: "system:admin",
  options: locateOptions,
  givesData: true,
  async run(context) {
    const [{ loadConfig }, { controlCall }] = await Promise.all([
      import("../../config/index.ts"),
      import("../control.ts"),
    ]);
    const { settings } = loadConfig(configSource(context, true));
    report(context, (await controlCall(settings.dataDir, "reload")) as Report);
    return 0;
  },
};

function report({ terminal }: CommandContext, { changes, nextStart }: Report): void {
  if (terminal.json) {
    terminal.data({ changes, next_start: nextStart });
    return;
  }
  for (const line of changes) terminal.out(line);
  if (changes.length === 0) terminal.note("No cluster has changed.");
  if (nextStart.length > 0) terminal.note(`Take effect at the next start: ${nextStart.join(", ")}`);
}
