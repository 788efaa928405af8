// What `pilothouse` and `npm start` do without a command: serve what is configured, else show the demo.
import type { Command } from "../command.ts";
import { configOption, configSource, serviceOptions } from "../shared-options.ts";

export const start: Command = {
  name: "start",
  summary: "Run the service where there is a configuration, else the demo (the same as no command)",
  examples: ["pilothouse", "pilothouse --port 8000", "pilothouse --config /etc/pilothouse/pilothouse.yaml"],
  permission: "local",
  options: [configOption, ...serviceOptions],
  givesData: false,
  async run(context) {
    const { findConfigFile } = await import("../../config/load.ts");
    const configured = findConfigFile(configSource(context, false)) !== null;
    if (configured) return (await import("../serve-clusters.ts")).serveClusters(context);
    context.terminal.note("No configuration found: this is the demo. Connect a real cluster with: pilothouse init");
    return (await import("../serve-demo.ts")).serveDemo(context, {});
  },
};
