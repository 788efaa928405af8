import { describe, expect, it } from "vitest";
import { combinedForecast, forecast } from "../../../src/analyse/forecast/forecast.ts";
import type { Forecast, ForecastQuestion, NoForecast } from "../../../src/analyse/forecast/question.ts";
import { aSeries, meanMiss, meanOf, randomFrom } from "./a-series.ts";

const hourly = { stepS: 3600, horizon: 48, levels: [0.8, 0.95], kind: "rate" } as const;
const ask = (values: Float64Array, more: Partial<ForecastQuestion> = {}): Forecast | NoForecast =>
  forecast({ ...hourly, values, ...more });

function given(answer: Forecast | NoForecast): Forecast {
  if (answer.none) throw new Error(`no forecast: ${answer.reason}`);
  return answer;
}

describe("a forecast", () => {
  it("follows day and week, and says by how much it beats repeating the past", () => {
    const series = aSeries({ length: 28 * 24 + 48 });
    const { mean, backtest } = given(ask(series.subarray(0, 28 * 24)));

    expect(meanMiss(mean, series.subarray(28 * 24))).toBeLessThan(2.6);
    expect(backtest.error).toBeLessThan(0.9 * backtest.naiveError);
    expect(backtest).toMatchObject({ trials: 6, span: 48, naive: "naive-168" });
  });

  it("holds about as much of the truth in its intervals as they promise, by the trials and in fact", () => {
    let [held, told, steps] = [0, 0, 0];
    for (let seed = 1; seed <= 12; seed++) {
      const series = aSeries({ length: 30 * 24 + 48, seed, noise: 4 });
      const { bands, backtest } = given(ask(series.subarray(0, 30 * 24)));
      const [, band] = bands;
      told += backtest.coverage / 12;
      for (const [step, value] of series.subarray(30 * 24).entries()) {
        steps++;
        if (value >= (band?.lower[step] ?? Number.NaN) && value <= (band?.upper[step] ?? Number.NaN)) held++;
      }
    }

    expect(held / steps).toBeGreaterThan(0.92);
    expect(held / steps).toBeLessThan(0.99);
    expect(told).toBeGreaterThan(0.9);
    expect(told).toBeLessThan(0.99);
  });

  it("takes the same answer from what was learnt before", () => {
    const values = aSeries({ length: 20 * 24 });
    const first = given(ask(values));

    expect(given(ask(values, { trained: structuredClone(first.trained) }))).toEqual(first);
  });

  it("learns anew when a series changes its nature", () => {
    const values = aSeries({ length: 20 * 24 });
    const { trained } = given(ask(values));
    const withNegatives = values.map((value) => value - 200);

    expect(given(ask(withNegatives, { trained })).trained.space).toBe("plain");
  });

  it("finds the seasons by itself: a day and a week where they are, none in noise", () => {
    const random = randomFrom(5);
    const noise = Float64Array.from({ length: 480 }, () => 10 + random());

    expect(given(ask(aSeries({ length: 28 * 24 }))).trained.seasons).toEqual([24, 168]);
    expect(combinedForecast({ ...hourly, values: noise })).toMatchObject({ trained: { seasons: [] } });
  });

  it("takes 15-minute steps and days, too", () => {
    const quarters = Float64Array.from(aSeries({ length: 21 * 24 }), (value) => value);
    const fine = Float64Array.from({ length: 4 * quarters.length }, (_, at) => quarters[at >> 2] ?? 0);
    const days = Float64Array.from({ length: 90 }, (_, at) => 50 + (at % 7 < 5 ? 30 : 0) + 3 * Math.sin(at * at));

    expect(given(ask(fine, { stepS: 900, horizon: 96 })).trained.seasons).toEqual([96, 672]);
    expect(given(ask(days, { stepS: 86_400, horizon: 180 })).mean).toHaveLength(180);
  });
});

