// The rows on screen as CSV: the same order and filter, with full numbers in base units.
import type { FleetItem } from "./item.ts";
import { kindLabel } from "./item.ts";
import { cpuOf, diskIoOf, diskOf, memoryOf, networkOf, uptimeOf } from "./measures.ts";

type Cell = string | number | null;

const cells: readonly (readonly [title: string, value: (item: FleetItem) => Cell])[] = [
  ["id", (item) => item.id],
  ["name", (item) => item.name],
  ["kind", kindLabel],
  ["cluster", (item) => item.cluster],
  ["node", (item) => (item.kind === "guest" || item.kind === "storage" ? item.node : null)],
  ["status", (item) => (item.kind === "cluster" ? null : item.status)],
  ["tags", (item) => (item.kind === "guest" ? item.tags.join(" ") : null)],
  ["pool", (item) => (item.kind === "guest" ? item.pool : null)],
  ["cpu_ratio", (item) => cpuOf(item)?.ratio ?? null],
  ["mem_used_bytes", (item) => memoryOf(item)?.detail?.[0] ?? null],
  ["mem_total_bytes", (item) => memoryOf(item)?.detail?.[1] ?? null],
  ["disk_used_bytes", (item) => diskOf(item)?.detail?.[0] ?? null],
  ["disk_total_bytes", (item) => diskOf(item)?.detail?.[1] ?? null],
  ["net_bytes_per_second", networkOf],
  ["disk_bytes_per_second", diskIoOf],
  ["uptime_seconds", uptimeOf],
  ["values_at", (item) => item.values_at],
];

export function tableCsv(items: readonly FleetItem[]): string {
  const lines = items.map((item) => cells.map(([, value]) => csvCell(value(item))).join(","));
  return `${[cells.map(([title]) => title).join(","), ...lines].join("\r\n")}\r\n`;
}

/** A text that begins like a formula would be run by a spreadsheet; an apostrophe makes it text (OWASP, CSV injection). */
function csvCell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
