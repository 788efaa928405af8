import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutAbsurd } from "../../../src/analyse/forecast/absurd-values.ts";
import { mixed, trialErrors, weightsOf } from "../../../src/analyse/forecast/combine.ts";
import { driftPerStep } from "../../../src/analyse/forecast/drift.ts";
import { planFolds } from "../../../src/analyse/forecast/folds.ts";
import { gridOf } from "../../../src/analyse/forecast/grid.ts";
import { naiveForecast } from "../../../src/analyse/forecast/naive-forecast.ts";
import { NormalEquations } from "../../../src/analyse/forecast/normal-equations.ts";
import { medianOf } from "../../../src/analyse/forecast/numbers.ts";
import { boundsOf, spaceOf } from "../../../src/analyse/forecast/space.ts";
import { endsOf, scaleFor, spreadOf } from "../../../src/analyse/forecast/spread.ts";
import { randomFrom } from "./a-series.ts";

const { NaN: gap } = Number;

describe("the trials", () => {
  it.each([
    [700, 48, [24, 168], [412, 460, 508, 556, 604, 652], 48],
    [720, 720, [24, 168], [360, 408, 456, 504, 552], 168],
    [336, 48, [24, 168], [240, 288], 48],
    [300, 13, [], [222, 235, 248, 261, 274, 287], 13],
    [40, 13, [], [10, 14, 18, 22, 26, 30], 10],
    [24, 48, [24], [], 24],
  ] as const)("of %d values for %d steps with seasons %j begin at %j", (length, horizon, seasons, origins, span) => {
    expect(planFolds(length, horizon, seasons)).toEqual({ origins, span });
  });

  it("end with the series, and learn from something first, whatever its length", () => {
    const seasons = fc.constantFrom([], [7], [24], [24, 168], [96, 672]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 900 }),
        seasons,
        (length, horizon, of) => {
          const { origins, span } = planFolds(length, horizon, of);
          expect(span).toBeGreaterThan(0);
          if (origins.length === 0) return;
          expect((origins.at(-1) ?? 0) + span).toBe(length);
          expect(origins[0]).toBeGreaterThan(of.at(-1) ?? 0);
        },
      ),
    );
  });
});