describe("a forecast of a growing storage", () => {
  const growing = (length: number, seed = 3): Float64Array =>
    aSeries({ length, level: 1e12, day: 0, week: 0, perStep: 4e8, noise: 1e9, seed });

  it("goes on growing", () => {
    const truth = growing(60 * 24);
    const { mean, bands } = given(ask(truth.subarray(0, 30 * 24), { horizon: 30 * 24, kind: "bytes", levels: [0.95] }));
    const [{ lower, upper } = { lower: mean, upper: mean }] = bands;

    const end = truth.at(-1) ?? 0;
    expect(Math.abs((mean.at(-1) ?? 0) - end) / end).toBeLessThan(0.05);
    expect(lower.at(-1)).toBeLessThan(end);
    expect(upper.at(-1)).toBeGreaterThan(end);
  });
});

describe("a level shift", () => {
  const shifted = (by: number): Float64Array =>
    aSeries({ length: 28 * 24 }).map((value, hour) => (hour >= 20 * 24 + 9 ? value + by : value));

  it("does not become a trend, whether it is known or shows by itself", () => {
    const values = shifted(60);
    const known = given(ask(values, { breaks: [20 * 24 + 9] }));
    const noticed = given(ask(values));
    const level = meanOf(values.subarray(21 * 24));

    for (const { mean, levelShifts } of [known, noticed]) {
      expect(levelShifts).toHaveLength(1);
      expect(levelShifts[0]?.at).toBe(20 * 24 + 9);
      expect(Math.abs((levelShifts[0]?.by ?? 0) - 60)).toBeLessThan(10);
      expect(Math.abs(meanOf(mean) - level)).toBeLessThan(0.05 * level + 12);
    }
    const far = given(ask(values, { horizon: 21 * 24 })).mean;
    expect(Math.abs(meanOf(far.subarray(14 * 24)) - level)).toBeLessThan(6);
  });

  it("on record that moved nothing takes nothing of a trend", () => {
    const rising = aSeries({ length: 42 * 24, day: 5, week: 0, perStep: 0.1 });
    const breaks = [14, 21, 28, 35].map((day) => day * 24);
    const { mean, levelShifts } = given(ask(rising, { breaks, horizon: 14 * 24 }));

    expect(levelShifts.every(({ by }) => Math.abs(by) < 5)).toBe(true);
    // Another fortnight rises by 34.
    expect(meanOf(mean.subarray(-24)) - meanOf(rising.subarray(-24))).toBeGreaterThan(24);
  });

  it("is not seen in a steady rise, nor in weekends", () => {
    const rising = aSeries({ length: 28 * 24, perStep: 0.1 });
    const weekends = aSeries({ length: 28 * 24, week: 80, noise: 1 });

    expect(given(ask(rising)).levelShifts).toEqual([]);
    expect(given(ask(weekends)).levelShifts).toEqual([]);
  });
});

describe("what cannot be forecast", () => {
  const constant = new Float64Array(720).fill(7);
  const gappy = aSeries({ length: 720 }).map((value, hour) => (hour % 5 < 3 ? Number.NaN : value));
  it.each([
    ["no_data", "has no values", new Float64Array(), {}],
    ["no_data", "has no values", new Float64Array(500).fill(Number.NaN), {}],
    ["too_short", "needs 14 days, has 3 days", aSeries({ length: 72 }), {}],
    ["too_short", "needs 14 days, has 1 hour", Float64Array.of(4), {}],
    ["too_short", "needs 336 values, has 72 values", aSeries({ length: 72 }), { seasons: [24, 168], stepS: 0 }],
    ["constant", "is constant: every value is 7", constant, {}],
    ["too_sparse", "needs half of its values, has 40 %", gappy, {}],
  ] as const)("%s: %s", (code, reason, values, more) => {
    const { stepS, ...rest } = { ...hourly, ...more };

    expect(forecast({ ...rest, ...(stepS === 0 ? {} : { stepS }), values })).toEqual({ none: true, code, reason });
  });

  it("includes most random walks: nothing beats their last value, and the reason gives the evidence", () => {
    const answers = Array.from({ length: 20 }, (_, seed) => ask(aWalk(seed + 1)));
    const reasons = answers.flatMap((answer) => (answer.none ? [answer.reason] : []));

    expect(reasons.length).toBeGreaterThanOrEqual(12);
    for (const reason of reasons)
      expect(reason).toMatch(
        /^does not beat repeating the last (value|\d+ values): mean error [\d.]+ against [\d.]+, better in \d of 6 trials$/,
      );
  });
});

