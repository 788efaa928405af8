// Shows Pilothouse on a simulated cluster; needs no configuration, no network and no Proxmox VE.
import type { Command } from "../command.ts";
import { serviceOptions } from "../shared-options.ts";

export const demo: Command = {
  name: "demo",
  summary: "Run the service on a simulated cluster",
  examples: ["pilothouse demo", "pilothouse demo --nodes 12 --guests 400 --port 8000"],
  permission: "local",
  options: [
    { flags: "--nodes <n>", summary: "Nodes of the simulated cluster (default 6)" },
    { flags: "--guests <n>", summary: "Guests of the simulated cluster (default 120)" },
    { flags: "--seed <n>", summary: "Another seed gives another cluster" },
    ...serviceOptions,
  ],
  givesData: false,
  async run(context) {
    const { options } = context;
    const [nodes, guests, seed] = [
      options.whole("nodes", "--nodes", [1, 64]),
      options.whole("guests", "--guests", [0, 10_000]),
      options.whole("seed", "--seed", [0, 2 ** 31 - 1]),
    ];
    const { serveDemo } = await import("../serve-demo.ts");
    return serveDemo(context, {
      ...(nodes === undefined ? {} : { nodes }),
      ...(guests === undefined ? {} : { guests }),
      ...(seed === undefined ? {} : { seed }),
    });
  },
};
