// Checks requests against Proxmox's own API schemas, which lie beside the checkout in ../shared when there are any.
// Any test may use it on what PveOptions.onRequest reports.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const schemaReleases = ["8.4", "9.1", "9.2"] as const;
export type SchemaRelease = (typeof schemaReleases)[number];

export interface CheckedRequest {
  readonly method: string;
  /** Below /api2/json, encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, string>>;
}

interface SchemaNode {
  readonly path: string;
  readonly children?: readonly SchemaNode[];
  readonly info?: Readonly<
    Record<string, { readonly parameters?: { readonly properties?: Readonly<Record<string, Parameter>> } }>
  >;
}

interface Parameter {
  readonly type?: string;
  readonly optional?: number | boolean;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: unknown;
  readonly requires?: string;
}

const folder = fileURLToPath(new URL("../../../shared/pve-schema/", import.meta.url));
const fileOf = (release: SchemaRelease): string => `${folder}pve-api-${release}.json`;

export const oracleAvailable = schemaReleases.every((release) => existsSync(fileOf(release)));
export const oracleAbsent =
  "the API schemas are not beside the checkout (../shared/pve-schema): requests are not checked";

const trees = new Map<SchemaRelease, readonly SchemaNode[]>();

/** What is wrong with a request for a release; empty when nothing is, or when the schemas are absent. */
export function checkRequest(release: SchemaRelease, request: CheckedRequest): string[] {
  if (!oracleAvailable) return [];
  const { method, path, query, body = {} } = request;
  const segments = path.split("/").filter((segment) => segment !== "");
  const found = find(treeOf(release), segments.map(decodeURIComponent), []);
  const name = `${method} ${path} (${release})`;
  if (found === undefined) return [`${name}: no such path`];
  const call = found.node.info?.[method];
  if (call === undefined) return [`${name}: no such method`];
  const given = { ...query, ...body, ...found.values };
  const known = call.parameters?.properties ?? {};
  return [
    ...Object.keys(given)
      .filter((key) => !(key in known))
      .map((key) => `${name}: unknown parameter ${key}`),
    ...Object.entries(known).flatMap(([key, parameter]) =>
      complaints(parameter, given[key], given).map((complaint) => `${name}: ${key} ${complaint}`),
    ),
  ];
}

function treeOf(release: SchemaRelease): readonly SchemaNode[] {
  const known = trees.get(release);
  if (known !== undefined) return known;
  const tree = JSON.parse(readFileSync(fileOf(release), "utf8")) as readonly SchemaNode[];
  trees.set(release, tree);
  return tree;
}

interface Found {
  readonly node: SchemaNode;
  /** Values of the path's own parameters. */
  readonly values: Readonly<Record<string, string>>;
}

/** Literal segments come before templates, as in PVE's own router. */
function find(nodes: readonly SchemaNode[], segments: readonly string[], depth: readonly string[]): Found | undefined {
  const [first, ...rest] = segments;
  if (first === undefined) return undefined;
  const last = (node: SchemaNode): string => node.path.split("/").at(-1) ?? "";
  const ordered = [
    ...nodes.filter((node) => last(node) === first),
    ...nodes.filter((node) => /^\{.*\}$/.test(last(node))),
  ];
  for (const node of ordered) {
    const template = /^\{(.*)\}$/.exec(last(node))?.[1];
    const values = template === undefined ? {} : { [template]: first };
    if (rest.length === 0) return { node, values };
    const below = find(node.children ?? [], rest, [...depth, first]);
    if (below !== undefined) return { node: below.node, values: { ...values, ...below.values } };
  }
  return undefined;
}

function complaints(
  parameter: Parameter,
  value: string | undefined,
  given: Readonly<Record<string, string>>,
): string[] {
  if (value === undefined) return parameter.optional ? [] : ["is missing"];
  const wrong: string[] = [];
  if (parameter.requires !== undefined && !(parameter.requires in given)) wrong.push(`needs ${parameter.requires}`);
  wrong.push(...typeComplaints(parameter, value), ...formatComplaints(parameter, value));
  if (parameter.enum !== undefined && !parameter.enum.includes(value)) wrong.push(`"${value}" is none of its values`);
  return wrong;
}

function typeComplaints({ type, minimum, maximum }: Parameter, value: string): string[] {
  if (type === "boolean") return /^[01]$/.test(value) ? [] : [`"${value}" is no 0 or 1`];
  if (type !== "integer" && type !== "number") return [];
  const form = type === "integer" ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/;
  if (!form.test(value)) return [`"${value}" is no ${type}`];
  if (minimum !== undefined && Number(value) < minimum) return [`${value} is below ${minimum}`];
  return maximum !== undefined && Number(value) > maximum ? [`${value} is above ${maximum}`] : [];
}

const formats: Readonly<Record<string, RegExp>> = {
  "pve-node": /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
  "pve-vmid": /^[1-9]\d{2,8}$/,
  "pve-storage-id": /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]$/,
  "pve-poolid": /^[A-Za-z0-9.\-_]+(\/[A-Za-z0-9.\-_]+)*$/,
};

function formatComplaints({ format, pattern, minLength, maxLength }: Parameter, value: string): string[] {
  const wrong: string[] = [];
  const known = typeof format === "string" ? formats[format] : undefined;
  if (known?.test(value) === false) wrong.push(`"${value}" has not the form ${String(format)}`);
  // Perl writes (?^:…) for a group with default flags.
  const expression = pattern === undefined ? undefined : new RegExp(`^(?:${pattern.replaceAll("(?^:", "(?:")})$`);
  if (expression?.test(value) === false) wrong.push(`"${value}" does not match ${expression.source}`);
  if (minLength !== undefined && value.length < minLength) wrong.push(`is shorter than ${minLength}`);
  if (maxLength !== undefined && value.length > maxLength) wrong.push(`is longer than ${maxLength}`);
  return wrong;
}
