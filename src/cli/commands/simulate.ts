// Runs the simulated Proxmox VE by itself, behind a real HTTPS port, for trying things out.
import type { Command } from "../command.ts";

const releases = ["8.4", "9.1", "9.2"] as const;

export const simulate: Command = {
  name: "simulate",
  summary: "Run a simulated Proxmox VE cluster behind an HTTPS port",
  examples: ["pilothouse simulate", "pilothouse simulate --nodes 3 --guests 40 --release 8.4 --port 8006"],
  permission: "local",
  options: [
    { flags: "--nodes <n>", summary: "Nodes (default 6)" },
    { flags: "--guests <n>", summary: "Guests (default 120)" },
    { flags: "--release <release>", summary: "Release it behaves like (default 9.2)", choices: releases },
    { flags: "--mixed", summary: "Every second node runs 8.4 instead" },
    { flags: "--seed <n>", summary: "Another seed gives another cluster" },
    { flags: "--speed <n>", summary: "How many times faster its clock runs (default 1; 0: it stands)" },
    { flags: "--port <n>", summary: "Port to listen on (default any free one)" },
  ],
  givesData: true,
  async run(context) {
    return (await import("../run-simulator.ts")).runSimulator(context);
  },
};
