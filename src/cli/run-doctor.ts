// Runs doctor's checks and prints what they found.
import { ConfigProblemsError, type LoadedConfig, loadConfig } from "../config/index.ts";
import { systemClock } from "../lib/clock.ts";
import type { ConfigError } from "../lib/errors.ts";
import { openProbe } from "./cluster-probe.ts";
import type { CommandContext } from "./command.ts";
import { controlCall, NoServiceError } from "./control.ts";
import { type Check, type CheckContext, type CheckResult, type Finding, runChecks } from "./doctor.ts";
import { configSource } from "./shared-options.ts";
import type { Terminal } from "./terminal.ts";

/** 1 when something is broken, else 0. */
export async function runDoctor(command: CommandContext, checks: readonly Check[]): Promise<number> {
  const { results } = await examine(command, checks);
  const failed = results.some(({ level }) => level === "fail");
  if (command.terminal.json) command.terminal.data({ ok: !failed, checks: results });
  else print(command.terminal, results);
  return failed ? 1 : 0;
}

/** What the checks found, and the configuration that they looked at: an empty one where it cannot be read. */
export async function examine(
  command: CommandContext,
  checks: readonly Check[],
): Promise<{ readonly results: readonly CheckResult[]; readonly config: LoadedConfig }> {
  const config = settingsOf(command);
  const context = checkContext(config);
  try {
    return { results: await runChecks(checks, context), config };
  } finally {
    await Promise.all(context.clusters.map(({ pve }) => pve.close()));
  }
}

function checkContext({ settings, file, error }: LoadedConfig & { readonly error: ConfigError | null }): CheckContext {
  return {
    settings,
    file,
    configError: error,
    clock: systemClock,
    clusters: settings.clusters.map(openProbe),
    serviceStatus: async () => {
      try {
        return (await controlCall(settings.dataDir, "status")) as Readonly<Record<string, unknown>>;
      } catch (error) {
        if (error instanceof NoServiceError) return null;
        throw error;
      }
    },
  };
}

function settingsOf(command: CommandContext) {
  const source = configSource(command, true);
  try {
    return { ...loadConfig(source), error: null };
  } catch (error) {
    if (!(error instanceof ConfigProblemsError)) throw error;
    const nothing = loadConfig({ ...source, env: {}, overrides: [], needsClusters: false, ignoresFile: true });
    return { ...nothing, error: error as ConfigError };
  }
}

const marks: Readonly<Record<Finding["level"], readonly [string, "green" | "yellow" | "red"]>> = {
  ok: ["OK", "green"],
  warn: ["WARN", "yellow"],
  fail: ["FAIL", "red"],
};

function print(terminal: Terminal, results: readonly CheckResult[]): void {
  const width = Math.max(...results.map(({ check }) => check.length));
  for (const { check, level, subject, message, fix } of results) {
    const [word, color] = marks[level];
    const about = subject === "" ? "" : `${subject}: `;
    terminal.out(`${terminal.style(color, word.padEnd(4))}  ${check.padEnd(width)}  ${about}${message}`);
    if (fix !== "") terminal.out(`${" ".repeat(width + 8)}→ ${fix}`);
  }
  const count = (level: Finding["level"]): number => results.filter((result) => result.level === level).length;
  terminal.note(`${count("ok")} OK, ${count("warn")} WARN, ${count("fail")} FAIL`);
}
