// What a command is: one file in commands/, one line in index.ts. Its parts also make the help and the reference page.
import { UsageError } from "../lib/errors.ts";
import type { DeclaredPermission } from "../model/access.ts";
import type { Terminal } from "./terminal.ts";

export interface OptionSpec {
  /** As in the help: "--port <n>", "--force". A `<value>` makes it take one; "<value...>" may be repeated. */
  readonly flags: string;
  readonly summary: string;
  readonly choices?: readonly string[];
}

/** What the process gives the command line; tests give their own. */
export interface ProcessEdge {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Calls back for every SIGINT and SIGTERM; returns the way to stop that. */
  onSignal(listener: (signal: string) => void): () => void;
  /** Calls back for every SIGHUP; where it is left out, SIGHUP does what it does by default. */
  onHangup?(listener: () => void): void;
  exit(code: number): never;
}

export interface CommandContext {
  /** Operands, in order. */
  readonly args: readonly string[];
  readonly options: Options;
  readonly terminal: Terminal;
  readonly edge: ProcessEdge;
  readonly version: string;
}

export interface Command {
  /** "serve", "token create" */
  readonly name: string;
  readonly summary: string;
  /** "[file]" or "<id>"; none when left out. */
  readonly operand?: { readonly name: string; readonly summary: string };
  readonly examples: readonly string[];
  /** What a person must be allowed; local: whoever may run it on this machine. */
  readonly permission: DeclaredPermission | "local";
  readonly options: readonly OptionSpec[];
  /** True when it prints data, which --json then prints as JSON. */
  readonly givesData: boolean;
  /** Resolves to the exit code. Heavy modules are imported inside, so that --help stays quick. */
  run(context: CommandContext): Promise<number>;
}

export class Options {
  readonly #values: Readonly<Record<string, unknown>>;

  /** By the option's long name in camelCase, as commander gives them. */
  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** Throws a UsageError when it is not given. */
  required(name: string, flag: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`${flag} is needed; see --help.`);
    return value;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** Throws a UsageError when it is no whole number in the range. */
  whole(name: string, flag: string, [min, max]: readonly [number, number]): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(`${flag} takes a whole number from ${min} to ${max}, not "${text}".`);
  }
}
