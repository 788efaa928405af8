// The configuration's JSON Schema: for editors, for finding a key's neighbours, and for the defaults of the reference.
import { z } from "zod";
import { ConfigFile } from "./schema.ts";

/** The part of JSON Schema that zod writes for our schema. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
}

export type ConfigPath = readonly (string | number)[];

let made: SchemaNode | undefined;

/** Draft 2020-12, of the file as it is written (durations and sizes are text). */
export function configJsonSchema(): SchemaNode {
  made ??= {
    ...(z.toJSONSchema(ConfigFile, { io: "input" }) as SchemaNode),
    ...{ title: "Configuration of Pilothouse" },
  };
  return made;
}

/** The schema of the key at a path; undefined where there is none. */
export function schemaAt(path: ConfigPath): SchemaNode | undefined {
  let node: SchemaNode | undefined = configJsonSchema();
  for (const step of path) {
    const properties: Readonly<Record<string, SchemaNode>> = node.properties ?? {};
    const next: SchemaNode | undefined =
      typeof step === "number" ? node.items : Object.hasOwn(properties, step) ? properties[step] : undefined;
    if (next === undefined) return undefined;
    node = next;
  }
  return node;
}

/** The paths of all keys that hold a value, lists of groups as `clusters[]`. */
export function leafPaths(node: SchemaNode = configJsonSchema(), prefix = ""): readonly string[] {
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([key, child]) =>
      leafPaths(child, prefix === "" ? key : `${prefix}.${key}`),
    );
  }
  return node.items?.properties === undefined ? [prefix] : leafPaths(node.items, `${prefix}[]`);
}

/** `clusters[0].token.id` */
export function showPath(path: ConfigPath): string {
  let shown = "";
  for (const step of path) shown += typeof step === "number" ? `[${step}]` : shown === "" ? step : `.${step}`;
  return shown;
}
