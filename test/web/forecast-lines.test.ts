import { describe, expect, it } from "vitest";
import {
  expectedAt,
  expectedText,
  forecastLines,
  forecastSentence,
  forecastWords,
  lookaheadOf,
} from "../../src/web/graph/forecast-lines.ts";
import type { ForecastSeries } from "../../src/web/graph/use-forecasts.ts";

const hour = 3_600_000;
const day = 24 * hour;
const from = Date.UTC(2026, 0, 5, 12);

const given = (more: Partial<ForecastSeries> = {}): ForecastSeries => ({
  id: "demo/guest/100~1",
  field: "cpu_ratio",
  state: "forecast",
  reason: null,
  from,
  step_seconds: 3600,
  mean: [0.2, 0.4, 0.3],
  bands: [
    { level: 0.8, lower: [0.1, 0.3, 0.2], upper: [0.3, 0.5, 0.4] },
    { level: 0.95, lower: [0, 0.2, 0.1], upper: [0.4, 30, 0.5] },
  ],
  error: 0.06,
  naive_error: 0.1,
  coverage_ratio: 0.937,
  ...more,
});
const refused = given({ state: "none", reason: "needs 14 days, has 3 days", mean: [], bands: [] });

describe("how far a graph looks ahead", () => {
  it("is about as far as it looks back, in hours for a month and in days beyond", () => {
    expect(lookaheadOf({ preset: "day" }, from)).toEqual({ outlook: "month", aheadMs: day });
    expect(lookaheadOf({ preset: "year" }, from)).toEqual({ outlook: "half-year", aheadMs: 183 * day });
    const free = (fromMs: number, toMs: number) => lookaheadOf({ preset: null, fromMs, toMs }, from);
    expect(free(from - 4 * day, from)).toEqual({ outlook: "month", aheadMs: 2 * day });
    expect(free(from - 90 * day, from)).toEqual({ outlook: "half-year", aheadMs: 45 * day });
    expect(free(from - hour, from)).toEqual({ outlook: "month", aheadMs: 6 * hour });
  });

  it("is nothing for a range of the past", () => {
    expect(lookaheadOf({ preset: null, fromMs: from - 9 * day, toMs: from - 8 * day }, from)).toBeNull();
  });
});

describe("the lines of a forecast", () => {
  it("end with the graph, and bands far above everything are cut", () => {
    const { mean, bands } = forecastLines(given(), from + 2 * hour, 0.5);

    expect(mean).toEqual({ time: [from / 1000, from / 1000 + 3600], value: [0.2, 0.4] });
    expect(bands.map(([upper, lower]) => [upper.value, lower.value])).toEqual([
      [
        [0.3, 0.5],
        [0.1, 0.3],
      ],
      [
        [0.4, 1],
        [0, 0.2],
      ],
    ]);
    expect(forecastLines(given(), from - hour, 0.5).mean.time).toEqual([]);
  });

  it("tell what is expected at a moment, and nothing before and after", () => {
    expect(expectedAt(given(), from + 1.5 * hour)).toEqual({ mean: 0.4, lower: 0.3, upper: 0.5 });
    expect(expectedAt(given(), from - 1)).toBeUndefined();
    expect(expectedAt(given(), from + 3 * hour)).toBeUndefined();
    expect(expectedAt(refused, from)).toBeUndefined();
    expect(expectedText("ratio", { mean: 0.4, lower: 0.3, upper: 0.5 })).toMatch(/^≈ 40.*% \(30.*% – 50.*%\)$/);
  });

  it("are told in words with their evidence, or why there are none", () => {
    expect(forecastWords([{ label: "", forecast: given() }])).toBe(
      "forecast dashed, its bands hold 80 % and 95 % · error 0.60 of repeating the past, held 94 % of 95 % in trials",
    );
    expect(forecastWords([{ label: "in", forecast: refused }])).toBe("in: no forecast: needs 14 days, has 3 days");
    expect(forecastSentence("ratio", { label: "CPU", forecast: refused }, from)).toBe(
      "CPU: no forecast, needs 14 days, has 3 days",
    );
    expect(forecastSentence("ratio", { label: "CPU", forecast: given() }, from + day)).toMatch(
      /^CPU: expected 30.*% on .*, with 80 % certainty between 20.*% and 40.*%$/,
    );
  });
});
