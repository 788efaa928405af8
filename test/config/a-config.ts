// A good configuration in a directory of its own, and what loading a changed one says.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigProblemsError, type ConfigSource, type LoadedConfig, loadConfig } from "../../src/config/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

export const secret = "5f0c7e2a-1111-4222-8333-abcdefabcdef";
const pin = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, "0").toUpperCase()).join(":");

export const goodText = `# Two clusters
data_dir: ./data
clusters:
  - id: prod
    name: Production
    endpoints: [https://pve1.example.com:8006, https://pve2.example.com]
    token:
      id: pilothouse@pve!pilothouse
      secret: ${secret}
    trust:
      fingerprint: "${pin}"
    poll_period: 10s
    history: { import: true, requests_per_second: 2 }
    limits: { requests_per_second: 5, in_flight: 8, in_flight_per_node: 2 }
  - id: lab
    endpoints:
      - https://lab.example.com:8006
    token: { id: pilothouse@pve!pilothouse, secret: ${secret} }
    trust: { system: true }
server:
  host: 127.0.0.1
  port: 7060
  base_path: /
  trusted_proxies: [10.0.0.0/8, "::1"]
  allowed_hosts: [pilothouse.example.com]
store:
  raw_retention: 14d
  journal_max_size: 1GiB
log:
  level: info
`;

export const goodPin = pin;

export const aDirectory = temporaryDirectory;

export function aFile(text: string | Uint8Array, mode = 0o600, directory = aDirectory()): string {
  const file = join(directory, "pilothouse.yaml");
  writeFileSync(file, text, { mode });
  return file;
}

export function load(text: string | Uint8Array, more: Partial<ConfigSource> = {}): LoadedConfig {
  return loadConfig({ file: aFile(text), env: {}, cwd: "/", needsClusters: true, ...more });
}

/** What loading says, line by line without the path of the file; empty when all is good. */
export function complaints(text: string | Uint8Array, more: Partial<ConfigSource> = {}): readonly string[] {
  try {
    load(text, more);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigProblemsError)) throw error;
    return error.message.split("\n").map((line) => line.replace(/^\/\S*pilothouse\.yaml:/, ""));
  }
}
