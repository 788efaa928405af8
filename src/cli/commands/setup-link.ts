// Prints a new one-time link with which an administrator is made.
import type { Command } from "../command.ts";
import { configSource, locateOptions } from "../shared-options.ts";

export const setupLink: Command = {
  name: "setup-link",
  summary: "Print a new one-time link that makes an administrator",
  examples: ["pilothouse setup-link"],
  permission: "users:admin",
  options: locateOptions,
  givesData: true,
  async run(context) {
    const { terminal } = context;
    const [{ loadConfig }, { adminCall }, { systemClock }] = await Promise.all([
      import("../../config/index.ts"),
      import("../admin.ts"),
      import("../../lib/clock.ts"),
    ]);
    const { settings } = loadConfig(configSource(context, false));
    const { url } = (await adminCall(settings, systemClock, "setup-link")) as { url: string };
    if (terminal.json) {
      terminal.data({ url });
      return 0;
    }
    terminal.note("Open this link within 15 minutes; it works once.");
    terminal.out(url);
    return 0;
  },
};
