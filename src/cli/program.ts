// Builds commander's tree from the registry of commands. What runs is in the commands; here is only how they are called.
import { Command as CommanderCommand, Option } from "commander";
import { overridable } from "../config/overrides.ts";
import { ConfigError } from "../lib/errors.ts";
import { type Command, type OptionSpec, Options, type ProcessEdge } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { commandGroups, commands } from "./index.ts";
import { commonOptions, jsonOption, optionKey, variableOf } from "./shared-options.ts";
import { Terminal, wantsColor } from "./terminal.ts";

export interface Program {
  run(argv: readonly string[]): Promise<number>;
}

export function buildProgram(edge: ProcessEdge, version: string): Program {
  const outcome = { exitCode: 0 };
  const root = withOutput(new CommanderCommand("pilothouse"), edge)
    .description("Metrics collector and time-series analytics for Proxmox VE clusters.")
    .usage("[command] [options]")
    .version(version, "-V, --version", "Print the version")
    .helpOption("-h, --help", "Show help")
    .addHelpText("before", rootExamples)
    .addHelpText("after", exitCodeHelp());
  root.helpCommand(false);
  const groups = new Map<string, CommanderCommand>();
  for (const command of commands) {
    const words = command.name.split(" ");
    const parent = words.length === 1 ? root : groupOf(groups, root, words[0] ?? "", edge);
    parent.addCommand(toCommander(command, edge, version, outcome));
  }
  return {
    async run(argv) {
      await root.parseAsync([...argv], { from: "user" });
      return outcome.exitCode;
    },
  };
}

const rootExamples = `Examples:
  pilothouse                     show a simulated cluster on http://127.0.0.1:7060
  pilothouse init                connect a real cluster, step by step
  pilothouse serve               run the service on ./pilothouse.yaml
  pilothouse doctor              find out what is wrong

`;

export function exitCodeHelp(): string {
  return `\nExit codes:\n${exitCodes.map(([code, meaning]) => `  ${String(code).padEnd(4)}${meaning}`).join("\n")}\n`;
}

/** Options a command has besides its own. */
export function allOptions(command: Command): readonly OptionSpec[] {
  return [...command.options, ...(command.givesData ? [jsonOption] : []), ...commonOptions];
}

function groupOf(
  groups: Map<string, CommanderCommand>,
  root: CommanderCommand,
  name: string,
  edge: ProcessEdge,
): CommanderCommand {
  const existing = groups.get(name);
  if (existing !== undefined) return existing;
  const group = withOutput(new CommanderCommand(name), edge).description(commandGroups[name] ?? "");
  group.helpCommand(false);
  groups.set(name, group);
  root.addCommand(group);
  return group;
}

function toCommander(command: Command, edge: ProcessEdge, version: string, outcome: { exitCode: number }) {
  const made = withOutput(new CommanderCommand(command.name.split(" ").at(-1)), edge)
    .description(command.summary)
    .helpOption("-h, --help", "Show help");
  if (command.examples.length > 0) {
    made.addHelpText("before", `Examples:\n${command.examples.map((line) => `  ${line}`).join("\n")}\n\n`);
  }
  if (command.operand !== undefined) made.argument(command.operand.name, command.operand.summary);
  for (const spec of allOptions(command)) made.addOption(toOption(command, spec));
  return made.action(async () => {
    takeVariables(command, made, edge.env);
    const options = new Options(made.opts());
    const terminal = terminalFor(edge, options);
    try {
      outcome.exitCode = await command.run({ args: made.args, options, terminal, edge, version });
    } finally {
      terminal.close();
    }
  });
}

function toOption(command: Command, spec: OptionSpec): Option {
  const { flags, summary, choices } = spec;
  const option = new Option(flags, `${summary} (${variableOf(command.name, spec)})`);
  return choices === undefined ? option : option.choices(choices);
}

/** A variable counts where its flag was not given. */
function takeVariables(command: Command, made: CommanderCommand, env: ProcessEdge["env"]): void {
  for (const spec of allOptions(command)) {
    const { flags, choices } = spec;
    const name = variableOf(command.name, spec);
    const value = env[name];
    const key = optionKey(flags);
    const isFlag = !flags.includes("<");
    if (value === undefined || value === "" || (made.getOptionValueSource(key) ?? "default") !== "default") continue;
    if (choices !== undefined && !choices.includes(value)) {
      throw new ConfigError(`${name}: expected one of ${choices.join(", ")}, got "${value}".`);
    }
    if (isFlag) made.setOptionValueWithSource(key, truth(name, value) !== flags.startsWith("--no-"), "env");
    else if (!configured.has(name))
      made.setOptionValueWithSource(key, flags.includes("...") ? value.split(",") : value, "env");
  }
}

/** These the configuration reads itself, so that its messages name the variable. */
const configured = new Set(["PILOTHOUSE_CONFIG", ...overridable.map(({ variable }) => variable)]);

function truth(name: string, value: string): boolean {
  if (/^(1|true|yes)$/i.test(value)) return true;
  if (/^(0|false|no)$/i.test(value)) return false;
  throw new ConfigError(`${name}: expected 1 or 0, got "${value}".`);
}

function terminalFor(edge: ProcessEdge, options: Options): Terminal {
  return new Terminal(edge, {
    // commander keeps `--no-x` as x: false.
    mayAsk: options.flag("input"),
    json: options.flag("json"),
    color: options.flag("color") && wantsColor(edge.env, edge.stderr),
  });
}

function withOutput(command: CommanderCommand, edge: ProcessEdge): CommanderCommand {
  return command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => edge.stdout.write(text),
      // run.ts says it in one sentence; only help for a group without a command comes this way.
      writeErr: (text) => (text.startsWith("error:") ? undefined : edge.stderr.write(text)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}
