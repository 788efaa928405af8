// A forecast as a graph draws it: a dashed mean, a band around it, and what is said of it in words. Pure.
import { formatDay } from "../format.ts";
import type { Line } from "./graph-data.ts";
import type { GraphUnit } from "./graph-spec.ts";
import { type Range, spanOf } from "./range.ts";
import { formatValue } from "./units.ts";
import type { ForecastSeries, Outlook } from "./use-forecasts.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export interface Lookahead {
  readonly outlook: Outlook;
  /** How far the graph goes on beyond now. */
  readonly aheadMs: number;
}

const ahead = {
  hour: { outlook: "month", aheadMs: 6 * hourMs },
  day: { outlook: "month", aheadMs: dayMs },
  week: { outlook: "month", aheadMs: 7 * dayMs },
  month: { outlook: "month", aheadMs: 30 * dayMs },
  year: { outlook: "half-year", aheadMs: 183 * dayMs },
} as const satisfies Readonly<Record<string, Lookahead>>;

/** null for a range of the past: what comes after it is known. A free range that ends now goes on by half of itself. */
export function lookaheadOf(range: Range, nowMs: number): Lookahead | null {
  if (range.preset !== null) return ahead[range.preset];
  const { fromMs, toMs } = spanOf(range, nowMs);
  if (toMs < nowMs - hourMs) return null;
  const wantedMs = Math.max(6 * hourMs, (toMs - fromMs) / 2);
  return wantedMs > 30 * dayMs
    ? { outlook: "half-year", aheadMs: Math.min(wantedMs, ahead.year.aheadMs) }
    : { outlook: "month", aheadMs: wantedMs };
}

/** Bands beyond this many times the highest line are cut: they would press all lines to the ground. */
const mostAbove = 2;

export interface ForecastLines {
  readonly mean: Line;
  /** Outermost last; each as upper and lower end. */
  readonly bands: readonly (readonly [upper: Line, lower: Line])[];
}

/** `highest` is the highest value measured in the range; what begins at or after `toMs` is left out. */
export function forecastLines(
  { from, step_seconds, mean, bands }: ForecastSeries,
  toMs: number,
  highest: number,
): ForecastLines {
  const steps = Math.max(0, Math.min(mean.length, Math.ceil((toMs - from) / (step_seconds * 1000))));
  const time = Array.from({ length: steps }, (_, step) => from / 1000 + step * step_seconds);
  const shown = mean.slice(0, steps);
  const top = mostAbove * Math.max(highest, ...shown);
  const line = (values: readonly number[]): Line => ({
    time,
    value: values.slice(0, steps).map((value) => Math.min(top, value)),
  });
  return { mean: { time, value: shown }, bands: bands.map(({ lower, upper }) => [line(upper), line(lower)]) };
}

export interface ExpectedValue {
  readonly mean: number;
  /** Of the narrowest band. */
  readonly lower: number;
  readonly upper: number;
}

/** undefined before the forecast begins and after it ends. */
export function expectedAt(
  { from, step_seconds, mean, bands }: ForecastSeries,
  atMs: number,
): ExpectedValue | undefined {
  const step = Math.floor((atMs - from) / (step_seconds * 1000));
  const value = mean[step];
  const [band] = bands;
  if (value === undefined || band === undefined) return undefined;
  return { mean: value, lower: band.lower[step] ?? value, upper: band.upper[step] ?? value };
}

export const expectedText = (unit: GraphUnit, { mean, lower, upper }: ExpectedValue): string =>
  `≈ ${formatValue(unit, mean)} (${formatValue(unit, lower)} – ${formatValue(unit, upper)})`;

export interface LabelledForecast {
  /** Empty where a graph has one line only. */
  readonly label: string;
  readonly forecast: ForecastSeries;
}

/** One sentence on how sure the lines are, and one for each that has no forecast. */
export function forecastWords(lines: readonly LabelledForecast[]): string {
  const given = lines.filter(({ forecast }) => forecast.state === "forecast");
  const parts = given.map(({ label, forecast }) => `${prefix(label)}${evidenceWords(forecast)}`);
  const refused = lines
    .filter(({ forecast }) => forecast.state === "none")
    .map(({ label, forecast }) => `${prefix(label)}no forecast: ${forecast.reason ?? "it is not known why"}`);
  return [...bandWords(given.length), ...parts, ...refused].join(" · ");
}

/** More bands than this on each other cannot be told apart. */
const mostBanded = 3;

/** Which of the bands, narrowest first, are drawn when so many lines have a forecast. */
export const shownBands = <Band>(bands: readonly Band[], lines: number): readonly Band[] =>
  lines === 1 ? bands : lines <= mostBanded ? bands.slice(0, 1) : [];

function bandWords(lines: number): readonly string[] {
  if (lines === 0) return [];
  if (lines === 1) return ["forecast dashed, its bands hold 80 % and 95 %"];
  return [lines <= mostBanded ? "forecasts dashed, their bands hold 80 %" : "forecasts dashed"];
}

const prefix = (label: string): string => (label === "" ? "" : `${label}: `);

function evidenceWords({ error, naive_error, coverage_ratio }: ForecastSeries): string {
  const ratio = error === null || naive_error === null || naive_error === 0 ? null : error / naive_error;
  const parts = [
    ...(ratio === null ? [] : [`error ${ratio.toFixed(2)} of repeating the past`]),
    ...(coverage_ratio === null ? [] : [`held ${Math.round(100 * coverage_ratio)} % of 95 % in trials`]),
  ];
  return parts.join(", ");
}

/** What is expected at the end of the graph, for those who do not see it. */
export function forecastSentence(unit: GraphUnit, { label, forecast }: LabelledForecast, toMs: number): string {
  if (forecast.state === "none") return `${label}: no forecast, ${forecast.reason ?? ""}`;
  const lastMs = Math.min(toMs - 1, forecast.from + (forecast.mean.length - 1) * forecast.step_seconds * 1000);
  const expected = expectedAt(forecast, lastMs);
  if (expected === undefined) return "";
  const { mean, lower, upper } = expected;
  const value = (amount: number): string => formatValue(unit, amount);
  return `${label}: expected ${value(mean)} on ${formatDay(lastMs)}, with 80 % certainty between ${value(lower)} and ${value(upper)}`;
}
