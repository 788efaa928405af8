// The program as a process: what only that shows (signals, pipes, what stays behind). Run from the sources by tsx.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { aFolder } from "./run-in-process.ts";

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Sees what came on stderr so far, each time something came. */
  readonly onStderr?: (text: string, send: (signal: NodeJS.Signals) => void) => void;
}

const main = new URL("../../src/main.ts", import.meta.url).pathname;

function run(argv: readonly string[], { env = {}, onStderr }: RunOptions = {}): Promise<Ended> {
  const loader = import.meta.resolve("tsx");
  const child = spawn(process.execPath, ["--import", loader, main, ...argv], {
    cwd: aFolder(),
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
    onStderr?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

describe("the process", () => {
  it("ends with the exit code of the command and no stack trace", async () => {
    const { code, stdout, stderr } = await run(["serve", "--config", "/no/such.yaml"]);

    expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
    expect(stderr).toBe("pilothouse: /no/such.yaml:1:1: the file cannot be read (no such file)\n");
  });

  it("runs the demo until a signal, ends in order and leaves nothing behind", async () => {
    let asked = false;
    const { code, stdout, stderr } = await run(["demo", "--nodes", "1", "--guests", "2", "--port", "0"], {
      onStderr: (text, send) => {
        if (asked || !text.includes("simulated data")) return;
        asked = true;
        send("SIGTERM");
      },
    });

    const dataDir = /Data +(\S+)/.exec(stderr)?.[1] ?? "";
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(/Page +http:\/\/127\.0\.0\.1:\d+/);
    expect(dataDir).toMatch(/pilothouse-demo-/);
    expect(existsSync(dataDir)).toBe(false);
    expect(stderr).not.toMatch(/\n\s+at /);
  }, 60_000);

  it("says in one sentence that the port is taken", async () => {
    const { createServer } = await import("node:net");
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };

    const { code, stderr } = await run(["demo", "--nodes", "1", "--guests", "1", "--port", String(port)]);
    taken.close();

    expect(code).toBe(69);
    expect(stderr.split("\n").filter((line) => line.startsWith("pilothouse: "))).toEqual([
      expect.stringContaining(String(port)),
    ]);
    expect(stderr).not.toMatch(/\n\s+at /);
  }, 60_000);
});
