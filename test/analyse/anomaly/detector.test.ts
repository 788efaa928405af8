import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnomalyDetector, alarmScore } from "../../../src/analyse/anomaly/index.ts";
import { createRandom } from "../../../src/simulator/random.ts";
import { changed, dayMs, minuteMs, monday, scoresOf, seriesOf, wave } from "./series-of.ts";

const anyValue = fc.oneof(
  fc.double(),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e308, -1e308, 1e60, 5e-324, 0),
);
const anyRows = fc.array(fc.tuple(fc.integer({ min: -1e12, max: 4e12 }), anyValue), { maxLength: 400 });

/** Noise with now and then a spike, as long as asked. */
function spiky(seed: number, rows: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: rows }, (_, row) => {
    const spike = random.next() < 0.01 ? random.between(5, 50) : 0;
    return Math.sin(row / 45) + random.next() + random.next() + spike;
  });
}

describe("the score of a row", () => {
  it("is a number from 0 to 1, whatever comes in whatever order", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const detector = new AnomalyDetector();
        for (const [atMs, value] of rows) {
          const score = detector.next(atMs, value);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("does not change when rows are added: nothing looks ahead", () => {
    fc.assert(
      fc.property(anyRows, fc.nat({ max: 400 }), (rows, cut) => {
        const all = new AnomalyDetector();
        const some = new AnomalyDetector();
        const scores = rows.map(([atMs, value]) => all.next(atMs, value));
        const prefix = rows.slice(0, cut).map(([atMs, value]) => some.next(atMs, value));
        expect(prefix).toEqual(scores.slice(0, cut));
      }),
    );
  });

  it("is the same in another unit and from another zero", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        fc.double({ min: -1e4, max: 1e4, noNaN: true }),
        (seed, scale, shift) => {
          const values = spiky(seed, 900);
          const plain = scoresOf(seriesOf(900, (row) => values[row] ?? 0));
          const other = scoresOf(seriesOf(900, (row) => scale * ((values[row] ?? 0) + shift)));
          for (const [row, score] of plain.entries()) expect(other[row]).toBeCloseTo(score, 4);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("is 0 for a missing value, which leaves no trace", () => {
    const series = wave(9);
    const holes = (row: number) => row % 7 === 3;
    const full = scoresOf(changed(series, (value, row) => (holes(row) ? Number.NaN : value)));
    expect(full.filter((_, row) => holes(row)).every((score) => score === 0)).toBe(true);
    const without = new AnomalyDetector();
    for (const [row, atMs] of series.times.entries()) {
      if (!holes(row)) expect(without.next(atMs, series.values[row] ?? 0)).toBe(full[row]);
    }
  });

  it("is 0 for ever while a value stands still, and high when it moves for the first time", () => {
    const scores = scoresOf(seriesOf(2000, (row) => (row === 1900 ? 7 : 5)));
    expect(Math.max(...scores.subarray(0, 1900))).toBe(0);
    expect(scores[1900]).toBeGreaterThan(alarmScore);
  });
});

describe("the detector", () => {
  const quiet = wave(28);
  const noon = 20 * 288 + 144;

  it("takes a daily wave for usual once it has seen some days of it", () => {
    const scores = scoresOf(quiet);
    expect(scores.subarray(7 * 288).filter((score) => score >= alarmScore)).toHaveLength(0);
  });

  it("sees a value of noon as unusual when it comes at night", () => {
    const scores = scoresOf(changed(quiet, (value, row) => (row === 20 * 288 + 216 ? 59 : value)));
    expect(scores[20 * 288 + 216]).toBeGreaterThan(alarmScore);
  });

  it("says once what lasts", () => {
    const scores = scoresOf(changed(quiet, (value, row) => (row >= noon && row < noon + 60 ? value + 40 : value)));
    const alarms = [...scores.keys()].filter((row) => row > 7 * 288 && (scores[row] ?? 0) >= alarmScore);
    expect(alarms[0]).toBe(noon);
    expect(alarms.length).toBeLessThanOrEqual(3);
  });

  it("takes a spike that comes every few hours for usual after ten days", () => {
    const began = 10 * 288;
    const scores = scoresOf(
      changed(quiet, (value, row) => (row >= began && (row - began) % 61 === 0 ? value + 30 : value)),
    );
    expect(scores[began]).toBeGreaterThan(alarmScore);
    expect(Math.max(...scores.subarray(began + 10 * 288))).toBeLessThan(alarmScore);
  });

  it("notices a value that stops moving", () => {
    const scores = scoresOf(changed(quiet, (value, row) => (row >= noon && row < noon + 100 ? 60 : value)));
    expect(Math.max(...scores.subarray(noon, noon + 60))).toBeGreaterThan(alarmScore);
  });

  it("tells what is unusual, and the range that would not have been", () => {
    const detector = new AnomalyDetector();
    for (const [row, atMs] of quiet.times.subarray(0, noon).entries()) detector.next(atMs, quiet.values[row] ?? 0);
    detector.next(quiet.times[noon] ?? 0, 95);
    const { reason, low, high, expected, score } = detector.verdict();
    expect(["value", "jump"]).toContain(reason);
    expect(score).toBeGreaterThan(alarmScore);
    expect(expected).toBeGreaterThan(47);
    expect(expected).toBeLessThan(53);
    expect(low).toBeLessThan(expected ?? 0);
    expect(high).toBeGreaterThan(expected ?? 0);
    expect(high).toBeLessThan(70);
  });

  it("works on a bill of one row a day", () => {
    const random = createRandom(4);
    const scores = scoresOf(seriesOf(120, (day) => 100 + random.between(-4, 4) + (day === 100 ? 90 : 0), dayMs));
    expect(scores.findLastIndex((score) => score >= alarmScore)).toBe(100);
  });

  it("is not upset by a clock that goes back", () => {
    const scores = new AnomalyDetector();
    for (let row = 0; row < 3000; row++) {
      const atMs = monday + (row % 288 === 100 ? row - 12 : row) * 5 * minuteMs;
      expect(scores.next(atMs, Math.sin((row / 288) * 2 * Math.PI) * 10)).toBeLessThan(row < 600 ? 1 : 0.6);
    }
  });
});
