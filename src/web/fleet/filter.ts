// The filter box: words that must all occur, and prefixes `tag:` `node:` `status:` `type:` `pool:` for one field each.
import { type FleetItem, kindLabel } from "./item.ts";

const fields = ["tag", "node", "status", "type", "pool"] as const;
type Field = (typeof fields)[number];

export interface Filter {
  readonly words: readonly string[];
  readonly fields: readonly { readonly field: Field; readonly value: string }[];
}

/** Reads what was typed; a prefix without a value (still being typed) asks for nothing. */
export function parseFilter(text: string): Filter {
  const words: string[] = [];
  const wanted: { field: Field; value: string }[] = [];
  for (const word of text.toLowerCase().split(/\s+/)) {
    const colon = word.indexOf(":");
    const field = fields.find((name) => name === word.slice(0, colon));
    if (field === undefined) words.push(word);
    else if (colon + 1 < word.length) wanted.push({ field, value: word.slice(colon + 1) });
  }
  return { words: words.filter((word) => word !== ""), fields: wanted };
}

export const isEmpty = (filter: Filter): boolean => filter.words.length === 0 && filter.fields.length === 0;

export function matches(filter: Filter, item: FleetItem): boolean {
  const text = searchText(item);
  return (
    filter.words.every((word) => text.includes(word)) &&
    filter.fields.every(({ field, value }) => fieldValues(item, field).some((known) => fits(field, known, value)))
  );
}

/** Words of a fixed set are compared from their beginning, so that `status:un` does not find "running". */
const fits = (field: Field, known: string, value: string): boolean =>
  field === "status" || field === "type" ? known.startsWith(value) : known.toLowerCase().includes(value);

// Items are replaced, never changed, so that the text of one stays true as long as the item lives.
const searchTexts = new WeakMap<FleetItem, string>();

function searchText(item: FleetItem): string {
  const known = searchTexts.get(item);
  if (known !== undefined) return known;
  const parts = [
    item.name,
    item.cluster,
    kindLabel(item),
    ...fieldValues(item, "tag"),
    ...fieldValues(item, "node"),
    ...fieldValues(item, "pool"),
  ];
  const text = parts.join("\n").toLowerCase();
  searchTexts.set(item, text);
  return text;
}

function fieldValues(item: FleetItem, field: Field): readonly string[] {
  switch (field) {
    case "tag":
      return item.kind === "guest" ? item.tags : [];
    case "pool":
      return item.kind === "guest" && item.pool !== null ? [item.pool] : [];
    case "node":
      return nodesOf(item);
    case "status":
      return statusesOf(item);
    case "type":
      return typesOf(item);
  }
}

function nodesOf(item: FleetItem): readonly string[] {
  if (item.kind === "node") return [item.name];
  if (item.kind === "guest") return [item.node];
  return item.kind === "storage" ? item.nodes : [];
}

function statusesOf(item: FleetItem): readonly string[] {
  if (item.kind === "cluster") return [item.quorate === false ? "no-quorum" : "quorate"];
  return item.kind === "guest" && item.template ? ["template"] : [item.status];
}

function typesOf(item: FleetItem): readonly string[] {
  if (item.kind === "guest")
    return [item.type, item.type === "qemu" ? "vm" : "ct", "guest", ...(item.template ? ["template"] : [])];
  return item.kind === "storage" && item.plugin_type !== null ? ["storage", item.plugin_type] : [item.kind];
}
