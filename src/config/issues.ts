// Turns what zod found into problems that a person can act on: where it stands, what was expected, what was meant.
import type { z } from "zod";
import { didYouMean } from "./did-you-mean.ts";
import { type ConfigPath, leafPaths, schemaAt, showPath } from "./json-schema.ts";
import { type ConfigProblem, type Place, problemAt } from "./problem.ts";
import { unresolved } from "./references.ts";

type PlaceOf = (path: ConfigPath, what?: "key" | "value") => Place;

export function problemsOf(issues: readonly z.core.$ZodIssue[], data: unknown, placeOf: PlaceOf): ConfigProblem[] {
  return issues.flatMap((issue) => {
    const path = issue.path as ConfigPath;
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, placeOf));
    const value = valueAt(data, path);
    if (value === unresolved) return [];
    return [value === undefined ? missing(issue, path, placeOf) : wrongValue(issue, path, value, placeOf)];
  });
}

function unknownKey(path: ConfigPath, key: string, placeOf: PlaceOf): ConfigProblem {
  const known = Object.keys(schemaAt(path)?.properties ?? {});
  const elsewhere = leafPaths().find((leaf) => leaf.endsWith(`.${key}`) && !leaf.includes("[]"));
  return problemAt(
    placeOf([...path, key], "key"),
    `unknown key ${showWord(key)}${path.length > 0 ? ` in ${showPath(path)}` : ""}`,
    {
      expected: `expected one of ${known.join(", ")}`,
      meant: didYouMean(key, known) ?? elsewhere ?? null,
    },
  );
}

function missing(issue: z.core.$ZodIssue, path: ConfigPath, placeOf: PlaceOf): ConfigProblem {
  return problemAt(placeOf(path.slice(0, -1)), `${showPath(path)} is missing`, { expected: issue.message });
}

function wrongValue(issue: z.core.$ZodIssue, path: ConfigPath, value: unknown, placeOf: PlaceOf): ConfigProblem {
  const params = issue.code === "custom" ? (issue.params ?? {}) : {};
  const what = typeof params["what"] === "string" ? `${showPath(path)}: ${params["what"]}` : wrongness(path, value);
  const choices = (schemaAt(path)?.enum ?? []).map(String);
  const meant = typeof params["meant"] === "string" ? params["meant"] : undefined;
  return problemAt(placeOf(path), what, {
    expected: issue.message,
    got: `got ${showValue(value, path)}`,
    meant: meant ?? (typeof value === "string" ? didYouMean(value, choices) : undefined) ?? null,
  });
}

function wrongness(path: ConfigPath, value: unknown): string {
  const name = path.length === 0 ? "the file" : showPath(path);
  return value === null ? `${name} is empty` : `wrong value for ${name}`;
}

function valueAt(data: unknown, path: ConfigPath): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Keys and values end in logs and tickets: nothing that stands in a token or login, or looks like a secret, is repeated. */
function showValue(value: unknown, path: ConfigPath): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a group of keys";
  if (typeof value !== "string")
    return typeof value === "number" || typeof value === "boolean" ? String(value) : typeof value;
  const isOpen = path.at(-1) === "id" || path.at(-1) === "user";
  const hidden = (path.includes("token") || path.includes("login")) && !isOpen;
  return hidden ? "a text that is not shown" : showWord(value);
}

const uuid = /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}(?![0-9a-f:])/gi;

function showWord(word: string): string {
  const safe = word.replaceAll(uuid, "[redacted]");
  return JSON.stringify(safe.length > 80 ? `${safe.slice(0, 80)}…` : safe);
}
