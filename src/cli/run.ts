// The command line from arguments to exit code: finds the command, takes its options from flags and variables, runs it
// and turns whatever goes wrong into one sentence.
import { CommanderError } from "commander";
import { didYouMean } from "../config/did-you-mean.ts";
import { describeError, PilothouseError, UsageError } from "../lib/errors.ts";
import type { ProcessEdge } from "./command.ts";
import { commandGroups, commands } from "./index.ts";
import { buildProgram } from "./program.ts";

/** Runs the command and resolves to the exit code; never rejects. */
export async function runCli(edge: ProcessEdge, version: string): Promise<number> {
  try {
    refuseUntrusted(edge.env);
    return await buildProgram(edge, version).run(withCommand(edge.argv));
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    edge.stderr.write(`${explain(error, edge.argv.includes("--debug"))}\n`);
    return exitCodeOf(error);
  }
}

/** With this variable Node believes every certificate, also where the token goes. */
function refuseUntrusted(env: ProcessEdge["env"]): void {
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] !== "0") return;
  throw new UsageError(
    "NODE_TLS_REJECT_UNAUTHORIZED=0 would make every certificate believed; unset it and set trust per cluster.",
  );
}

const helpAndVersion = new Set(["--help", "-h", "--version", "-V", "help"]);
const globalFlags = new Set(["--json", "--debug", "--no-color", "--no-input"]);

/** Without a command it is `start`; flags that every command knows may stand before the command. */
function withCommand(argv: readonly string[]): readonly string[] {
  const leading = argv.findIndex((word) => !globalFlags.has(word));
  const flags = argv.slice(0, leading === -1 ? argv.length : leading);
  const [first, ...rest] = argv.slice(flags.length);
  if (first === undefined) return ["start", ...flags];
  if (helpAndVersion.has(first)) return [first, ...rest];
  if (first.startsWith("-")) return ["start", ...flags, first, ...rest];
  requireCommand(first, rest[0]);
  return Object.hasOwn(commandGroups, first) ? [first, ...rest, ...flags] : [first, ...flags, ...rest];
}

function requireCommand(first: string, second: string | undefined): void {
  if (Object.hasOwn(commandGroups, first)) {
    const known = commands.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []));
    if (second === undefined || second.startsWith("-") || second === "help" || known.includes(second)) return;
    throw unknownCommand(`${first} ${second}`, didYouMean(second, known), first);
  }
  const known = commands.map(({ name }) => name).concat(Object.keys(commandGroups));
  if (!known.includes(first)) throw unknownCommand(first, didYouMean(first, known), "");
}

function unknownCommand(name: string, meant: string | undefined, group: string): UsageError {
  const hint =
    meant === undefined ? "see pilothouse --help" : `did you mean "${group === "" ? "" : `${group} `}${meant}"?`;
  return new UsageError(`there is no command "${name.slice(0, 60)}"; ${hint}`);
}

function explain(error: unknown, debug: boolean): string {
  if (error instanceof CommanderError) return `pilothouse: ${oneLine(error.message)}`;
  const message = error instanceof PilothouseError ? error.message : `unexpected fault: ${describeError(error)}`;
  const hint = error instanceof PilothouseError || debug ? "" : " (run it again with --debug and report it)";
  const text = message.includes("\n")
    ? `pilothouse: the configuration cannot be used:\n${message}`
    : `pilothouse: ${message}${hint}`;
  return debug ? [text, ...chainOf(error)].join("\n") : text;
}

/** "error: unknown option '--prot'\n(Did you mean --port?)" in our words. */
function oneLine(message: string): string {
  return message.replace(/^error: /, "").replace(/\n\(Did you mean (.*)\?\)$/s, '; did you mean "$1"?');
}

function chainOf(error: unknown): readonly string[] {
  const lines: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause)
    lines.push(`  ${current.stack ?? current.name}`);
  return lines;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof PilothouseError) return error.exitCode;
  return error instanceof CommanderError ? 2 : 1;
}
