import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RateTracker } from "../../src/collect/rates.ts";

const unlimited = [Number.POSITIVE_INFINITY];
const unknown = Number.NaN;
const at = (s: number, value: number | undefined, uptimeS = s, node = "pve1") => ({
  node,
  ts: s * 1000,
  uptimeS,
  counters: Float64Array.of(value ?? Number.NaN),
});
/** The one counter's rate, undefined where there is none. */
function next(rates: RateTracker, sample: ReturnType<typeof at>, maxRates = unlimited): number | undefined {
  const found = new Float64Array(1);
  rates.next("g", sample, maxRates, found);
  return Number.isNaN(found[0]) ? undefined : found[0];
}

describe("the rate of a counter", () => {
  it("is its growth per second between two samples", () => {
    const rates = new RateTracker();
    next(rates, at(100, 5_000));

    expect(next(rates, at(110, 6_000))).toBe(100);
  });

  it("is not known at the first sample", () => {
    expect(next(new RateTracker(), at(100, 5_000))).toBeUndefined();
  });

  it("begins anew after a restart, and never goes below zero", () => {
    const rates = new RateTracker();
    next(rates, at(1_000, 9_000, 900));

    const atRestart = next(rates, at(1_010, 40, 4));

    expect(atRestart).toBe(10);
    expect(next(rates, at(1_020, 140, 14))).toBe(10);
  });

  it("says nothing for the interval of a live migration, whose length of life on the new node is unknown", () => {
    const rates = new RateTracker();
    next(rates, at(1_000, 9_000, 900));

    expect(next(rates, at(1_010, 100, unknown, "pve2"))).toBeUndefined();
    expect(next(rates, at(1_020, 200, unknown, "pve2"))).toBe(10);
  });

  it("takes a zero in the middle of a life for a reading that failed, and averages over it", () => {
    const rates = new RateTracker();
    next(rates, at(1_000, 1_000));

    expect(next(rates, at(1_010, 0))).toBeUndefined();
    expect(next(rates, at(1_020, 3_000))).toBe(100);
  });

  it("is zero for a counter that has always been zero", () => {
    const rates = new RateTracker();
    next(rates, at(1_000, 0));

    expect(next(rates, at(1_010, 0))).toBe(0);
  });

  it("does not reach across a gap of more than five periods", () => {
    const rates = new RateTracker();
    next(rates, at(1_000, 1_000));

    expect(next(rates, at(1_061, 9_000))).toBeUndefined();
    expect(next(rates, at(1_071, 9_100))).toBe(10);
  });

  it("drops and counts what no hardware can do", () => {
    const rates = new RateTracker();
    next(rates, at(1_000, 0), [1_000]);

    expect(next(rates, at(1_010, 1e9), [1_000])).toBeUndefined();
    expect(rates.suspect).toBe(1);
  });

  it("is never negative and never above its limit, whatever is read", () => {
    const sample = fc.record({
      dt: fc.integer({ min: -20, max: 100 }),
      value: fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }), { nil: undefined }),
      uptimeS: fc.option(fc.integer({ min: 0, max: 1e6 }), { nil: unknown }),
      node: fc.constantFrom("pve1", "pve2"),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
        const rates = new RateTracker();
        let s = 1_000;
        for (const { dt, value, uptimeS, node } of samples) {
          s += dt;
          const rate = next(rates, at(s, value, uptimeS, node), [1e9]);
          if (rate !== undefined && !(rate >= 0 && rate <= 1e9)) return false;
        }
        return true;
      }),
    );
  });
});
