import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aligned, drawnSeries, resolutionChanges, stretchesOf, summaryOf } from "../../src/web/graph/graph-data.ts";
import { parseRange, printRange } from "../../src/web/graph/range.ts";
import { resolutionWords } from "../../src/web/graph/resolution-words.ts";
import type { SeriesColumns } from "../../src/web/graph/series.ts";
import { axisTicks, axisTop } from "../../src/web/graph/units.ts";

interface Point {
  readonly s: number;
  readonly value?: number | null;
  readonly resolution?: number;
  readonly origin?: string;
}

const series = (points: readonly Point[]): SeriesColumns => ({
  id: "demo/node/pve1",
  field: "cpu_ratio",
  agg: "avg",
  time: points.map((point) => point.s * 1000),
  value: points.map((point) => (point.value === undefined ? 1 : point.value)),
  resolution_seconds: points.map((point) => point.resolution ?? 10),
  origin: points.map((point) => point.origin ?? "export"),
});

const coarse = [0, 1800, 3600].map((s) => ({ s, resolution: 1800, origin: "rrd-avg" }));
const fine = [3610, 3620, 3630].map((s) => ({ s }));

describe("what a graph draws", () => {
  it("leaves a gap where points are missing or null", () => {
    const drawn = drawnSeries(series([{ s: 0 }, { s: 10 }, { s: 60 }, { s: 70, value: null }, { s: 80 }]), 0);

    expect(drawn.fine.value).toEqual([1, 1, null, 1, null, 1]);
    expect(drawn.coarse.time).toEqual([]);
  });

  it("does not break at a poll that came a little late", () => {
    expect(drawnSeries(series([{ s: 0 }, { s: 12 }, { s: 33 }]), 0).fine.value).toEqual([1, 1, 1]);
  });

  it("never draws points of unlike resolution as one line", () => {
    const drawn = drawnSeries(series([...coarse, ...fine]), 0);

    expect(drawn.coarse.time.filter((_s, index) => drawn.coarse.value[index] !== null)).toEqual([0, 1800, 3600]);
    expect(drawn.fine.time.filter((_s, index) => drawn.fine.value[index] !== null)).toEqual([3610, 3620, 3630]);
    expect(resolutionChanges([drawn.stretches])).toEqual([3_610_000]);
  });

  it("takes all as equal once the asked step is the coarser", () => {
    const drawn = drawnSeries(series([...coarse, { s: 5400 }]), 1800);

    expect(drawn.coarse.time).toEqual([]);
  });

  it("draws every present value exactly once", () => {
    const points = fc.array(
      fc.record({
        gap: fc.integer({ min: 1, max: 100 }),
        resolution: fc.constantFrom(10, 60, 1800),
        value: fc.option(fc.double({ min: 0, max: 9, noNaN: true })),
      }),
    );
    fc.assert(
      fc.property(points, (list) => {
        let s = 0;
        const columns = series(
          list.map(({ gap, ...point }) => {
            s += gap;
            return { ...point, s };
          }),
        );
        const drawn = drawnSeries(columns, 0);
        const values = [...drawn.fine.value, ...drawn.coarse.value].filter((value) => value !== null);
        expect(values.sort()).toEqual(columns.value.filter((value) => value !== null).sort());
      }),
    );
  });

  it("lines up lines of unlike times without inventing gaps", () => {
    const { time, values } = aligned([
      { time: [1, 2], value: [5, null] },
      { time: [2, 3], value: [7, 8] },
    ]);

    expect(time).toEqual([1, 2, 3]);
    expect(values).toEqual([
      [5, null, undefined],
      [undefined, 7, 8],
    ]);
  });
});

describe("what stands under a graph", () => {
  const words = (points: readonly Point[], step = 0): string =>
    resolutionWords(stretchesOf(series(points), step), "avg", 10);

  it("names samples, averages, and PVE's RRD", () => {
    expect(words(fine)).toBe("10 s samples");
    expect(words(fine, 300)).toBe("5-minute averages of 10 s samples");
    expect(words(coarse)).toBe("30-minute averages from PVE's RRD");
    expect(words([])).toBe("");
  });

  it("says where one ends and the other begins", () => {
    expect(words([...coarse, ...fine])).toMatch(/^30-minute averages from PVE's RRD until .+, then 10 s samples$/);
  });
});

it("weighs the mean by the time that points stand for", () => {
  const summary = summaryOf(
    series([
      { s: 0, value: 1, resolution: 90 },
      { s: 90, value: 11, resolution: 10 },
      { s: 100, value: null },
    ]),
  );

  expect(summary).toMatchObject({ mean: 2, lowest: 1, highest: 11, last: 11, lastMs: 90_000 });
  expect(summaryOf(series([]))).toBeNull();
});

it("axes end on a round step at or above the largest value", () => {
  expect(axisTop("bytes", 16 * 2 ** 30)).toBe(16 * 2 ** 30);
  expect(axisTop("ratio", 0.004)).toBeCloseTo(0.1);
  fc.assert(
    fc.property(
      fc.constantFrom("ratio", "bytes", "bytes_per_second", "percent", "number" as const),
      fc.double({ min: 0, max: 1e15, noNaN: true }),
      (unit, highest) => {
        const top = axisTop(unit, highest);
        expect(top).toBeGreaterThanOrEqual(highest * (1 - 1e-9));
        expect(axisTicks(unit, top).length).toBeLessThanOrEqual(6);
      },
    ),
  );
});

it("a time range survives being printed into an address and read again", () => {
  const ranges = [
    { preset: "day" } as const,
    { preset: "hour" } as const,
    { preset: null, fromMs: 1_763_000_000_000, toMs: 1_763_000_600_000 } as const,
  ];
  for (const range of ranges) {
    const query = new URLSearchParams(
      Object.entries(printRange(range)).filter((entry): entry is [string, string] => entry[1] !== null),
    );
    expect(parseRange(query)).toEqual(range);
  }
});
