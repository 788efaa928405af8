// Finds, reads and checks the configuration. Precedence: flags, then PILOTHOUSE_* variables, then the file, then defaults.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { crossChecks } from "./cross-checks.ts";
import { type ConfigEntry, configEntries } from "./entries.ts";
import { problemsOf } from "./issues.ts";
import { type ConfigPath, schemaAt } from "./json-schema.ts";
import { environmentOverrides, type Override } from "./overrides.ts";
import { type ConfigProblem, ConfigProblemsError, type Place, problemAt } from "./problem.ts";
import { printDuration } from "./quantity.ts";
import { fromText, reasonOf, resolveReferences } from "./references.ts";
import { ConfigFile } from "./schema.ts";
import type { Settings } from "./settings.ts";
import { toSettings } from "./to-settings.ts";
import { readYaml, type YamlFile } from "./yaml-file.ts";

export interface ConfigSource {
  /** The file that was asked for by flag; null: PILOTHOUSE_CONFIG, ./pilothouse.yaml or /etc/pilothouse/pilothouse.yaml. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** From flags; they win over variables. */
  readonly overrides?: readonly Override[];
  /** A service without clusters has nothing to do; the demo brings its own. */
  readonly needsClusters: boolean;
  /** True: no file is read, whatever there is. */
  readonly ignoresFile?: boolean;
}

export interface LoadedConfig {
  readonly settings: Settings;
  /** The file that was read, as the person would write it; null when there is none. */
  readonly file: string | null;
  /** Every key with its value and origin; secrets hidden. */
  readonly entries: readonly ConfigEntry[];
}

const systemFile = "/etc/pilothouse/pilothouse.yaml";
const localFile = "pilothouse.yaml";
const maxFileBytes = 4 * 2 ** 20;

/** The file that would be read; null when none was asked for and none is there. */
export function findConfigFile({ file, env, cwd }: Pick<ConfigSource, "file" | "env" | "cwd">): string | null {
  const asked = file ?? (env["PILOTHOUSE_CONFIG"] === "" ? undefined : env["PILOTHOUSE_CONFIG"]);
  if (asked !== undefined) return asked;
  if (existsSync(resolve(cwd, localFile))) return localFile;
  return existsSync(systemFile) ? systemFile : null;
}

/** Throws ConfigProblemsError, which lists every problem with its place. Reads files, connects to nothing. */
export function loadConfig(source: ConfigSource): LoadedConfig {
  const file = source.ignoresFile === true ? null : findConfigFile(source);
  const absolute = file === null ? null : resolve(source.cwd, file);
  const directory = absolute === null ? source.cwd : dirname(absolute);
  const yaml = readYaml(absolute === null ? "" : readText(absolute, file ?? ""), file ?? "pilothouse.yaml");
  if (yaml.problems.length > 0) throw new ConfigProblemsError(yaml.problems);

  const overrides = applicableOverrides(source);
  const context = { env: source.env, directory, file: absolute, placeOf: (path: ConfigPath) => yaml.placeOf(path) };
  const resolved = resolveReferences(yaml.data ?? {}, context);
  const data = withOverrides(resolved.data, overrides, source.cwd);
  const placeOf = placeFinder(yaml, overrides);
  const parsed = ConfigFile.safeParse(data);
  const problems: ConfigProblem[] = [
    ...resolved.problems,
    ...problemsOf(parsed.error?.issues ?? [], data, placeOf),
    ...crossChecks(data, placeOf),
  ];
  // With other problems it is mostly their consequence: a misspelt "clusters" has been named already.
  if (problems.length === 0 && source.needsClusters && hasNoClusters(data)) problems.push(noClusters(file, placeOf));
  const made = parsed.success ? toSettings(parsed.data, { directory, file: absolute, placeOf }) : undefined;
  problems.push(...(made?.problems ?? []));
  if (made === undefined || problems.length > 0) throw new ConfigProblemsError(problems);
  const { dataDir, store } = made.settings;
  const computed = {
    data_dir: dataDir,
    "store.raw_retention": printDuration(store.rawDays * 86_400),
    "store.five_minute_retention": printDuration(store.fiveMinuteDays * 86_400),
  };
  const entries = configEntries(data, { placeOf, references: resolved.origins, computed });
  return { settings: made.settings, file, entries };
}

function readText(absolute: string, file: string): string {
  const begin: Place = { source: file, line: 1, column: 1 };
  const fail = (what: string): ConfigProblemsError => new ConfigProblemsError([problemAt(begin, what)]);
  try {
    if (statSync(absolute).size > maxFileBytes) throw fail("the file is larger than 4 MiB, which no configuration is");
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(absolute));
  } catch (error) {
    if (error instanceof ConfigProblemsError) throw error;
    if (error instanceof TypeError) throw fail("the file is not UTF-8 text");
    throw fail(`the file cannot be read (${reasonOf(error)})`);
  }
}

/** One per key: a flag hides the variable of the same key. */
function applicableOverrides({ overrides = [], env }: ConfigSource): readonly Override[] {
  const flagged = new Set(overrides.map((override) => override.path));
  return [...overrides, ...environmentOverrides(env).filter((override) => !flagged.has(override.path))];
}

function withOverrides(data: unknown, overrides: readonly Override[], cwd: string): unknown {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return data;
  const result: Record<string, unknown> = { ...data };
  for (const { path, value } of overrides) {
    const [first = "", second] = path.split(".");
    // A relative directory from a flag is relative to where the person stands, not to the file.
    if (second === undefined) result[first] = path === "data_dir" ? resolve(cwd, value) : value;
    else result[first] = withKey(result[first], second, fromText(value, schemaAt(path.split("."))));
  }
  return result;
}

function withKey(group: unknown, key: string, value: unknown): unknown {
  if (group === undefined || group === null) return { [key]: value };
  return typeof group === "object" && !Array.isArray(group) ? { ...group, [key]: value } : group;
}

function placeFinder(yaml: YamlFile, overrides: readonly Override[]): YamlFile["placeOf"] {
  return (path, what) => {
    const shown = path.filter((step) => typeof step === "string").join(".");
    const override = overrides.find((candidate) => candidate.path === shown);
    return override === undefined ? yaml.placeOf(path, what) : { source: override.source, line: null, column: null };
  };
}

function hasNoClusters(data: unknown): boolean {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return false;
  const clusters = (data as { clusters?: unknown }).clusters;
  return clusters === undefined || (Array.isArray(clusters) && clusters.length === 0);
}

function noClusters(file: string | null, placeOf: YamlFile["placeOf"]): ConfigProblem {
  if (file !== null) return problemAt(placeOf(["clusters"]), "no cluster is configured; add one with: pilothouse init");
  const looked = `${localFile} and ${systemFile}`;
  const place = { source: join(".", localFile), line: 1, column: 1 };
  return problemAt(place, `no configuration file (looked for ${looked}); write one with: pilothouse init`);
}
