// Sorting by several keys, and the place of one item in that order: the cursor of a list is such a place, so that a
// page goes on behind it whatever came or went meanwhile.
import { z } from "zod";
import { InputError } from "../../lib/errors.ts";

export type Key = string | number | boolean | null;

export interface SortStep {
  readonly name: string;
  readonly descending: boolean;
}

/** `-status,name`. Throws an InputError for a name that cannot be sorted by. */
export function parseSort(text: string, isKnown: (name: string) => boolean): readonly SortStep[] {
  const steps = text.split(",").filter((part) => part !== "");
  return steps.slice(0, 8).map((part) => {
    const descending = part.startsWith("-");
    const name = descending ? part.slice(1) : part;
    if (isKnown(name)) return { name, descending };
    const message = "not a field that this list can be sorted by";
    throw new InputError(`sort: ${message}.`, [{ pointer: "/query/sort", message }]);
  });
}

/** Where an item stands: its keys in the order of the steps, then what tells it from all others. */
export interface Place {
  readonly keys: readonly Key[];
  readonly id: string;
}

const collator = new Intl.Collator("en", { numeric: true });

/** Absent keys come last in both directions; equal ones are told apart by id. */
export function comparePlaces(steps: readonly SortStep[], a: Place, b: Place): number {
  for (const [index, { descending }] of steps.entries()) {
    const [left, right] = [a.keys[index] ?? null, b.keys[index] ?? null];
    if (left === null && right === null) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    const order = compareKeys(left, right);
    if (order !== 0) return descending ? -order : order;
  }
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function compareKeys(a: NonNullable<Key>, b: NonNullable<Key>): number {
  if (typeof a === "string" && typeof b === "string") return collator.compare(a, b);
  return Number(a) - Number(b);
}

const CursorContent = z.tuple([
  z.string(),
  z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
  z.string(),
]);

export const cursorOf = (sort: string, place: Place): string =>
  Buffer.from(JSON.stringify([sort, place.keys, place.id])).toString("base64url");

/** Throws an InputError for what is no cursor of a list with this sort. */
export function placeOfCursor(cursor: string, sort: string, steps: readonly SortStep[]): Place {
  const content = CursorContent.safeParse(jsonOrNull(Buffer.from(cursor, "base64url").toString()));
  if (!content.success || content.data[0] !== sort || content.data[1].length !== steps.length) {
    const message = "not a cursor of this list in this order; begin again without it";
    throw new InputError(`cursor: ${message}.`, [{ pointer: "/query/cursor", message }]);
  }
  const [, keys, id] = content.data;
  return { keys, id };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
