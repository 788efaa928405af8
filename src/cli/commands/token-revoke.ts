// Ends an API token at once.
import type { Command } from "../command.ts";
import { configSource, locateOptions } from "../shared-options.ts";

export const tokenRevoke: Command = {
  name: "token revoke",
  summary: "End an API token at once",
  operand: { name: "<id>", summary: "The token's id, from token list" },
  examples: ["pilothouse token revoke 01J9ZK3V4R"],
  permission: "tokens:admin",
  options: locateOptions,
  givesData: true,
  async run(context) {
    const { terminal, args } = context;
    const [{ loadConfig }, { adminCall }, { systemClock }] = await Promise.all([
      import("../../config/index.ts"),
      import("../admin.ts"),
      import("../../lib/clock.ts"),
    ]);
    const { settings } = loadConfig(configSource(context, false));
    const id = args[0] ?? "";
    await adminCall(settings, systemClock, "token.revoke", { id });
    if (terminal.json) terminal.data({ id, revoked: true });
    else terminal.note(`Token ${id} is revoked.`);
    return 0;
  },
};
