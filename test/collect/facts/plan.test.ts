import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueAt, type PlanInput, planReads, readKey, share, type Wish } from "../../../src/collect/facts/plan.ts";
import type { FactRead } from "../../../src/model/facts.ts";

const hourMs = 3_600_000;
const wish = (change: Partial<Wish> = {}): Wish => ({
  reader: "disks",
  about: "c/node/pve1",
  wide: true,
  everyS: 3600,
  backOffS: 3600,
  ...change,
});

const input = (change: Partial<PlanInput> = {}): PlanInput => ({
  now: 100 * hourMs,
  startedAt: 90 * hourMs,
  reads: new Map(),
  hints: new Map(),
  notBefore: new Map(),
  ...change,
});

const readAt = (at: number, failures = 0, of = wish()): ReadonlyMap<string, FactRead> =>
  new Map([[readKey(of.reader, of.about), { reader: of.reader, about: of.about, at, failures }]]);

describe("when a fact is read again", () => {
  it("is never sooner than 95 % of the pace and never later than 105 %, and not the same for all", () => {
    const waits = Array.from({ length: 300 }, (_, number) => {
      const one = wish({ about: `c/guest/${number}~1` });
      return dueAt(one, input({ reads: readAt(95 * hourMs, 0, one) })) - 95 * hourMs;
    });

    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0.95 * hourMs);
    expect(Math.max(...waits)).toBeLessThan(1.05 * hourMs);
    expect(new Set(waits.map((wait) => Math.round(wait / 60_000))).size).toBeGreaterThan(4);
  });

  it("spreads first readings over two minutes, so that a start is no burst", () => {
    const waits = Array.from(
      { length: 500 },
      (_, number) => dueAt(wish({ about: `c/guest/${number}~1` }), input()) - 90 * hourMs,
    );
    const inQuarters = [0, 1, 2, 3].map(
      (quarter) => waits.filter((wait) => Math.floor(wait / 30_000) === quarter).length,
    );

    expect(Math.max(...waits)).toBeLessThan(120_000);
    for (const count of inQuarters) expect(count).toBeGreaterThan(80);
  });

  it("is as it was before a restart: what was read an hour ago is not read at the start", () => {
    const planned = planReads(
      [wish({ everyS: 12 * 3600 })],
      input({ startedAt: 100 * hourMs, reads: readAt(99 * hourMs) }),
    );

    expect(planned).toEqual([]);
  });

  it("backs off after failures, twice as long each time, up to a day", () => {
    const wait = (failures: number): number =>
      dueAt(wish({ everyS: 900 }), input({ reads: readAt(100 * hourMs, failures) })) - 100 * hourMs;

    expect([1, 2, 3, 30].map(wait)).toEqual([hourMs, 2 * hourMs, 4 * hourMs, 24 * hourMs]);
  });

  it("comes at once with a hint, but not for one that is older than the reading", () => {
    const key = readKey("disks", "c/node/pve1");
    const reads = readAt(99.5 * hourMs);

    expect(dueAt(wish(), input({ reads, hints: new Map([[key, 99.6 * hourMs]]) }))).toBe(99.6 * hourMs);
    expect(dueAt(wish(), input({ reads, hints: new Map([[key, 99.4 * hourMs]]) }))).toBeGreaterThan(100 * hourMs);
  });

  it("waits while the cluster does not answer, hint or not", () => {
    const key = readKey("disks", "c/node/pve1");
    const notBefore = new Map([[key, 101 * hourMs]]);

    expect(dueAt(wish(), input({ notBefore, hints: new Map([[key, 99 * hourMs]]) }))).toBe(101 * hourMs);
  });
});

describe("a plan", () => {
  it("puts hinted ones first, then nodes and clusters, then the latest by their own pace", () => {
    const guests = [
      wish({ about: "c/guest/1~1", wide: false, everyS: 3600 }),
      wish({ about: "c/guest/2~1", wide: false, everyS: 360 }),
      wish({ about: "c/guest/3~1", wide: false, everyS: 36_000 }),
    ];
    const reads = new Map(
      [...guests, wish()].map((one) => [readKey(one.reader, one.about), { ...one, at: 80 * hourMs, failures: 0 }]),
    );
    const hints = new Map([[readKey("disks", "c/guest/3~1"), 99 * hourMs]]);

    const planned = planReads([...guests, wish()], input({ reads, hints }));

    expect(planned.map(({ wish: { about } }) => about)).toEqual([
      "c/guest/3~1",
      "c/node/pve1",
      "c/guest/2~1",
      "c/guest/1~1",
    ]);
  });

  it("holds only what is due, each once, whatever was read before", () => {
    const anyRead = fc.record({ at: fc.integer({ min: 0, max: 100 * hourMs }), failures: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(anyRead, { maxLength: 30 }), (past) => {
        const wishes = past.map((_, number) => wish({ about: `c/guest/${number}~1`, wide: false }));
        const reads = new Map(
          wishes.map((one, n) => [readKey(one.reader, one.about), { ...one, ...past[n] } as FactRead]),
        );
        const plan = planReads(wishes, input({ reads }));
        expect(new Set(plan.map(({ wish: { about } }) => about)).size).toBe(plan.length);
        for (const { dueAt: at } of plan) expect(at).toBeLessThanOrEqual(100 * hourMs);
      }),
    );
  });

  it("draws its jitter evenly", () => {
    const shares = Array.from({ length: 10_000 }, (_, number) => share(`disks c/node/pve${number}`));
    const mean = shares.reduce((sum, value) => sum + value, 0) / shares.length;

    expect(mean).toBeCloseTo(0.5, 1);
    expect(shares.every((value) => value >= 0 && value < 1)).toBe(true);
  });
});
