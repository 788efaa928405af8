// Reads a YAML (or JSON) text into plain data and remembers where each key and value stands.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLWarning,
} from "yaml";
import type { ConfigPath } from "./json-schema.ts";
import { type ConfigProblem, type Place, problemAt } from "./problem.ts";

export interface YamlFile {
  /** Plain data; null for an empty file. */
  readonly data: unknown;
  readonly problems: readonly ConfigProblem[];
  /** Where the value at a path stands, or its key; for what is missing, the group that it is missing from. */
  placeOf(path: ConfigPath, what?: "key" | "value"): Place;
}

/** Never throws: whatever is wrong with the text is a problem with its place. */
export function readYaml(text: string, source: string): YamlFile {
  const lines = new LineCounter();
  const begin: Place = { source, line: 1, column: 1 };
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { source, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "silent" });
    const problems = worthTelling([...document.errors, ...document.warnings]).map((fault) =>
      problemAt(placeAt(fault.pos[0]), `not valid YAML: ${firstSentence(fault.message)}`, hintFor(text, fault.pos[0])),
    );
    const data: unknown = problems.length > 0 ? null : document.toJS({ maxAliasCount: 100 });
    if (isDeeperThan(data, deepest)) problems.push(problemAt(begin, "not valid YAML: nested too deeply"));
    return { data, problems, placeOf: (path, what = "value") => placeAt(offsetOf(document, path, what)) };
  } catch (error) {
    // An unknown or too often used alias, or nesting deeper than the stack: the library throws instead of reporting.
    const reason = error instanceof RangeError ? "nested too deeply" : firstSentence((error as Error).message);
    return { data: null, problems: [problemAt(begin, `not valid YAML: ${reason}`)], placeOf: () => begin };
  }
}

/** A group in a cluster in the list is the deepest that is of use; an alias inside its own anchor is without end. */
const deepest = 20;

function isDeeperThan(data: unknown, levels: number): boolean {
  if (typeof data !== "object" || data === null) return false;
  return levels === 0 || Object.values(data).some((child) => isDeeperThan(child, levels - 1));
}

/** After the first fault of form every later line is one, too; keys that are there twice stand each for itself. */
function worthTelling(faults: readonly (YAMLError | YAMLWarning)[]): readonly (YAMLError | YAMLWarning)[] {
  const first = faults.find(({ code }) => code !== "DUPLICATE_KEY");
  return faults.filter((fault) => fault === first || fault.code === "DUPLICATE_KEY");
}

/** The brace of a reference ends a group that is written in braces. */
function hintFor(text: string, offset: number): { readonly expected?: string } {
  const begin = text.lastIndexOf("\n", offset - 1) + 1;
  const [line = ""] = text.slice(begin).split("\n", 1);
  return /[{,].*[^"']\$\{/.test(line) ? { expected: `expected quotes: "\${…}" inside { }` } : {};
}

/** The library's messages may quote the text, which may be a secret: only what comes before a quotation is kept. */
function firstSentence(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/[:"'`].*$/, "").trim();
}

function offsetOf(document: Document.Parsed, path: ConfigPath, what: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const target = isAlias(node) ? node.resolve(document) : node;
    const last = index === path.length - 1;
    const found = childOf(target, step);
    if (found === undefined) return offset;
    const keyOffset = startOf(found.key);
    const wantsKey = last ? what === "key" : !isSeq(found.value);
    offset = (wantsKey ? keyOffset : undefined) ?? startOf(found.value) ?? keyOffset ?? offset;
    node = found.value;
  }
  return offset;
}

function childOf(node: unknown, step: string | number): { key: unknown; value: unknown } | undefined {
  if (isSeq(node) && typeof step === "number") {
    const value = node.items[step];
    return value === undefined ? undefined : { key: undefined, value };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item: Pair) => (isScalar(item.key) ? String(item.key.value) : "") === String(step));
  return pair === undefined ? undefined : { key: pair.key, value: pair.value };
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];