describe("the weights", () => {
  const trial = (forecasts: number[][], actual: number[], known = actual.map(() => 1)) => ({
    forecasts: forecasts.map((values) => Float64Array.from(values)),
    actual: Float64Array.from(actual),
    known: Float64Array.from(known),
  });

  it("fall with the fifth power of the error, and leave out what is below one in a hundred", () => {
    const [half, full, none] = weightsOf([[1, 2, 4]]);

    expect(half).toBeCloseTo(32 / 33);
    expect(full).toBeCloseTo(1 / 33);
    expect(none).toBe(0);
  });

  it("are shared by methods without any error, and are equal when all are alike", () => {
    expect(weightsOf([[0, 3, 0]])).toEqual([0.5, 0, 0.5]);
    expect(weightsOf([[2, 2, 2, 2]])).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it("can leave a trial out, and do not count what was not measured", () => {
    const trials = [
      trial(
        [
          [1, 9],
          [3, 3],
        ],
        [1, 3],
        [1, 0],
      ),
      trial(
        [
          [5, 5],
          [6, 6],
        ],
        [6, 6],
      ),
    ];

    expect(trialErrors(trials, "absolute")).toEqual([
      [0, 2],
      [1, 0],
    ]);
    expect(weightsOf(trialErrors(trials, "absolute"), 0)).toEqual([0, 1]);
    expect(trialErrors([trial([[3], [0]], [1])], "relative")).toEqual([[1, 2]]);
  });

  it("mix the forecasts", () => {
    expect([...mixed([Float64Array.of(1, 2), Float64Array.of(5, 6)], [0.75, 0.25])]).toEqual([2, 3]);
  });
});

describe("the spread", () => {
  it("finds the width of normal misses, and which hours are calm", () => {
    const random = randomFrom(2);
    const normal = (): number => Array.from({ length: 12 }, random).reduce((a, b) => a + b, -6);
    const misses = Array.from({ length: 60 }, () =>
      Float64Array.from({ length: 48 }, (_, hour) => normal() * (hour % 24 < 12 ? 1 : 3)),
    );
    const spread = spreadOf(misses, { season: 24, rounds: 60, drift: 0 });
    const [low, high] = endsOf(spread, 0.95);

    expect((spread.scale[18] ?? 0) / (spread.scale[6] ?? 1)).toBeGreaterThan(1.4);
    expect(high).toBeGreaterThan(1.8);
    expect(high).toBeLessThan(2.5);
    expect(Math.abs(low + high)).toBeLessThan(0.2);
  });

  it("widens the fewer trials it rests on, and by the drift beyond them", () => {
    const misses = [Float64Array.of(1, -1, 1, -1), Float64Array.of(-1, 1, -1, 1)];
    const of = (rounds: number, drift = 0) => spreadOf(misses, { season: 1, rounds, drift });
    const far = (drift: number): number => scaleFor(of(6, drift), 100, 1)[99] ?? 0;

    expect(endsOf(of(1), 0.9)[1]).toBeGreaterThan(1.2 * endsOf(of(6), 0.9)[1]);
    expect(far(0) / (of(6).scale[3] ?? 1)).toBeCloseTo((100 / 4) ** 0.25, 1);
    expect(far(0.04)).toBeCloseTo(Math.sqrt(far(0) ** 2 + 0.04 * 96), 6);
  });

  it("measures the drift of a random walk, and none of a steady season", () => {
    const random = randomFrom(4);
    let at = 0;
    const walk = Float64Array.from({ length: 4000 }, () => {
      at += random() < 0.5 ? -1 : 1;
      return at;
    });
    const steady = Float64Array.from({ length: 480 }, (_, hour) => hour % 24);

    expect(driftPerStep(walk, 1, 1)).toBeGreaterThan(0.2);
    expect(driftPerStep(walk, 1, 1)).toBeLessThan(5);
    expect(driftPerStep(steady, 24, 24)).toBe(0);
  });
});

describe("the sums behind it", () => {
  it("least squares give back the coefficients of exact rows, however they are weighed", () => {
    const equations = new NormalEquations(3);
    const random = randomFrom(9);
    for (let line = 0; line < 23; line++) {
      const [x, y] = [random(), 5 * random()];
      equations.add((row) => row.set([x, y, 1]), 2 * x - 3 * y + 7, random() + 0.1);
    }

    for (const [place, value] of [2, -3, 7].entries()) expect(equations.solve(0)[place]).toBeCloseTo(value, 5);
  });

  it("the median is the middle of what is sorted", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (list) => {
        const sorted = [...list].sort((a, b) => a - b);
        const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
        expect(medianOf(list)).toBe(low === high ? low : (low + high) / 2);
      }),
    );
  });

  it.each(["open", "rate", "bytes", "ratio"] as const)("the space of %s leads there and back, zeros too", (kind) => {
    const values = Float64Array.of(0, 0.1, 0.5, 0.6, 0.9, 1).subarray(kind === "open" ? 1 : 0);
    const { into, back, name } = spaceOf(kind, values, boundsOf(kind));

    expect(name).toBe(kind === "ratio" ? "logit" : "log");
    for (const value of values) expect(back(into(value))).toBeCloseTo(value, 9);
  });

  it("the grid bridges short gaps by a line and long ones by the day before, and tells what is missing at the end", () => {
    const short = gridOf(Float64Array.of(gap, 1, gap, gap, 4, gap), 1);
    const long = gridOf(Float64Array.of(1, 5, 1, 5, 1, 5, gap, gap, gap, gap, 1, 5), 2);

    expect([...short.series.values]).toEqual([1, 2, 3, 4]);
    expect([...short.series.known]).toEqual([1, 0, 0, 1]);
    expect(short.missingAtEnd).toBe(1);
    expect([...long.series.values]).toEqual([1, 5, 1, 5, 1, 5, 1, 5, 1, 5, 1, 5]);
  });

  it("only what is far beyond everything else is absurd", () => {
    const usual = Array.from({ length: 300 }, (_, hour) => 10 + (hour % 24) + (hour % 24 === 3 ? 200 : 0));
    const clean = withoutAbsurd(Float64Array.from([...usual, 1e7, Number.NEGATIVE_INFINITY]));

    expect([...clean]).toEqual([...usual, gap, gap]);
  });
});

describe("the naive stand-in", () => {
  const ask = (values: number[], seasons: number[] = []) =>
    naiveForecast({ values: Float64Array.from(values), seasons, horizon: 4, levels: [0.9], kind: "open" });

  it("takes the season that did best lately, and widens by its misses", () => {
    const found = ask([1, 9, 1, 9, 1, 9, 1, 9], [2]);

    expect([...(found?.mean ?? [])]).toEqual([1, 9, 1, 9]);
    expect([...(found?.bands[0]?.upper ?? [])]).toEqual([1, 9, 1, 9]);
    expect(ask([3, 4, 5, 4, 3])?.bands[0]?.upper[3]).toBe(5);
  });

  it("repeats a single value, and has nothing to say without one", () => {
    expect([...(ask([7])?.mean ?? [])]).toEqual([7, 7, 7, 7]);
    expect(ask([])).toBeUndefined();
    expect(ask([gap, gap])).toBeUndefined();
  });
});
