// Key figures in words: each with its value, its target, how much of the time is known, and the numbers of its formula.
import type { KpiUnit } from "../../model/kpi-catalogue.ts";
import type { KpiLine } from "../../model/kpi-lines.ts";

export function kpiReport(lines: readonly KpiLine[]): readonly string[] {
  const report: string[] = [];
  let scope = "";
  for (const line of lines) {
    if (line.scope !== scope) {
      if (scope !== "") report.push("");
      report.push(`${line.scope}, ${dayOf(line.fromMs)} to ${dayOf(line.toMs)}`);
    }
    scope = line.scope;
    report.push(...lineOf(line));
  }
  return report;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

function lineOf({ kpi, value, about, state, coverage, inputs, isOnTarget }: KpiLine): readonly string[] {
  const shown = value === null ? (state ?? "") : inUnit(value, kpi.unit);
  const notes = [
    about,
    targetOf(kpi.target, kpi.unit, isOnTarget),
    coverage === null ? null : `${percent(coverage)} of the time is known`,
  ].filter((note) => note !== null);
  const numbers = Object.entries(inputs).map(
    ([name, number]) => `${name} ${number === null ? "not known" : short(number)}`,
  );
  return [
    `  ${kpi.title.padEnd(27)}${[shown, ...notes].join(" · ")}`,
    `      = ${kpi.formula}`,
    ...(numbers.length === 0 ? [] : [`      ${numbers.join(", ")}`]),
  ];
}

function targetOf(target: KpiLine["kpi"]["target"], unit: KpiUnit, isOnTarget: boolean | null): string | null {
  if (target === null) return null;
  const { min, max } = target;
  const words =
    min !== null && max !== null
      ? `${inUnit(min, unit)} to ${inUnit(max, unit)}`
      : min !== null
        ? `at least ${inUnit(min, unit)}`
        : `at most ${inUnit(max ?? 0, unit)}`;
  return `target ${words}${isOnTarget === false ? " (missed)" : ""}`;
}

function inUnit(value: number, unit: KpiUnit): string {
  switch (unit) {
    case "ratio":
      return percent(value);
    case "count":
      return short(value);
    case "hours":
      return `${short(value)} h`;
    case "minutes":
      return `${short(value)} min`;
    case "seconds":
      return `${short(value)} s`;
  }
}

/** 99.958 % must not read as 100 %. */
const percent = (value: number): string => `${short(100 * value, value > 0.99 && value < 1 ? 5 : 3)} %`;
const short = (value: number, digits = 4): string => String(Number(value.toPrecision(digits)));
