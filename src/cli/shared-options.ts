// The options that many commands have, and where the configuration comes from by them.
import { type Overridable, overridable } from "../config/overrides.ts";
import type { CommandContext, OptionSpec, Options } from "./command.ts";

export const commonOptions: readonly OptionSpec[] = [
  { flags: "--no-input", summary: "Never ask; fail with what is missing" },
  { flags: "--no-color", summary: "No colours (as NO_COLOR does)" },
  { flags: "--debug", summary: "Show the chain of causes of an error" },
];

export const jsonOption: OptionSpec = { flags: "--json", summary: "Print the data as JSON" };

export const configOption: OptionSpec = {
  flags: "--config <file>",
  summary: "Configuration file (else ./pilothouse.yaml, else /etc/pilothouse/pilothouse.yaml)",
};

const summaries: Readonly<Record<string, string>> = {
  "--port": "Port to listen on (default 7060)",
  "--host": "Address to listen on (default 127.0.0.1)",
  "--data-dir": "Where samples and state are kept",
  "--public-url": "The address people use when a proxy stands in front",
  "--base-path": "Path under which everything is served",
  "--trusted-proxies": "Proxies that are believed, separated by commas",
  "--allowed-hosts": "Further host names that are answered, separated by commas",
  "--log-level": "error, warn, info or debug",
};

const optionOf = ({ flag, placeholder }: Overridable): OptionSpec => ({
  flags: `${flag} <${placeholder.toLowerCase()}>`,
  summary: summaries[flag] ?? "",
});

/** Everything that a flag may set of the configuration. */
export const serviceOptions: readonly OptionSpec[] = overridable.map(optionOf);
/** Enough to find a running service. */
export const locateOptions: readonly OptionSpec[] = [
  configOption,
  ...serviceOptions.filter(({ flags }) => longName(flags) === "data-dir"),
];

/** Options whose variable is PILOTHOUSE_X in every command; the others have the command's name in it. */
const shared = new Set<OptionSpec>([...commonOptions, jsonOption, configOption, ...serviceOptions]);

/** `--data-dir <dir>` → "data-dir" */
export function longName(flags: string): string {
  return /--([a-z0-9-]+)/.exec(flags)?.[1] ?? flags;
}

/** The name commander gives it: `--no-input` → input, `--data-dir` → dataDir. */
export function optionKey(flags: string): string {
  return longName(flags)
    .replace(/^no-/, "")
    .replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * PILOTHOUSE_DATA_DIR for what every command shares; PILOTHOUSE_SIMULATE_PORT for what is one command's own, so that
 * the port of a service never becomes that of something else.
 */
export function variableOf(command: string, spec: OptionSpec): string {
  const name = longName(spec.flags);
  return `PILOTHOUSE_${shared.has(spec) ? name : `${command} ${name}`}`.replaceAll(/[ -]/g, "_").toUpperCase();
}

/** Where the configuration comes from by the options that were given. */
export function configSource({ options, edge }: Pick<CommandContext, "options" | "edge">, needsClusters: boolean) {
  return {
    file: options.text("config") ?? null,
    env: edge.env,
    cwd: edge.cwd,
    needsClusters,
    overrides: flagOverrides(options),
  };
}

function flagOverrides(options: Options) {
  return overridable.flatMap(({ path, flag }) => {
    const value = options.text(optionKey(flag));
    return value === undefined ? [] : [{ path, value, source: flag }];
  });
}
