// Runs the command line inside the test, with its own streams, environment and directory.
import { Readable, Writable } from "node:stream";
import { expect } from "vitest";
import type { ProcessEdge } from "../../src/cli/command.ts";
import { runCli } from "../../src/cli/run.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Called when the command listens for signals; call what it is given to send one. */
  readonly onListening?: (send: (signal: string) => void) => void;
}

export const aFolder = temporaryDirectory;

export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const [stdout, stderr] = [new Collected(), new Collected()];
  const edge: ProcessEdge = {
    argv,
    env: options.env ?? {},
    cwd: options.cwd ?? aFolder(),
    stdin: Readable.from([options.stdin ?? ""]) as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    onSignal: (listener) => {
      options.onListening?.(listener);
      return () => undefined;
    },
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
  };
  const exitCode = await runCli(edge, "1.2.3");
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

class Collected extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    done();
  }
}

/** vitest's matchers, typed as what they stand for. */
export const containing = (text: string): unknown => expect.stringContaining(text);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
