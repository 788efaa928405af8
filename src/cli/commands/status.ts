// Says what the running service does.
import type { Command } from "../command.ts";
import { configSource, locateOptions } from "../shared-options.ts";
import { table } from "../terminal.ts";

export const status: Command = {
  name: "status",
  summary: "Say what the running service does",
  examples: ["pilothouse status", "pilothouse status --data-dir /var/lib/pilothouse --json"],
  permission: "system:read",
  options: locateOptions,
  givesData: true,
  async run(context) {
    const { terminal } = context;
    const [{ loadConfig }, { controlCall }] = await Promise.all([
      import("../../config/index.ts"),
      import("../control.ts"),
    ]);
    const { settings } = loadConfig(configSource(context, false));
    const state = await controlCall(settings.dataDir, "status");
    if (terminal.json) terminal.data(state);
    else for (const line of table(flatten(state, ""))) terminal.out(line);
    return 0;
  },
};

/** `{ store: { rows: 1 } }` → `store rows  1` */
function flatten(value: unknown, prefix: string): readonly (readonly string[])[] {
  if (value === null) return [[prefix, "—"]];
  if (typeof value === "number" && /( at|At)$/.test(prefix)) return [[prefix, new Date(value).toISOString()]];
  if (typeof value !== "object") return [[prefix, JSON.stringify(value).replace(/^"(.*)"$/, "$1")]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[prefix, "none"]];
  return entries.flatMap(([key, item]) => flatten(item, `${prefix} ${key.replaceAll("_", " ")}`.trim()));
}
