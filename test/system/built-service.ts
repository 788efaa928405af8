// The built program as its own process, on a simulated cluster that the test holds in its hands.
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunningSimulator } from "../../src/simulator/index.ts";

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

export function aDataDir(): { readonly dir: string; readonly remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), "pilothouse-system-"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** A configuration for one cluster, as `init` writes it; returns the file's path. */
export function configFor(simulator: RunningSimulator, dir: string, more = ""): string {
  const file = join(dir, "pilothouse.yaml");
  const text = `data_dir: ${join(dir, "data")}
clusters:
  - id: lab
    name: Lab
    endpoints: [${simulator.url}]
    token: { id: "${simulator.tokenId}", secret: ${simulator.tokenSecret} }
    trust: { fingerprint: "${simulator.fingerprint}" }
    limits: { requests_per_second: 200 }
    history: { import: false }
server: { port: 0 }
${more}`;
  writeFileSync(file, text);
  chmodSync(file, 0o600);
  return file;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Built {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first match in what the program says; rejects when it ends without. */
  readonly says: (pattern: RegExp) => Promise<string>;
}

export const run = (...args: string[]): Built => runProgram(process.execPath, [main, ...args]);

export function runProgram(program: string, args: readonly string[]): Built {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  const told = (): void => {
    for (const look of waiting) look();
  };
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    told();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    told();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => {
      resolve({ code, stdout, stderr });
      told();
    });
  });
  return {
    process: child,
    ended,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(stdout + stderr);
          if (found !== null) resolve(found[1] ?? found[0]);
          else if (child.exitCode !== null) reject(new Error(`it ended without saying ${pattern.source}: ${stderr}`));
        };
        waiting.add(look);
        look();
      }),
  };
}
