// Connects a real cluster: asks, checks, and writes the configuration.
import type { Command } from "../command.ts";
import { configOption } from "../shared-options.ts";

export const init: Command = {
  name: "init",
  summary: "Connect a Proxmox VE cluster: asks, checks, writes the configuration",
  examples: [
    "pilothouse init",
    "pilothouse init --url pve1.example.com --token-id pilothouse@pve!pilothouse --token-file ./secret --yes",
    "pass show pve | pilothouse init --url pve1 --token-id pilothouse@pve!pilothouse --token-file - --fingerprint AA:BB:…",
  ],
  permission: "local",
  options: [
    { flags: "--url <url>", summary: "Address of one node: a host name is enough" },
    { flags: "--token-id <id>", summary: "The API token, USER@REALM!TOKEN" },
    { flags: "--token-file <file>", summary: "File with the token's secret (mode 0600), or - for stdin" },
    { flags: "--user <user>", summary: "Sign in as USER@REALM with a password, where no API token can be had" },
    { flags: "--password-file <file>", summary: "File with the password of --user (mode 0600), or - for stdin" },
    { flags: "--fingerprint <sha256>", summary: "The certificate's SHA-256, instead of confirming the shown one" },
    { flags: "--ca-file <file>", summary: "Believe this CA instead of one certificate" },
    { flags: "--id <id>", summary: "Short name of the cluster in Pilothouse (else made from PVE's name)" },
    { flags: "--name <name>", summary: "What people call the cluster (else PVE's name)" },
    { flags: "--output <file>", summary: "File to write (else the one of --config, else ./pilothouse.yaml)" },
    { flags: "--yes", summary: "Believe the certificate that is shown" },
    { flags: "--force", summary: "Replace the cluster of the same id" },
    configOption,
  ],
  givesData: false,
  async run(context) {
    return (await import("../init/run-init.ts")).runInit(context);
  },
};
