import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hourStatistics, maskedPercentile, sumOfHours } from "../../../src/analyse/usage/hour-statistics.ts";
import { weekMask } from "../../../src/analyse/usage/week-hours.ts";
import { defaultBusinessHours, type WeekHours } from "../../../src/model/analysis-settings.ts";

const hourMs = 3_600_000;
/** 2026-01-05 was a Monday. */
const monday = Date.UTC(2026, 0, 5);
const hours = (count: number, fromMs = monday) => ({ fromMs, count });
const marked = (mask: Uint8Array): number[] => [...mask].flatMap((value, hour) => (value === 1 ? [hour] : []));

describe("Business hours", () => {
  it("are those of the zone, in winter and in summer", () => {
    const winter = weekMask(hours(24), [defaultBusinessHours], "Europe/Vienna");
    const summer = weekMask(hours(24, Date.UTC(2026, 6, 6)), [defaultBusinessHours], "Europe/Vienna");

    expect(marked(winter)).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(marked(summer)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });

  it("leave out the weekend", () => {
    const mask = weekMask(hours(168), [defaultBusinessHours], "UTC");

    expect(marked(mask)).toHaveLength(50);
    expect(marked(mask).every((hour) => hour < 5 * 24)).toBe(true);
  });

  it("that pass midnight belong to the day on which they begin", () => {
    const night: WeekHours = { days: ["sun"], fromMinute: 22 * 60, toMinute: 2 * 60 };

    expect(marked(weekMask(hours(168), [night], "UTC"))).toEqual([0, 1, 166, 167]);
  });
});

describe("Statistics of hours", () => {
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: 0, max: 1e15, noNaN: true }) },
    fc.constant(Number.NaN),
  );
  const column = fc.array(value, { maxLength: 200 }).map((values) => Float64Array.from(values));

  it("lie within the least and the greatest value, and percentiles grow", () => {
    fc.assert(
      fc.property(column, (values) => {
        const known = [...values].filter((one) => !Number.isNaN(one));
        const found = hourStatistics(values);
        expect(found === undefined).toBe(known.length === 0);
        if (found === undefined) return;
        const { avg, p50, p95, p99, max } = found;
        for (const one of [avg, p50, p95, p99, max]) {
          expect(one).toBeGreaterThanOrEqual(Math.min(...known));
          expect(one).toBeLessThanOrEqual(Math.max(...known));
        }
        expect(p50).toBeLessThanOrEqual(p95);
        expect(p95).toBeLessThanOrEqual(p99);
        expect(p99).toBeLessThanOrEqual(max);
      }),
    );
  });

  it("do not change when unknown hours are added", () => {
    fc.assert(
      fc.property(column, fc.nat(50), (values, gaps) => {
        const longer = Float64Array.from([...values, ...Array<number>(gaps).fill(Number.NaN)]);
        expect(hourStatistics(longer)).toEqual(hourStatistics(values));
        expect(sumOfHours(longer)).toBe(sumOfHours(values));
      }),
    );
  });

  it("of marked hours leave out the others", () => {
    const values = Float64Array.of(1, 2, 3, 100, Number.NaN);

    expect(maskedPercentile(values, Uint8Array.of(1, 1, 1, 0, 1), 0.95)).toBe(3);
    expect(maskedPercentile(values, Uint8Array.of(0, 0, 0, 0, 1), 0.95)).toBeUndefined();
  });

  it("are by nearest rank: a value that was measured", () => {
    expect(hourStatistics(Float64Array.from({ length: 100 }, (_, n) => n + 1))).toEqual({
      avg: 50.5,
      p50: 50,
      p95: 95,
      p99: 99,
      max: 100,
      known: 100,
    });
  });

  it("of an hour count its middle, so that half hours of a zone do not matter", () => {
    const mask = weekMask({ fromMs: monday, count: 24 }, [defaultBusinessHours], "Asia/Kolkata");

    // 8:00 to 18:00 there is 2:30 to 12:30 here.
    expect(marked(mask)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(mask[Math.floor((12.75 * hourMs) / hourMs)]).toBe(0);
  });
});