function aWalk(seed: number): Float64Array {
  const random = randomFrom(seed);
  let at = 1000;
  return Float64Array.from({ length: 720 }, () => {
    at += random() + random() - 1;
    return at;
  });
}

describe("bad values", () => {
  const allFinite = (answer: Forecast): boolean =>
    [answer.mean, ...answer.bands.flatMap(({ lower, upper }) => [lower, upper])].every((values) =>
      values.every(Number.isFinite),
    );

  it("bridges gaps, short and long, and does not take what was filled for a measurement", () => {
    const values = aSeries({ length: 28 * 24 + 48 });
    const holes = values
      .subarray(0, 28 * 24)
      .map((value, hour) => (hour % 50 < 2 || (hour > 300 && hour < 340) ? Number.NaN : value));
    const answer = given(ask(holes));

    expect(allFinite(answer)).toBe(true);
    expect(meanMiss(answer.mean, values.subarray(28 * 24))).toBeLessThan(3);
  });

  it("forecasts from the end of the grid when the newest values are missing", () => {
    const values = aSeries({ length: 28 * 24 + 60 });
    const missing = values.subarray(0, 28 * 24 + 12).map((value, hour) => (hour < 28 * 24 ? value : Number.NaN));
    const { mean } = given(ask(missing));

    expect(mean).toHaveLength(48);
    expect(meanMiss(mean, values.subarray(28 * 24 + 12))).toBeLessThan(3);
  });

  it("lives with zeros, negative values and absurd ones", () => {
    const zeros = aSeries({ length: 720, level: 20, noise: 4 }).map((value) => Math.max(0, value - 10));
    const negative = aSeries({ length: 720, level: -500 });
    const absurd = aSeries({ length: 720 }).map((value, hour) =>
      hour === 300 ? Number.POSITIVE_INFINITY : hour === 400 ? 1e200 : hour === 500 ? 1e9 : value,
    );

    const [fromZeros, fromNegative, fromAbsurd] = [ask(zeros), ask(negative, { kind: "open" }), ask(absurd)].map(given);
    expect(fromZeros?.mean.every((value) => value >= 0)).toBe(true);
    expect(Math.abs(meanOf(fromNegative?.mean ?? new Float64Array()) + 490)).toBeLessThan(25);
    expect(Math.abs(meanOf(fromAbsurd?.mean ?? new Float64Array()) - 108)).toBeLessThan(20);
    expect([fromZeros, fromNegative, fromAbsurd].every((answer) => answer !== undefined && allFinite(answer))).toBe(
      true,
    );
  });

  it("keeps a ratio between 0 and 1, and anything within the bounds it is given", () => {
    const share = aSeries({ length: 720, level: 0.85, day: 0.12, week: 0.02, noise: 0.02 }).map((value) =>
      Math.min(1, value),
    );
    const ratio = given(ask(share, { kind: "ratio", horizon: 336 }));
    const capped = given(ask(aSeries({ length: 720 }), { kind: "bytes", bounds: { min: 95, max: 115 } }));

    for (const { bands } of [ratio]) for (const { upper } of bands) expect(Math.max(...upper)).toBeLessThanOrEqual(1);
    expect(Math.min(...(capped.bands[1]?.lower ?? []), ...capped.mean)).toBe(95);
    expect(Math.max(...(capped.bands[1]?.upper ?? []), ...capped.mean)).toBe(115);
  });
});
