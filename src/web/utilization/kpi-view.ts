// Key figures as cards show them: value, target and course in words and lines.

import { type Spark, sparkOf } from "../fleet/spark.ts";
import { formatDuration, formatRatioFine } from "../format.ts";
import type { SeriesColumns } from "../graph/series.ts";

/** An item of GET /api/v1/kpis. */
export interface KpiItem {
  readonly scope: string;
  readonly cluster: string | null;
  readonly kpi: string;
  readonly title: string;
  readonly unit: "ratio" | "count" | "hours" | "seconds" | "minutes";
  readonly value: number | null;
  readonly about: string | null;
  readonly state: string | null;
  readonly coverage: number | null;
  readonly target_min: number | null;
  readonly target_max: number | null;
  readonly is_on_target: boolean | null;
  readonly summary: string;
  readonly formula: string;
  readonly inputs: Readonly<Record<string, number | null>>;
  readonly series: { readonly metric: string; readonly per: string | null } | null;
}

export const scopesOf = (items: readonly KpiItem[]): readonly string[] => [...new Set(items.map(({ scope }) => scope))];

/** `cluster:lab` → "Cluster lab", `pool:lab/prod` → "Pool prod (lab)". */
export function scopeTitle(scope: string): string {
  const [type = "", name = ""] = splitOnce(scope, ":");
  if (type === "fleet") return "Fleet";
  if (type === "cluster") return `Cluster ${name}`;
  const [cluster = "", key = ""] = splitOnce(name, "/");
  return `${type === "pool" ? "Pool" : "Tag"} ${key} (${cluster})`;
}

/** The entities whose series are the course of a scope; the fleet's is that of its clusters. */
export function seriesIds(scope: string, scopes: readonly string[]): readonly string[] {
  if (scope === "fleet") return scopes.flatMap((name) => (name.startsWith("cluster:") ? seriesIds(name, scopes) : []));
  const [type = "", name = ""] = splitOnce(scope, ":");
  const [cluster = "", key = ""] = splitOnce(name, "/");
  return [type === "cluster" ? `${cluster}/scope/cluster` : `${cluster}/scope/${type}:${key}`];
}

function splitOnce(text: string, by: string): readonly string[] {
  const at = text.indexOf(by);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

export function shownValue(value: number, unit: KpiItem["unit"]): string {
  switch (unit) {
    case "ratio":
      return shownRatio(value);
    case "hours":
      return formatDuration(value * 3600);
    case "minutes":
      return formatDuration(value * 60);
    case "seconds":
      return `${Math.round(value)} s`;
    case "count":
      return String(value);
  }
}

/** 99.958 % must not read as 100 %. */
function shownRatio(ratio: number): string {
  if (ratio > 0.99 && ratio < 1) return `${Number((ratio * 100).toPrecision(5))}%`;
  return Math.abs(ratio) >= 0.995 ? `${Math.round(ratio * 100)}%` : formatRatioFine(ratio);
}

export function targetWords({ target_min: min, target_max: max, unit }: KpiItem): string | null {
  const short = (value: number): string => shownValue(value, unit).replace(".0%", "%");
  if (min !== null && max !== null) return `target ${short(min)} to ${short(max)}`;
  if (min !== null) return `target at least ${short(min)}`;
  return max === null ? null : `target at most ${short(max)}`;
}

export interface Course {
  readonly from: number;
  readonly to: number;
  readonly series: readonly SeriesColumns[];
}

/** The course of a figure: sums over the entities, divided where it is a share. undefined without points. */
export function courseOf({ series }: Pick<KpiItem, "series">, course: Course): Spark | undefined {
  if (series === null) return undefined;
  const own = course.series.filter(({ field }) => field === series.metric);
  // Shares of several clusters cannot be added.
  if (own.length === 0 || (series.per === null && own.length > 1)) return undefined;
  const parts = sumsByTime(own);
  const wholes = series.per === null ? null : sumsByTime(course.series.filter(({ field }) => field === series.per));
  const time = [...parts.keys()].sort((a, b) => a - b);
  const value = time.map((ms) => {
    const [part = null, whole] = [parts.get(ms), wholes === null ? 1 : wholes.get(ms)];
    return part === null || whole === undefined || whole <= 0 ? null : part / whole;
  });
  const resolution = Math.max(...own.flatMap((columns) => columns.resolution_seconds));
  return sparkOf(
    { ...(own[0] as SeriesColumns), time, value, resolution_seconds: time.map(() => resolution) },
    course.from,
    course.to,
  );
}

function sumsByTime(columns: readonly SeriesColumns[]): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const { time, value } of columns) {
    for (const [index, ms] of time.entries()) {
      const one = value[index];
      if (one !== null && one !== undefined) sums.set(ms, (sums.get(ms) ?? 0) + one);
    }
  }
  return sums;
}

export const seriesFields = (items: readonly KpiItem[]): readonly string[] => [
  ...new Set(
    items.flatMap(({ series }) =>
      series === null ? [] : [series.metric, ...(series.per === null ? [] : [series.per])],
    ),
  ),
];

/** An input's number as people read it: bytes are too many digits otherwise. */
export const inputWords = (name: string, value: number | null): string =>
  `${name} ${value === null ? "not known" : Number(value.toPrecision(5)).toLocaleString("en-GB", { maximumFractionDigits: 4 })}`;
