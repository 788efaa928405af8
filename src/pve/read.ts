// Reads single fields of PVE's answers. PVE gives one field as 112 here and "112" there, and leaves out what it does not
// know, so every reader is tolerant, and what cannot be read is undefined: absent, which is not 0.

export type Fields = Readonly<Record<string, unknown>>;

/** A list of which the unreadable rows were left out and counted. */
export interface Rows<T> {
  readonly rows: readonly T[];
  readonly rejected: number;
}

/** The answer as a whole has another shape than expected; the client adds where it came from. */
export class UnreadableAnswer extends Error {
  readonly expected: string;

  constructor(expected: string, got: unknown) {
    super(`expected ${expected}, got ${preview(got)}`);
    this.name = "UnreadableAnswer";
    this.expected = expected;
  }
}

const numeral = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;

/** A finite number, also when it is written as a string. */
export function number(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || !numeral.test(value)) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** A whole number that a double holds exactly. */
export function integer(value: unknown): number | undefined {
  const parsed = number(value);
  return parsed !== undefined && Number.isSafeInteger(parsed) ? parsed : undefined;
}

/** A string; a number becomes one, because PVE gives a guest called "100" as 100. */
export function text(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" && Number.isFinite(value) ? String(value) : undefined;
}

/** A string with something in it. */
export function name(value: unknown): string | undefined {
  const read = text(value);
  return read === "" ? undefined : read;
}

/** Perl's booleans: 1, "1" and true; 0, "0", "" and false. */
export function flag(value: unknown): boolean | undefined {
  if (value === 1 || value === true || value === "1" || value === "true") return true;
  if (value === 0 || value === false || value === "0" || value === "false" || value === "") return false;
  return undefined;
}

/**
 * PVE writes lists of words with `;`, `,` or spaces between them. The same text gives the same list, poll after poll: a
 * cluster has few combinations of tags and contents, and whoever compares them need not look inside.
 */
export function words(value: unknown): readonly string[] {
  if (typeof value !== "string" || value === "") return noWords;
  const known = wordLists.get(value);
  if (known !== undefined) return known;
  const list = value.split(/[;,\s]+/).filter((word) => word !== "");
  if (wordLists.size >= mostWordLists) wordLists.clear();
  wordLists.set(value, list);
  return list;
}
const noWords: readonly string[] = [];
const wordLists = new Map<string, readonly string[]>();
const mostWordLists = 2_000;

export function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Throws an UnreadableAnswer when it is not an object. */
export function record(value: unknown): Fields {
  if (!isRecord(value)) throw new UnreadableAnswer("an object", value);
  return value;
}

/** Throws an UnreadableAnswer when it is not a list. */
export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new UnreadableAnswer("a list", value);
  return value;
}

/** Reads a list row by row; `read` answers undefined for a row that cannot be used. */
export function rowsOf<T>(data: unknown, read: (row: Fields) => T | undefined): Rows<T> {
  const rows: T[] = [];
  let rejected = 0;
  for (const row of list(data)) {
    const value = isRecord(row) ? read(row) : undefined;
    if (value === undefined) rejected++;
    else rows.push(value);
  }
  return { rows, rejected };
}

/** A value as a person may see it in an error: short and on one line. */
export function preview(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? `"${printable(value, 60)}"` : typeof value;
}

/** One line of at most `length` characters, without control characters. */
export function printable(value: string, length: number): string {
  const line = value
    .slice(0, length * 4)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
