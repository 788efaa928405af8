// Pure parts of a query: stretches of a range, windows, fill, and what is read for a function.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LimitError } from "../../../src/lib/errors.ts";
import { filled } from "../../../src/serve/influxql/fill.ts";
import { planLeaf, type Shape } from "../../../src/serve/influxql/leaf-plan.ts";
import type { Aggregate, AggregateName } from "../../../src/serve/influxql/query.ts";
import { hourMs, stretchesOf, wholeRange } from "../../../src/serve/influxql/stretches.ts";
import { boundsOfWindows, type Windows } from "../../../src/serve/influxql/windows.ts";

const dayMs = 86_400_000;

describe("stretches", () => {
  const steps = fc.constantFrom(
    [0],
    [300_000, 0],
    [3_600_000, 300_000, 0],
    [wholeRange, 3_600_000, 300_000, 0],
    [1_800_000, 300_000, 0],
  );

  it("cover the range once, in order, and begin and end on their steps", () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 1e9 }), steps, (fromMs, length, chosen) => {
        const stretches = stretchesOf(fromMs, fromMs + length, chosen);
        let at = fromMs;
        for (const stretch of stretches) {
          expect(stretch.fromMs).toBe(at);
          at = stretch.toMs;
          const align = stretch.stepMs === wholeRange ? hourMs : stretch.stepMs || 1;
          expect([stretch.fromMs % align, stretch.toMs % align]).toEqual([0, 0]);
        }
        expect(at).toBe(fromMs + length);
      }),
    );
  });
});

describe("windows", () => {
  it("take every point once", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { maxLength: 40 }), fc.integer({ min: 1, max: 3_000 }), (times, widthMs) => {
        const timeMs = times.sort((a, b) => a - b);
        const windows: Windows = { fromMs: 0, toMs: 10_001, widthMs, firstMs: 0, count: Math.ceil(10_001 / widthMs) };
        const bounds = boundsOfWindows(windows, timeMs);
        expect(bounds.flatMap(([from, to]) => timeMs.slice(from, to))).toEqual(timeMs);
        for (const [index, [from, to]] of bounds.entries())
          for (const ms of timeMs.slice(from, to)) expect(Math.floor(ms / widthMs)).toBe(index);
      }),
    );
  });
});

describe("fill", () => {
  it("puts what is said into gaps and nothing else", () => {
    const gaps = [null, 1, null, null, 4, null];

    expect(filled(gaps, "null")).toEqual(gaps);
    expect(filled(gaps, 0)).toEqual([0, 1, 0, 0, 4, 0]);
    expect(filled(gaps, "previous")).toEqual([null, 1, 1, 1, 4, 4]);
    expect(filled(gaps, "linear")).toEqual([null, 1, 2, 3, 4, null]);
  });
});

describe("what is read for a function", () => {
  const leaf = (name: AggregateName): Aggregate => ({ type: "aggregate", name, field: "cpu_ratio", percent: null });
  const shape = (days: number, series: number, widthMs: number | null, isEachAlone = true): Shape => ({
    windows: {
      fromMs: 0,
      toMs: days * dayMs,
      widthMs,
      firstMs: 0,
      count: widthMs === null ? 1 : (days * dayMs) / widthMs,
    },
    offsetMs: 0,
    series,
    isEachAlone,
  });

  it("is the store's own window where it has it", () => {
    expect(planLeaf(leaf("mean"), shape(7, 100, 1_800_000))).toMatchObject({
      aggregation: "avg",
      stretches: [{ stepMs: 1_800_000 }],
    });
  });

  it("is fine enough that several things in a group weigh alike, as far as that is affordable", () => {
    expect(planLeaf(leaf("mean"), shape(1, 30, hourMs, false))).toMatchObject({ stretches: [{ stepMs: 300_000 }] });
    expect(planLeaf(leaf("mean"), shape(30, 500, hourMs, false))).toMatchObject({ stretches: [{ stepMs: hourMs }] });
  });

  it("is every sample, or percentiles of the store, or averages with a note", () => {
    expect(planLeaf(leaf("percentile"), shape(1, 10, null))).toMatchObject({
      type: "points",
      stretches: [{ stepMs: 0 }],
      note: null,
    });
    expect(planLeaf(leaf("percentile"), shape(30, 100, null))).toMatchObject({ type: "quantiles" });
    expect(planLeaf(leaf("percentile"), shape(30, 100, hourMs))).toMatchObject({
      note: "percentile() ranks averages of 60 minutes here, not samples, so that its peaks are lower.",
    });
  });

  it("is refused when it is too much", () => {
    expect(() => planLeaf(leaf("sum"), shape(30, 100, hourMs))).toThrow(LimitError);
    expect(() => planLeaf(leaf("mean"), shape(365, 2_000, hourMs))).toThrow(LimitError);
    expect(() => planLeaf(leaf("median"), shape(365, 2_000, hourMs))).toThrow(LimitError);
  });
});
