// Replaces ${env:NAME} and ${file:/path} in the values of a configuration. Secrets come from files that only their
// owner may read, never from the environment: that one is inherited by every child and printed by many tools.
import { readFileSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { type ConfigPath, type SchemaNode, schemaAt, showPath } from "./json-schema.ts";
import { type ConfigProblem, type Place, problemAt } from "./problem.ts";

export interface ReferenceContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths of ${file:} are relative to it. */
  readonly directory: string;
  /** The configuration file, whose own rights matter as soon as it holds a secret; null when there is none. */
  readonly file: string | null;
  placeOf(path: ConfigPath): Place;
}

export interface Resolved {
  readonly data: unknown;
  readonly problems: readonly ConfigProblem[];
  /** By shown path: the reference that the value came from. */
  readonly origins: ReadonlyMap<string, string>;
}

const secretKeys = new Set([
  "clusters.token.secret",
  "clusters.login.password",
  "clusters.push.token",
  "sinks.token",
  "sinks.login.password",
]);

export const isSecretPath = ([list, ...rest]: ConfigPath): boolean =>
  secretKeys.has([list, ...rest.slice(1)].join("."));

const reference = /\$\{([^}]*)\}/g;

export function resolveReferences(data: unknown, context: ReferenceContext): Resolved {
  const problems: ConfigProblem[] = [];
  const origins = new Map<string, string>();
  const walk = (value: unknown, path: ConfigPath): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value === "object" && value !== null) return mapValues(value, (item, key) => walk(item, [...path, key]));
    if (typeof value !== "string") return value;
    const result = isSecretPath(path) ? secretValue(value, path, context) : plainValue(value, path, context);
    if ("problem" in result) problems.push(result.problem);
    if ("origin" in result) origins.set(showPath(path), result.origin);
    return "value" in result ? result.value : unresolved;
  };
  return { data: walk(data, []), problems, origins };
}

/** Stands for a value whose reference failed, so that it is reported once and not again as a wrong value. */
export const unresolved = Symbol("unresolved");

type Value =
  | { readonly value: unknown; readonly origin: string }
  | { readonly value: unknown }
  | { readonly problem: ConfigProblem };

function plainValue(value: string, path: ConfigPath, context: ReferenceContext): Value {
  const names = [...value.matchAll(reference)].map((match) => match[1] ?? "");
  if (names.length === 0) return { value };
  const fail = (what: string): Value => ({
    problem: problemAt(context.placeOf(path), what, { expected: `expected \${env:NAME}` }),
  });
  for (const name of names) {
    if (name.startsWith("file:")) return fail(`\${file:…} is for secrets, not for ${showPath(path)}`);
    if (!/^env:[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return fail(`"\${${name.slice(0, 40)}}" is no reference`);
    if (context.env[name.slice(4)] === undefined) return fail(`the variable ${name.slice(4)} is not set`);
  }
  const replaced = value.replaceAll(reference, (_, name: string) => context.env[name.slice(4)] ?? "");
  return { value: fromText(replaced, schemaAt(path)), origin: names.map((name) => `\${${name}}`).join(" ") };
}

/** A flag or a variable is always text; the schema says what it stands for. */
export function fromText(text: string, schema: SchemaNode | undefined): unknown {
  if (schema?.type === "array")
    return text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  const isNumber = schema?.type === "integer" || schema?.type === "number";
  if (isNumber && /^-?\d{1,15}(\.\d+)?$/.test(text)) return Number(text);
  if (schema?.type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return text;
}

function secretValue(value: string, path: ConfigPath, context: ReferenceContext): Value {
  const place = context.placeOf(path);
  const fail = (what: string, expected = ""): Value => ({ problem: problemAt(place, what, { expected }) });
  const name = /^\$\{([^}]*)\}$/.exec(value)?.[1];
  if (name === undefined) {
    const open = context.file === null ? undefined : tooOpen(context.file);
    return open === undefined ? { value } : fail(`the file holds a secret and ${open}`);
  }
  if (name.startsWith("env:")) return fail("a secret does not come from the environment", `expected \${file:/path}`);
  if (!name.startsWith("file:"))
    return fail(`${showPath(path)} is no reference that is known`, `expected \${file:/path}`);
  const file = name.slice("file:".length);
  const absolute = isAbsolute(file) ? file : resolve(context.directory, file);
  const secret = readSecretFile(absolute);
  return "problem" in secret ? fail(secret.problem) : { value: secret.value, origin: `\${${name}}` };
}

/** The first line of a file that only its owner may read, or one sentence why not. */
export function readSecretFile(file: string): { readonly value: string } | { readonly problem: string } {
  try {
    const open = tooOpen(file);
    if (open !== undefined) return { problem: `the secret file ${file} ${open}` };
    if (statSync(file).size > 65_536) return { problem: `the secret file ${file} is larger than 64 KiB` };
    const value = readFileSync(file, "utf8").trim();
    return value === "" ? { problem: `the secret file ${file} is empty` } : { value };
  } catch (error) {
    return { problem: `the secret file ${file} cannot be read (${reasonOf(error)})` };
  }
}

/** Why a file may not hold a secret, with the line that mends it; undefined when only its owner may read it. */
export function tooOpen(file: string): string | undefined {
  if (process.platform === "win32") return undefined;
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) === 0) return undefined;
  return `may be read by others (mode 0${mode.toString(8)}); run: chmod 600 ${quoted(file)}`;
}

const quoted = (file: string): string => (/^[\w@%+=:,./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`);

/** The system's word for what went wrong with a file: "no such file", "permission denied". */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return { ENOENT: "no such file", EACCES: "permission denied", EISDIR: "it is a directory" }[code] ?? code;
}

function mapValues(value: object, change: (item: unknown, key: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item, key)]));
}
