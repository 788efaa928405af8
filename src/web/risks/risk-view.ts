// Findings that something may fail, grouped as the page shows them.
import { isRiskKind, riskKindNames, riskKinds } from "../../model/risks.ts";
import type { EvidenceItem, FindingItem } from "../fleet/item.ts";
import { formatBytes, formatCount, formatDate } from "../format.ts";

export interface RiskGroup {
  readonly title: string;
  /** Worst first, then by date. */
  readonly risks: readonly FindingItem[];
}

export interface RiskFilter {
  /** Only what somebody should act on soon. */
  readonly urgent: boolean;
  readonly text: string;
}

const urgency: readonly FindingItem["severity"][] = ["critical", "warning", "info"];
const titles: readonly string[] = [...new Set(riskKindNames.map((kind) => riskKinds[kind]))];

/** The group with the worst risk first; groups that are alike in the order of the catalogue. */
export function riskGroups(findings: readonly FindingItem[], { urgent, text }: RiskFilter): readonly RiskGroup[] {
  const wanted = text.toLowerCase();
  const risks = findings.filter(
    ({ kind, severity, message, subject }) =>
      isRiskKind(kind) &&
      (!urgent || severity !== "info") &&
      `${message}\n${subject}\n${kind}`.toLowerCase().includes(wanted),
  );
  const groups = titles.map((title) => ({
    title,
    risks: risks.filter((risk) => titleOf(risk) === title).sort(inOrder),
  }));
  const worst = ({ risks: [first] }: RiskGroup): number => (first === undefined ? 9 : urgency.indexOf(first.severity));
  return groups.filter((group) => group.risks.length > 0).sort((a, b) => worst(a) - worst(b));
}

const titleOf = ({ kind }: FindingItem): string => (isRiskKind(kind) ? riskKinds[kind] : "");

function inOrder(a: FindingItem, b: FindingItem): number {
  const bySeverity = urgency.indexOf(a.severity) - urgency.indexOf(b.severity);
  const [dueA, dueB] = [dueOf(a) ?? Number.POSITIVE_INFINITY, dueOf(b) ?? Number.POSITIVE_INFINITY];
  if (bySeverity !== 0) return bySeverity;
  return dueA === dueB ? (a.id < b.id ? -1 : 1) : dueA - dueB;
}

/** Milliseconds since the epoch; null where no date can be told. */
export function dueOf({ fields }: FindingItem): number | null {
  const due = fields["due_at_ms"];
  return typeof due === "number" ? due : null;
}

/** What only those look at who ask for more. */
const details: readonly string[] = ["p_value", "spells", "jumps"];

/** What the evidence says in one line: "used · slope 13.8 GiB per day". */
export function evidenceWords({ what, numbers }: EvidenceItem, how: "short" | "whole" = "short"): string {
  const words = Object.entries(numbers).flatMap(([name, value]) =>
    value === null || (how === "short" && details.includes(name)) ? [] : [numberWords(name, value)],
  );
  return [what, ...words].join(" · ");
}

const units: readonly (readonly [ending: RegExp, words: (value: number) => string])[] = [
  [/_bytes_per_day$/, (value) => `${formatBytes(value)} per day`],
  [/_percent_per_day$/, (value) => `${formatCount(value)} % per day`],
  [/_bytes$/, formatBytes],
  [/_percent$/, (value) => `${formatCount(value)} %`],
  [/_ratio$/, (value) => `${formatCount(100 * value)} %`],
  [/_ms$/, formatDate],
];

/** `slope_bytes_per_day` and a number: "slope 388 MiB per day". */
export function numberWords(name: string, value: string | number | boolean): string {
  if (typeof value !== "number") return `${spaced(name)} ${String(value)}`;
  const unit = units.find(([ending]) => ending.test(name));
  if (unit !== undefined) return `${spaced(name.replace(unit[0], ""))} ${unit[1](value)}`;
  return `${spaced(name)} ${value !== 0 && Math.abs(value) < 0.1 ? String(value) : formatCount(value)}`;
}

const spaced = (name: string): string => name.replaceAll("_", " ");
