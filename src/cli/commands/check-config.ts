// Checks a configuration file: reads everything that it names, connects to nothing.
import type { Command, CommandContext } from "../command.ts";
import { configOption, configSource } from "../shared-options.ts";

export const checkConfig: Command = {
  name: "check-config",
  summary: "Check the configuration and list all that is wrong with it",
  operand: { name: "[file]", summary: "Configuration file (the one that serve would read, when left out)" },
  examples: ["pilothouse check-config", "pilothouse check-config pilothouse.yaml --json"],
  permission: "local",
  options: [configOption],
  givesData: true,
  async run(context) {
    const { loadConfig, ConfigProblemsError } = await import("../../config/index.ts");
    const source = configSource(context, true);
    try {
      const { settings, file } = loadConfig({ ...source, file: context.args[0] ?? source.file });
      report(context, file ?? "", settings.clusters.length);
      return 0;
    } catch (error) {
      if (!(error instanceof ConfigProblemsError) || !context.terminal.json) throw error;
      context.terminal.data({ ok: false, problems: error.problems });
      return error.exitCode;
    }
  },
};

function report({ terminal }: CommandContext, file: string, clusters: number): void {
  if (terminal.json) terminal.data({ ok: true, file, clusters, problems: [] });
  else terminal.out(`${file}: good, ${clusters} ${clusters === 1 ? "cluster" : "clusters"}`);
}
