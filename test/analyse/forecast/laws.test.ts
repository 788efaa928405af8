import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combinedForecast } from "../../../src/analyse/forecast/forecast.ts";
import { modelPool } from "../../../src/analyse/forecast/pool.ts";
import type { Forecast, ForecastQuestion } from "../../../src/analyse/forecast/question.ts";
import { plain, spaceOf } from "../../../src/analyse/forecast/space.ts";
import { aSeries, meanOf, randomFrom } from "./a-series.ts";

const runs = { numRuns: 15 };

/** Hourly series of two to four weeks, with everything that a series may have. */
const anySeries = fc
  .record({
    length: fc.integer({ min: 340, max: 700 }),
    level: fc.double({ min: 150, max: 1e6, noNaN: true }),
    day: fc.double({ min: 0, max: 30, noNaN: true }),
    week: fc.double({ min: 0, max: 30, noNaN: true }),
    perStep: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
    noise: fc.double({ min: 0.1, max: 15, noNaN: true }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map((shape) => aSeries(shape));

const ask = (values: Float64Array, more: Partial<ForecastQuestion> = {}): Forecast => {
  const answer = combinedForecast({
    values,
    seasons: [24, 168],
    horizon: 72,
    levels: [0.5, 0.8, 0.95],
    kind: "open",
    ...more,
  });
  if (answer.none) throw new Error(answer.reason);
  return answer;
};

const everyNumber = ({ mean, bands }: Forecast): readonly number[] =>
  [mean, ...bands.flatMap(({ lower, upper }) => [lower, upper])].flatMap((values) => [...values]);

describe("laws of every forecast", () => {
  it("a series in another unit has the same forecast in that unit", () => {
    fc.assert(
      fc.property(anySeries, fc.constantFrom(0.001, 1 / 1024, 8, 1e6), (values, unit) => {
        const [one, other] = [ask(values), ask(values.map((value) => value * unit))];
        const size = Math.max(...values);
        for (const [place, value] of everyNumber(one).entries())
          expect(Math.abs((everyNumber(other)[place] ?? Number.NaN) / unit - value) / size).toBeLessThan(1e-3);
      }),
      runs,
    );
  });

  it("a value whose zero means nothing may be counted from another zero", () => {
    fc.assert(
      fc.property(anySeries, fc.constantFrom(-1e6, -300, 4096), (values, zero) => {
        const of = (series: Float64Array): readonly number[] => everyNumber(ask(series, { kind: "value" }));
        const [one, other] = [of(values), of(values.map((value) => value + zero))];
        const size = Math.max(...values) - Math.min(...values);
        for (const [place, value] of one.entries())
          expect(Math.abs((other[place] ?? Number.NaN) - zero - value) / size).toBeLessThan(1e-2);
      }),
      runs,
    );
  });

  it("intervals enclose the mean, and a higher level's enclose a lower one's", () => {
    fc.assert(
      fc.property(anySeries, (values) => {
        const { mean, bands } = ask(values);
        const inner = [{ lower: mean, upper: mean }, ...bands];
        for (const [place, { lower, upper }] of bands.entries())
          for (let step = 0; step < mean.length; step++) {
            expect(lower[step]).toBeLessThanOrEqual((inner[place]?.lower[step] ?? Number.NaN) + 1e-9);
            expect(upper[step]).toBeGreaterThanOrEqual((inner[place]?.upper[step] ?? Number.NaN) - 1e-9);
          }
      }),
      runs,
    );
  });

  it("intervals widen from day to day, also beyond what was tried", () => {
    fc.assert(
      fc.property(anySeries, (values) => {
        const { bands } = ask(values, { kind: "value", horizon: 480 });
        for (const { lower, upper } of bands) {
          const widths = upper.map((value, step) => value - (lower[step] ?? Number.NaN));
          for (let day = 1; day < 20; day++) {
            const [before, now] = [
              widths.subarray((day - 1) * 24, day * 24),
              widths.subarray(day * 24, (day + 1) * 24),
            ];
            expect(meanOf(now)).toBeGreaterThanOrEqual(meanOf(before) * (1 - 1e-9));
          }
        }
      }),
      runs,
    );
  });

  it("bounds are kept, and nothing is ever NaN or without end, whatever comes", () => {
    const anything = fc.array(
      fc.oneof(
        { weight: 12, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
        fc.constantFrom(0, 0, 1, Number.NaN, 1e90, -1e90, 5e-324, Number.POSITIVE_INFINITY),
      ),
      { minLength: 60, maxLength: 400 },
    );
    const kinds = fc.constantFrom("value", "open", "rate", "bytes", "ratio");
    fc.assert(
      fc.property(anything, kinds, fc.constantFrom([], [7], [12, 24]), (list, kind, seasons) => {
        const bounds = { min: -10, max: 20 };
        const values = Float64Array.from(list);
        const answer = combinedForecast({ values, seasons, horizon: 30, levels: [0.95], kind, bounds });
        if (answer.none) return;
        for (const value of everyNumber(answer)) expect(value >= -10 && value <= 20).toBe(true);
        const free = combinedForecast({ values, seasons, horizon: 30, levels: [0.95], kind });
        if (!free.none) expect(everyNumber(free).every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe("no method looks ahead", () => {
  const values = aSeries({ length: 800 });
  const known = new Float64Array(800).fill(1);
  const origins = [430, 478, 740];
  const random = randomFrom(3);
  const otherFuture = values.map((value, at) => (at < 478 ? value : 300 * random()));

  for (const space of [plain, spaceOf("rate", values, { min: 0, max: Number.POSITIVE_INFINITY })])
    it.each(modelPool([24, 168], space))(`$name, ${space.name}`, ({ run }) => {
      const forecasts = run({ values, known }, origins, 48);
      const others = run({ values: otherFuture, known }, origins, 48);

      expect(others.slice(0, 2)).toEqual(forecasts.slice(0, 2));
      expect(others[2]).not.toEqual(forecasts[2]);
    });
});
