// Prints the JSON Schema of the configuration, for editors.
import type { Command } from "../command.ts";

export const configSchema: Command = {
  name: "config schema",
  summary: "Print the JSON Schema of the configuration",
  examples: ["pilothouse config schema > config-schema.json"],
  permission: "local",
  options: [],
  givesData: true,
  async run({ terminal }) {
    const { configJsonSchema } = await import("../../config/index.ts");
    terminal.data(configJsonSchema());
    return 0;
  },
};
