// Tables as CSV (RFC 4180). Text that a spreadsheet would run as a formula is made text by an apostrophe before it.
import type { FastifyReply } from "fastify";

export type Cell = string | number | boolean | null | undefined | readonly string[];

export const csvType = "text/csv; charset=utf-8; header=present";

export function csvOf(columns: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [columns.map(csvCell).join(",")];
  for (const row of rows) lines.push(row.map(csvCell).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

export function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return Number.isFinite(cell) ? String(cell) : "";
  if (typeof cell === "boolean") return String(cell);
  const text = inert(typeof cell === "string" ? cell : cell.join(";"));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Spreadsheets skip blanks and control characters before they look for the sign of a formula; so does this. */
const inert = (text: string): string =>
  /^[\s\p{Cc}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u.test(text) ? `'${text}` : text;

/** `name.csv`, as a file to be saved. */
export const sendCsvFile = (reply: FastifyReply, name: string, text: string): FastifyReply =>
  reply.type(csvType).header("content-disposition", `attachment; filename="${name}.csv"`).send(text);
