import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RateTracker } from "../../src/collect/rates.ts";

const unlimited = [Number.POSITIVE_INFINITY];
const at = (s: number, value: number | undefined, uptimeS: number | undefined = s, node = "pve1") => ({
  node,
  ts: s * 1000,
  uptimeS,
  counters: [value],
});

describe("the rate of a counter", () => {
  it("is its growth per second between two samples", () => {
    const rates = new RateTracker();
    rates.next("g", at(100, 5_000), unlimited);

    expect(rates.next("g", at(110, 6_000), unlimited)).toEqual([100]);
  });

  it("is not known at the first sample", () => {
    expect(new RateTracker().next("g", at(100, 5_000), unlimited)).toEqual([]);
  });

  it("begins anew after a restart, and never goes below zero", () => {
    const rates = new RateTracker();
    rates.next("g", at(1_000, 9_000, 900), unlimited);

    const atRestart = rates.next("g", at(1_010, 40, 4), unlimited);

    expect(atRestart).toEqual([10]);
    expect(rates.next("g", at(1_020, 140, 14), unlimited)).toEqual([10]);
  });

  it("says nothing for the interval of a live migration, whose length of life on the new node is unknown", () => {
    const rates = new RateTracker();
    rates.next("g", at(1_000, 9_000, 900), unlimited);

    expect(rates.next("g", at(1_010, 100, undefined, "pve2"), unlimited)).toEqual([]);
    expect(rates.next("g", at(1_020, 200, undefined, "pve2"), unlimited)).toEqual([10]);
  });

  it("takes a zero in the middle of a life for a reading that failed, and averages over it", () => {
    const rates = new RateTracker();
    rates.next("g", at(1_000, 1_000), unlimited);

    expect(rates.next("g", at(1_010, 0), unlimited)).toEqual([undefined]);
    expect(rates.next("g", at(1_020, 3_000), unlimited)).toEqual([100]);
  });

  it("is zero for a counter that has always been zero", () => {
    const rates = new RateTracker();
    rates.next("g", at(1_000, 0), unlimited);

    expect(rates.next("g", at(1_010, 0), unlimited)).toEqual([0]);
  });

  it("does not reach across a gap of more than five periods", () => {
    const rates = new RateTracker();
    rates.next("g", at(1_000, 1_000), unlimited);

    expect(rates.next("g", at(1_061, 9_000), unlimited)).toEqual([undefined]);
    expect(rates.next("g", at(1_071, 9_100), unlimited)).toEqual([10]);
  });

  it("drops and counts what no hardware can do", () => {
    const rates = new RateTracker();
    rates.next("g", at(1_000, 0), [1_000]);

    expect(rates.next("g", at(1_010, 1e9), [1_000])).toEqual([undefined]);
    expect(rates.suspect).toBe(1);
  });

  it("is never negative and never above its limit, whatever is read", () => {
    const sample = fc.record({
      dt: fc.integer({ min: -20, max: 100 }),
      value: fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }), { nil: undefined }),
      uptimeS: fc.option(fc.integer({ min: 0, max: 1e6 }), { nil: undefined }),
      node: fc.constantFrom("pve1", "pve2"),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
        const rates = new RateTracker();
        let s = 1_000;
        for (const { dt, value, uptimeS, node } of samples) {
          s += dt;
          for (const rate of rates.next("g", at(s, value, uptimeS, node), [1e9])) {
            if (rate !== undefined && !(rate >= 0 && rate <= 1e9)) return false;
          }
        }
        return true;
      }),
    );
  });
});
