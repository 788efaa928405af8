// M4's wide table: a header, then a row per series with its id and values. Cells at the end may be empty.
import { InputError } from "../../lib/errors.ts";

export interface WideRow {
  readonly id: string;
  /** Oldest first. An empty cell between values is NaN; those after the last value are left out. */
  readonly values: Float64Array;
}

const missing = new Set(["", "NA", "NaN"]);

/** Throws an InputError that names the line and column of what is no number. */
export function parseWide(text: string, file: string): readonly WideRow[] {
  const [, ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  return lines.flatMap((line, index) => (line.trim() === "" ? [] : [rowOf(line, `${file}:${index + 2}`)]));
}

function rowOf(line: string, place: string): WideRow {
  const [id = "", ...cells] = cellsOf(line);
  if (id === "") throw new InputError(`${place}: the first cell must be the id of the series, and it is empty.`);
  const values = cells.map((cell, column) => numberOf(cell, `${place}, column ${column + 2}`));
  const last = values.findLastIndex((value) => !Number.isNaN(value));
  return { id, values: Float64Array.from(values.slice(0, last + 1)) };
}

/** A cell in quotes may hold commas, and quotes written twice. */
function cellsOf(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(",").map((cell) => cell.trim());
  return Array.from(line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, inQuotes, plain = ""]) =>
    inQuotes === undefined ? plain.trim() : inQuotes.replaceAll('""', '"'),
  );
}

function numberOf(cell: string, place: string): number {
  if (missing.has(cell)) return Number.NaN;
  const value = Number(cell);
  if (Number.isFinite(value)) return value;
  throw new InputError(
    `${place}: "${cell.slice(0, 40)}" is no number; leave the cell empty where nothing was measured.`,
  );
}

/** `id,F1,…`, one row per series in the order given. */
export function writeWide(rows: readonly WideRow[]): string {
  const width = Math.max(0, ...rows.map(({ values }) => values.length));
  const header = ["id", ...Array.from({ length: width }, (_, step) => `F${step + 1}`)];
  const lines = rows.map(({ id, values }) => [quoted(id), ...Array.from(values, numberText)].join(","));
  return `${[header.join(","), ...lines].join("\n")}\n`;
}

/** Ten significant digits: finer ones are noise, and coarser ones would show in errors of large values. */
const numberText = (value: number): string => (Number.isNaN(value) ? "" : String(Number(value.toPrecision(10))));

const quoted = (id: string): string => (/[",]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id);
