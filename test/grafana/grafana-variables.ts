// What Grafana does to a query before it sends it: variables, $timeFilter and $__interval are filled in.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InfluxQuery } from "../../grafana/build/influx-query.ts";

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly InfluxQuery[];
  readonly interval?: string;
  readonly maxDataPoints?: number;
  readonly timeFrom?: string;
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly thresholds?: { readonly steps: readonly unknown[] } };
    readonly overrides: readonly { readonly matcher: { readonly id: string; readonly options: string } }[];
  };
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly multi?: boolean;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly schemaVersion: number;
  readonly time: { readonly from: string; readonly to: string };
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

const folder = "dashboards";

export const dashboardsOnDisk = (): readonly Dashboard[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Dashboard);

export const panelsOf = ({ panels }: Dashboard): readonly Panel[] => panels.filter(({ type }) => type !== "row");

const unitMs: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 };

/** 15m, now-7d → milliseconds. */
export function durationMs(text: string): number {
  const [, count = "", unit = ""] = /^(?:now-)?(\d+)([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? Number.NaN);
  if (Number.isNaN(ms)) throw new Error(`${text} is no duration`);
  return ms;
}

/** Grafana's own list: the interval that a wished one is rounded to, from an upper bound on. */
const intervals: readonly (readonly [below: number, ms: number])[] = [
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
  [604_800_000, 86_400_000],
];

export function intervalText(rangeMs: number, { maxDataPoints = 1_000, interval = "1m" }: Panel): string {
  const wished = rangeMs / maxDataPoints;
  const rounded = intervals.find(([below]) => wished < below)?.[1] ?? 604_800_000;
  return `${Math.max(rounded, durationMs(interval)) / 1_000}s`;
}

export interface Filling {
  readonly values: Readonly<Record<string, string>>;
  /** What "now" is. */
  readonly nowMs: number;
  /** Overrides the dashboard's own range. */
  readonly rangeMs?: number;
}

/** Values of variables stand in patterns, so Grafana escapes them; "all" of ours is a pattern itself. */
const inPattern = (value: string): string => (value === ".*" ? value : value.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));

export function filledQuery(query: string, panel: Panel, dashboard: Dashboard, filling: Filling): string {
  const rangeMs =
    panel.timeFrom === undefined ? (filling.rangeMs ?? durationMs(dashboard.time.from)) : durationMs(panel.timeFrom);
  const { nowMs, values } = filling;
  return withValues(query, values)
    .replaceAll("$timeFilter", `time >= ${nowMs - rangeMs}ms and time <= ${nowMs}ms`)
    .replaceAll("$__interval", intervalText(rangeMs, panel));
}

export function withValues(query: string, values: Filling["values"]): string {
  return query.replace(/\$(cluster|node|guest)\b/g, (_all, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the query has $${name}, and the dashboard no such variable: ${query}`);
    return inPattern(value);
  });
}
