// Answers /api/v1/series with invented but repeatable curves: ten-second samples for the last hours, five-minute averages
// before, and PVE's own half-hour averages further back, with one gap.
import { numberOf } from "./random.ts";

const hourMs = 3_600_000;

interface Point {
  readonly ms: number;
  readonly resolution: number;
  readonly origin: string;
}

/** How fine the past is kept, as in a fresh installation: own samples for six hours, PVE's averages before. */
function pointsOf(fromMs: number, toMs: number, stepSeconds: number, nowMs: number): Point[] {
  const points: Point[] = [];
  let ms = Math.ceil(fromMs / 1000 / 10) * 10_000;
  while (ms < Math.min(toMs, nowMs)) {
    const age = nowMs - ms;
    const imported = age > 6 * hourMs;
    const stored = imported ? (age > 30 * 24 * hourMs ? 21_600 : age > 24 * hourMs ? 1800 : 60) : 10;
    const resolution = Math.max(stepSeconds, stored);
    points.push({ ms, resolution, origin: imported ? "rrd-avg" : "export" });
    ms = (Math.floor(ms / 1000 / resolution) + 1) * resolution * 1000;
  }
  return points.filter((point) => !inGap(point.ms, nowMs));
}

const inGap = (ms: number, nowMs: number): boolean => nowMs - ms > 25 * 60_000 && nowMs - ms < 32 * 60_000;

const scales: Readonly<Record<string, number>> = {
  ratio: 1,
  bytes: 16 * 2 ** 30,
  bytes_per_second: 20 * 2 ** 20,
  percent: 30,
  seconds: 1e6,
};

function valueAt(id: string, field: string, ms: number): number {
  const phase = numberOf(id + field);
  const daily = 0.35 + 0.25 * Math.sin((ms / (24 * hourMs) + phase) * 2 * Math.PI);
  const noise = 0.08 * (numberOf(`${id}${field}${ms}`) - 0.5) + 0.08 * Math.sin(ms / 400_000 + phase * 7);
  return Math.max(0, daily + noise);
}

const unitOf = (field: string): string =>
  field.endsWith("_ratio")
    ? "ratio"
    : field.endsWith("_per_second")
      ? "bytes_per_second"
      : field.endsWith("_bytes")
        ? "bytes"
        : field.endsWith("_percent")
          ? "percent"
          : "count";

function seriesValue(id: string, field: string, ms: number): number {
  const unit = unitOf(field);
  if (field.endsWith("total_bytes")) return scales["bytes"] ?? 1;
  if (field.startsWith("guests_")) return field === "guests_total" ? 120 : 110 + Math.round(4 * valueAt(id, field, ms));
  return valueAt(id, field, ms) * (scales[unit] ?? 8);
}

/** The moment that a text of the query means: ISO, milliseconds, `now`, `-24h`. */
function momentOf(text: string, nowMs: number): number {
  if (text === "now") return nowMs;
  const relative = /^-(\d+)([smhd])$/.exec(text);
  const size = { s: 1000, m: 60_000, h: hourMs, d: 24 * hourMs }[relative?.[2] ?? "s"] ?? 1000;
  if (relative !== null) return nowMs - Number(relative[1]) * size;
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}

function stepOf(text: string, spanMs: number): number {
  if (text === "raw") return 0;
  const given = /^(\d+)([smh]?)$/.exec(text);
  if (given !== null) return Number(given[1]) * ({ s: 1, m: 60, h: 3600 }[given[2] ?? "s"] ?? 1);
  const steps = [10, 30, 60, 300, 900, 1800, 3600, 7200, 21_600, 86_400];
  return steps.find((step) => step * 400 * 1000 >= spanMs) ?? 86_400;
}

const pressureOf = (field: string): boolean => field.startsWith("psi_");

export function answerSeries(query: URLSearchParams, nowMs: number): object {
  const list = (name: string): string[] => query.getAll(name).flatMap((text) => text.split(","));
  const [fromMs, toMs] = [momentOf(query.get("from") ?? "-1h", nowMs), momentOf(query.get("to") ?? "now", nowMs)];
  const step = stepOf(query.get("step") ?? "auto", toMs - fromMs);
  const points = pointsOf(fromMs, toMs, step, nowMs);
  const one = (id: string, field: string): object => {
    // Pressure is only known of nodes here, so that the page shows what it does without.
    const known = pressureOf(field) && !id.includes("/node/") ? [] : points;
    return {
      id,
      field,
      unit: unitOf(field),
      agg: "avg",
      time: known.map((point) => point.ms),
      value: known.map((point) => seriesValue(id, field, point.ms)),
      resolution_seconds: known.map((point) => point.resolution),
      origin: known.map((point) => point.origin),
    };
  };
  const series = list("id").flatMap((id) => list("field").map((field) => one(id, field)));
  return { from: fromMs, to: toMs, step_seconds: step, tiers: ["raw"], exact: true, series };
}
