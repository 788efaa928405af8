// Every key of a configuration with its value and where that comes from, secrets hidden: what `config show` prints.
import { type ConfigPath, configJsonSchema, type SchemaNode, showPath } from "./json-schema.ts";
import { formatPlace, type Place } from "./problem.ts";
import { isSecretPath } from "./references.ts";

export interface ConfigEntry {
  /** `clusters[0].token.id` */
  readonly key: string;
  readonly value: unknown;
  /** `pilothouse.yaml:3:7`, `--port`, `PILOTHOUSE_PORT` or `default`; with the reference a value was made from. */
  readonly origin: string;
}

interface EntryContext {
  placeOf(path: ConfigPath): Place;
  readonly references: ReadonlyMap<string, string>;
  /** What a default becomes that the schema cannot know. */
  readonly computed: Readonly<Record<string, unknown>>;
}

export function configEntries(data: unknown, context: EntryContext): readonly ConfigEntry[] {
  return walk(configJsonSchema(), data, [], context);
}

function walk(node: SchemaNode, value: unknown, path: ConfigPath, context: EntryContext): readonly ConfigEntry[] {
  const { properties, items } = node;
  if (properties !== undefined) {
    const group = (value ?? {}) as Readonly<Record<string, unknown>>;
    // An optional group that was left out has no values of its own.
    if (value === undefined && node.required !== undefined) return [];
    return Object.entries(properties).flatMap(([key, child]) => walk(child, group[key], [...path, key], context));
  }
  if (items?.properties !== undefined && Array.isArray(value)) {
    return value.flatMap((item, index) => walk(items, item, [...path, index], context));
  }
  return [entry(node, value, path, context)];
}

function entry(node: SchemaNode, value: unknown, path: ConfigPath, context: EntryContext): ConfigEntry {
  const key = showPath(path);
  if (value === undefined) return { key, value: context.computed[key] ?? node.default ?? null, origin: "default" };
  const reference = context.references.get(key);
  const origin = formatPlace(context.placeOf(path)) + (reference === undefined ? "" : ` ${reference}`);
  return { key, value: isSecretPath(path) ? "[redacted]" : (context.computed[key] ?? value), origin };
}
