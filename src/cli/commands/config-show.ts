// Shows the configuration as it is after flags, variables, file and defaults, and where each value comes from.
import type { ConfigEntry } from "../../config/index.ts";
import type { Command } from "../command.ts";
import { configOption, configSource, serviceOptions } from "../shared-options.ts";
import { table } from "../terminal.ts";

export const configShow: Command = {
  name: "config show",
  summary: "Show the configuration and where each value comes from; secrets stay hidden",
  examples: ["pilothouse config show", "pilothouse config show --resolved --json"],
  permission: "local",
  options: [{ flags: "--resolved", summary: "Show defaults, too" }, configOption, ...serviceOptions],
  givesData: true,
  async run(context) {
    const { loadConfig } = await import("../../config/index.ts");
    const { entries } = loadConfig(configSource(context, false));
    const shown = context.options.flag("resolved") ? entries : entries.filter(({ origin }) => origin !== "default");
    if (context.terminal.json) context.terminal.data(shown);
    else for (const line of table(shown.map(row))) context.terminal.out(line);
    return 0;
  },
};

const row = ({ key, value, origin }: ConfigEntry): readonly string[] => [
  key,
  typeof value === "string" ? value : JSON.stringify(value),
  origin,
];
