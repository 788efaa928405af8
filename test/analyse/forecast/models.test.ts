import { describe, expect, it } from "vitest";
import { lagSets } from "../../../src/analyse/forecast/lag-sets.ts";
import type { Model } from "../../../src/analyse/forecast/model.ts";
import { autoregression } from "../../../src/analyse/forecast/models/autoregression.ts";
import { robustTrend } from "../../../src/analyse/forecast/models/robust-trend.ts";
import { runningProfile } from "../../../src/analyse/forecast/models/running-profile.ts";
import { seasonMeans } from "../../../src/analyse/forecast/models/season-means.ts";
import { seasonalNaive } from "../../../src/analyse/forecast/models/seasonal-naive.ts";
import { seasonalSmoothing } from "../../../src/analyse/forecast/models/seasonal-smoothing.ts";
import { theta } from "../../../src/analyse/forecast/models/theta.ts";
import { aSeries, meanMiss, randomFrom } from "./a-series.ts";

function run(model: Model, values: ArrayLike<number>, horizon: number, known?: Float64Array): number[] {
  const series = { values: Float64Array.from(values), known: known ?? new Float64Array(values.length).fill(1) };
  return [...(model.run(series, [values.length], horizon)[0] ?? [])];
}

const near = (values: readonly number[], digits = 6): number[] => values.map((value) => Number(value.toFixed(digits)));

describe("the methods on series whose future is known", () => {
  it("naive repeats the last season, from where it stands", () => {
    expect(run(seasonalNaive("", 3), [9, 1, 2, 3, 4], 5)).toEqual([2, 3, 4, 2, 3]);
    expect(run(seasonalNaive("", 1), [9, 1, 2], 2)).toEqual([2, 2]);
  });

  it("season means weigh the newest most", () => {
    expect(run(seasonMeans("", 2), [10, 0, 20, 0, 30, 0, 40, 7], 2)).toEqual([30, 2.8]);
    expect(run(seasonMeans("", 2), [5, 1, 30, 40], 1)).toEqual([(4 * 30 + 3 * 5) / 7]);
  });

  it("autoregression finds the recurrence x(t) = 1 + x(t−1) − 0.5·x(t−2)", () => {
    const values = [1, 4];
    const next = (): number => 1 + (values.at(-1) ?? 0) - 0.5 * (values.at(-2) ?? 0);
    const random = randomFrom(1);
    while (values.length < 300) values.push(next() + (values.length % 40 === 0 ? 5 * random() : 0));
    const truth: number[] = [];
    const forecast = run(autoregression({ name: "", lags: [1, 2], fadeSteps: 100 }), values, 6);
    for (let step = 0; step < 6; step++) {
      truth.push(next());
      values.push(next());
    }

    for (const [step, value] of truth.entries()) expect(Math.abs((forecast[step] ?? 0) - value)).toBeLessThan(0.02);
  });

  it("autoregression learns nothing from values that were filled in", () => {
    const wave = (length: number): number[] => Array.from({ length }, (_, t) => Math.sin(t / 3));
    const spoilt = wave(200).map((value, t) => (t >= 100 && t < 140 ? 0.9 : value));
    const known = Float64Array.from(spoilt, (value) => (value === 0.9 ? 0 : 1));
    const model = autoregression({ name: "", lags: [1, 2], fadeSteps: 100 });
    const miss = (forecast: number[]): number =>
      meanMiss(Float64Array.from(forecast), Float64Array.from(wave(220).slice(200)));

    expect(miss(run(model, spoilt, 20, known))).toBeLessThan(0.05);
    expect(miss(run(model, spoilt, 20))).toBeGreaterThan(0.05);
  });

  it("autoregression never leaves once the range beyond what was seen, however unstable the fit", () => {
    const exploding = Array.from({ length: 80 }, (_, t) => 1.1 ** t);
    const forecast = run(autoregression({ name: "", lags: [1], fadeSteps: 100 }), exploding, 500);

    expect(Math.max(...forecast)).toBeLessThan(2 * 1.1 ** 79);
  });

  it.each([
    ["smoothing", seasonalSmoothing("", [24, 168])],
    ["profile", runningProfile("", 168, [1, 2, 24])],
  ] as const)("%s goes on with a pure day and week", (_, model) => {
    const truth = aSeries({ length: 6 * 168 + 48, noise: 0 });

    expect(
      meanMiss(Float64Array.from(run(model, truth.subarray(0, 6 * 168), 48)), truth.subarray(6 * 168)),
    ).toBeLessThan(1);
  });

  it("smoothing without a season follows the level", () => {
    const steps = Array.from({ length: 60 }, (_, t) => (t < 30 ? 10 : 50));

    expect(run(seasonalSmoothing("", []), steps, 2).every((value) => Math.abs(value - 50) < 1)).toBe(true);
  });

  it("theta adds half of the trend, as Hyndman and Billah showed", () => {
    const line = Array.from({ length: 50 }, (_, t) => 3 + 2 * t);
    const forecast = run(theta("", 1), line, 3);

    expect(near([(forecast[1] ?? 0) - (forecast[0] ?? 0), (forecast[2] ?? 0) - (forecast[1] ?? 0)])).toEqual([1, 1]);
  });

  it("the robust trend goes through outliers unmoved", () => {
    const growing = Array.from({ length: 240 }, (_, t) => 1000 + 5 * t + (t % 24 === 7 ? 90_000 : 0));
    const forecast = run(robustTrend("", 1, 24), growing, 48);

    expect(Math.abs((forecast[0] ?? 0) - 2200)).toBeLessThan(6);
    expect(Math.abs((forecast[47] ?? 0) - 2435)).toBeLessThan(6);
  });
});

describe("the lags of the regressions", () => {
  it("lie around the newest values, the days and the week, ascending and without doubles", () => {
    const sets = lagSets([24, 168]);

    expect(sets["narrow"]).toEqual([1, 2, 3, 23, 24, 25, 48, 144, 167, 168, 169]);
    expect(sets["fortnight"]?.at(-1)).toBe(336);
    for (const seasons of [[], [7], [24], [2, 3], [24, 168], [96, 672]])
      for (const lags of Object.values(lagSets(seasons))) {
        expect(lags).toEqual([...new Set(lags)].sort((a, b) => a - b));
        expect(lags[0]).toBe(1);
      }
  });
});
