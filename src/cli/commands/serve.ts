// Runs the service on the configured clusters.
import type { Command } from "../command.ts";
import { configOption, serviceOptions } from "../shared-options.ts";

export const serve: Command = {
  name: "serve",
  summary: "Run the service on the configured clusters",
  examples: ["pilothouse serve", "pilothouse serve --config /etc/pilothouse/pilothouse.yaml --port 8000"],
  permission: "local",
  options: [configOption, ...serviceOptions],
  givesData: false,
  async run(context) {
    return (await import("../serve-clusters.ts")).serveClusters(context);
  },
};
