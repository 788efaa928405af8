// Slow facts as dense tables: which tables a page shows, their columns, and each cell in a person's words. Pure.
import {
  type FactField,
  type FactFieldType,
  type FactKind,
  factEntry,
  factKinds,
} from "../../model/facts-catalogue.ts";
import { formatAge, formatBytes, formatCount, formatDate, formatDuration, formatWhen } from "../format.ts";

export interface FactRowItem {
  readonly subject: string;
  readonly subject_name: string | null;
  readonly key: string;
  readonly read_at: string | null;
  readonly [field: string]: unknown;
}

export interface KindFacts {
  readonly kind: string;
  readonly items: readonly FactRowItem[];
}

export type Level = "fine" | "warning" | "failed" | "";

export interface FactCell {
  readonly text: string;
  readonly level: Level;
  readonly right: boolean;
}

export interface FactTable {
  readonly kind: FactKind;
  readonly title: string;
  readonly columns: readonly { readonly name: string; readonly title: string; readonly right: boolean }[];
  readonly rows: readonly { readonly item: FactRowItem; readonly cells: readonly FactCell[] }[];
  /** The oldest reading in it. */
  readonly readAt: string | null;
}

const numeric: readonly FactFieldType[] = ["count", "ratio", "percent", "celsius", "bytes", "seconds", "time"];

/** The order of the catalogue; a column that no row fills is left out. */
export function factTables(found: readonly KindFacts[], nowMs: number): readonly FactTable[] {
  return factKinds.flatMap((kind) => {
    const items = found.filter((part) => part.kind === kind).flatMap((part) => part.items);
    return items.length === 0 ? [] : [factTable(kind, items, nowMs)];
  });
}

function factTable(kind: FactKind, items: readonly FactRowItem[], nowMs: number): FactTable {
  const { title, fields } = factEntry(kind);
  const shown = Object.entries(fields).filter(([name]) => items.some((item) => hasValue(item[name])));
  return {
    kind,
    title,
    columns: shown.map(([name, field]) => ({ name, title: field.title, right: numeric.includes(field.type) })),
    rows: items.map((item) => ({ item, cells: shown.map(([name, field]) => cellOf(name, field, item, nowMs)) })),
    readAt: items.reduce<string | null>((oldest, { read_at }) => earlier(oldest, read_at), null),
  };
}

const hasValue = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);

const earlier = (a: string | null, b: string | null): string | null => (a === null || (b !== null && b < a) ? b : a);

function cellOf(name: string, { type }: FactField, item: FactRowItem, nowMs: number): FactCell {
  const value = item[name];
  const right = numeric.includes(type);
  if (!hasValue(value)) return { text: "–", level: "", right };
  return { text: factText(type, value, nowMs), level: levelOf(name, value, nowMs), right };
}

export function factText(type: FactFieldType, value: unknown, nowMs: number): string {
  if (Array.isArray(value)) return value.join("\n");
  if (type === "flag") return value === true ? "Yes" : "No";
  if (type === "time") return timeText(Date.parse(String(value)), nowMs);
  if (typeof value !== "number") return String(value);
  switch (type) {
    case "bytes":
      return formatBytes(value);
    case "percent":
      return `${formatCount(value)}%`;
    case "ratio":
      return `${formatCount(100 * value)}%`;
    case "celsius":
      return `${formatCount(value)} °C`;
    case "seconds":
      return formatDuration(value);
    case "count":
    case "text":
    case "words":
      return formatCount(value);
  }
}

/** Lately with its age, otherwise the day. */
function timeText(at: number, nowMs: number): string {
  if (Number.isNaN(at)) return "–";
  const age = (nowMs - at) / 1000;
  if (age < 0) return age > -86_400 ? formatWhen(at, nowMs) : formatDate(at);
  return age < 30 * 86_400 ? `${formatAge(age)} ago` : formatDate(at);
}

const bad =
  /^(?:FAIL.*|FAULTED|UNAVAIL|HEALTH_ERR|failed|expired|suspended|invalid|error|fence|recovery|down|OFFLINE|REMOVED)$/i;
const middling = /^(?:DEGRADED|HEALTH_WARN|none|notfound|new)$/i;
const good = /^(?:PASSED|OK|ONLINE|HEALTH_OK|active|up|started)$/i;
const judged: readonly string[] = ["smart", "health", "verification", "status", "state"];
const dayMs = 86_400_000;

function levelOf(name: string, value: unknown, nowMs: number): Level {
  if (name === "expires_at") {
    const left = Date.parse(String(value)) - nowMs;
    return left < 3 * dayMs ? "failed" : left < 14 * dayMs ? "warning" : "";
  }
  if (name === "wear_percent") return Number(value) >= 90 ? "failed" : Number(value) >= 70 ? "warning" : "";
  if (/^(?:reallocated_sectors|pending_sectors|media_errors|failures)$/.test(name))
    return Number(value) > 0 ? "warning" : "";
  if (name === "failing_devices" || name === "error") return "failed";
  if (!judged.includes(name)) return "";
  const word = String(value);
  return bad.test(word) ? "failed" : middling.test(word) ? "warning" : good.test(word) ? "fine" : "";
}
