import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { availabilityOf, outagesOf, type WatchedTime } from "../../../src/analyse/usage/availability.ts";
import { finePerHour, hoursWithLostNode, watchedShare } from "../../../src/analyse/usage/known-time.ts";

const nan = Number.NaN;
const sum = (values: Float64Array): number => values.reduce((all, value) => all + value, 0);

/** Hours that were watched throughout, with all nodes there. */
function calm(hours: number, more: Partial<WatchedTime> = {}): WatchedTime {
  return {
    watchedShare: new Float64Array(hours).fill(1),
    watched: new Uint8Array(hours * finePerHour).fill(1),
    nodesLost: new Uint8Array(hours * finePerHour),
    lostHours: new Uint8Array(hours),
    maintenance: new Uint8Array(hours),
    ...more,
  };
}

const totals = (running: readonly number[], time: WatchedTime, fine?: Float64Array) => {
  const { up, down, unknown, maintenance } = availabilityOf({ running: Float64Array.from(running), fine }, time);
  return { up: sum(up), down: sum(down), unknown: sum(unknown), maintenance };
};

describe("Availability", () => {
  it("is running time of watched time; what nobody watched is unknown", () => {
    const time = calm(4, { watchedShare: Float64Array.of(1, 1, 0.5, 0) });

    expect(totals([1, 0.5, 1, nan], time)).toEqual({ up: 2, down: 0.5, unknown: 1.5, maintenance: 0 });
  });

  it("begins with the first hour in which the guest was seen", () => {
    expect(totals([nan, nan, 1, 1], calm(4))).toEqual({ up: 2, down: 0, unknown: 0, maintenance: 0 });
  });

  it("leaves planned maintenance out, and counts it apart", () => {
    expect(totals([1, 0, 1], calm(3, { maintenance: Uint8Array.of(0, 1, 0) }))).toEqual({
      up: 2,
      down: 0,
      unknown: 0,
      maintenance: 1,
    });
  });

  it("counts a guest as down from the last sample of its lost node until it runs elsewhere", () => {
    // Lost twenty minutes into the second hour, running elsewhere ten minutes into the third.
    const fine = new Float64Array(3 * finePerHour).fill(1);
    fine.fill(nan, 16, 26);
    const nodesLost = new Uint8Array(3 * finePerHour);
    nodesLost.fill(1, 16);
    const time = calm(3, { nodesLost, lostHours: Uint8Array.of(1, 1, 1) });

    const { up, down, unknown } = totals([1, 1, 1], time, fine);

    expect(down * 60).toBeCloseTo(50);
    expect(up * 60).toBeCloseTo(130);
    expect(unknown).toBeCloseTo(0);
  });

  it("does not take a missing reading for an outage while all nodes are there", () => {
    const fine = new Float64Array(finePerHour).fill(1);
    fine.fill(nan, 4, 8);
    const time = calm(1, { lostHours: Uint8Array.of(1) });

    expect(totals([1], time, fine)).toMatchObject({ down: 0, up: 8 / 12 });
  });

  it("lies between 0 and 1, and its parts make up the time", () => {
    const hour = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(nan));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(hour, share), { minLength: 1, maxLength: 100 }), (pairs) => {
        const time = calm(pairs.length, { watchedShare: Float64Array.from(pairs, ([, watched]) => watched) });
        const { up, down, unknown } = totals(
          pairs.map(([ran]) => ran),
          time,
        );
        const first = pairs.findIndex(([ran]) => !Number.isNaN(ran));
        const ratio = up / (up + down);
        if (up + down > 0) expect(ratio >= 0 && ratio <= 1).toBe(true);
        expect(up + down + unknown).toBeCloseTo(first === -1 ? 0 : pairs.length - first, 6);
      }),
    );
  });

  it("never changes by unknown time", () => {
    const hours = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(hours, fc.nat(20), fc.boolean(), (ran, gap, isWatched) => {
        const known = totals(ran, calm(ran.length));
        const longer = [...ran, ...Array<number>(gap).fill(nan)];
        const watched = Float64Array.from(longer, (value) => (Number.isNaN(value) && !isWatched ? 0 : 1));
        const withGap = totals(longer, calm(longer.length, { watchedShare: watched }));
        expect(withGap.up).toBe(known.up);
        expect(withGap.down).toBe(known.down);
        expect(withGap.unknown).toBeCloseTo(gap);
      }),
    );
  });
});

describe("Outages", () => {
  const outages = (...down: number[]) =>
    outagesOf({ down: Float64Array.from(down), up: Float64Array.from(down, (hours) => 1 - hours) });

  it("are hours with downtime that follow each other", () => {
    expect(outages(0, 0.5, 1, 0.25, 0, 0, 0.5, 0)).toEqual({ failures: 2, ended: 2, endedHours: 2.25 });
  });

  it("that go on have not ended, and that were there before did not begin", () => {
    expect(outages(0, 0, 1)).toEqual({ failures: 1, ended: 0, endedHours: 0 });
    expect(outages(1, 1, 0)).toEqual({ failures: 0, ended: 1, endedHours: 2 });
  });

  it("are not the breath of a restart", () => {
    expect(outages(0, 0.01, 0)).toEqual({ failures: 0, ended: 0, endedHours: 0 });
  });

  it("go on over hours that nobody watched", () => {
    const gap = { up: Float64Array.of(1, 0, 0, 0, 1), down: Float64Array.of(0, 1, 0, 1, 0) };

    expect(outagesOf(gap)).toEqual({ failures: 1, ended: 1, endedHours: 2 });
  });
});

describe("Watched time", () => {
  it("is a share of each hour", () => {
    const watched = new Uint8Array(24).fill(1);
    watched.fill(0, 12, 18);

    expect([...watchedShare({ watched })]).toEqual([1, 0.5]);
  });

  it("is looked at step by step around hours with a lost node", () => {
    const nodesLost = new Uint8Array(10 * finePerHour);
    nodesLost[4 * finePerHour + 3] = 1;

    expect(hoursWithLostNode({ nodesLost })).toEqual([3, 4, 5]);
  });
});
