import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawsOf } from "../../../src/analyse/risk/numbers/draws.ts";
import { mannKendall } from "../../../src/analyse/risk/numbers/mann-kendall.ts";
import type { Points } from "../../../src/analyse/risk/numbers/points.ts";
import { courseOf, timeToLimit } from "../../../src/analyse/risk/numbers/time-to-limit.ts";
import { theilSen, valueOn } from "../../../src/analyse/risk/numbers/trend-line.ts";
import { isNotYet, type Judgement } from "../../../src/analyse/risk/rule.ts";
import { judgeLeak } from "../../../src/analyse/risk/rules/memory-leak.ts";
import { type Filling, judgeFilling } from "../../../src/analyse/risk/rules/storage-full.ts";

const hour = 3_600_000;
const day = 24 * hour;
const gib = 2 ** 30;
const now = Date.UTC(2026, 5, 1);

const series = (count: number, stepMs: number, value: (place: number) => number): Points => ({
  atMs: Array.from({ length: count }, (_, place) => now - (count - place) * stepMs),
  values: Array.from({ length: count }, (_, place) => value(place)),
});
const first = (judgement: Judgement) => {
  if (isNotYet(judgement)) throw new Error(judgement.reason);
  return judgement[0];
};

describe("a line of Theil and Sen", () => {
  it("is not moved by a third of outliers, and goes through what is a line", () => {
    const line = theilSen(series(60, day, (place) => (place % 3 === 0 ? 1e6 : 100 + 2 * place)));

    expect(line.slopePerDay).toBeCloseTo(2, 0);
    expect(theilSen(series(30, day, (place) => 5 * place)).slopePerDay).toBeCloseTo(5);
  });

  it("moves with its points: shifted and scaled values give the shifted and scaled line", () => {
    const some = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(some, fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 9 }), (values, shift, scale) => {
        const at = series(values.length, day, (place) => values[place] ?? 0);
        const line = theilSen(at);
        const moved = theilSen({ ...at, values: at.values.map((value) => scale * value + shift) });
        expect(moved.slopePerDay).toBeCloseTo(scale * line.slopePerDay, 6);
        expect(valueOn(moved, now)).toBeCloseTo(scale * valueOn(line, now) + shift, 6);
      }),
    );
  });
});

describe("Mann and Kendall's test", () => {
  it("has the known probability: of seven rising values, 1 of 394", () => {
    expect(mannKendall([[1, 2, 3, 4, 5, 6, 7]])).toMatchObject({ s: 21, pairs: 21 });
    expect(mannKendall([[1, 2, 3, 4, 5, 6, 7]]).p).toBeCloseTo(0.00133, 4);
  });

  it("finds nothing in what falls, stands still, or only has a day's shape", () => {
    expect(mannKendall([[5, 4, 3, 2, 1]]).p).toBe(1);
    expect(mannKendall([[2, 2, 2, 2]]).p).toBe(1);
    expect(
      mannKendall([
        [1, 1, 1],
        [9, 9, 9],
        [4, 4, 4],
      ]).p,
    ).toBe(1);
  });
});

describe("memory", () => {
  const quarters = (value: (place: number) => number, days = 20) => series(days * 4, day / 4, value);
  const judge = (used: Points, more: { startsMs?: readonly number[]; withoutCache?: boolean } = {}) =>
    judgeLeak(
      {
        cluster: "lab",
        guest: "lab/guest/100~1",
        name: "web",
        metric: "mem_used_bytes",
        used,
        totalBytes: 16 * gib,
        startsMs: [],
        withoutCache: true,
        ...more,
      },
      now,
    );
  /** A day's shape with a little noise, in GiB. */
  const calm = (place: number): number => 6 + (place % 4) / 4 + ((place * 7919) % 13) / 100;

  it("that rises without end is a leak, with the rate and the day at which it is full", () => {
    const found = first(judge(quarters((place) => (calm(place) + place * 0.1) * gib)));

    expect(found).toMatchObject({ kind: "memory-leak", subject: "lab/guest/100~1", certainty: "estimate" });
    expect(Number(found?.fields["bytes_per_day"]) / gib).toBeCloseTo(0.4, 1);
    expect(found?.message).toMatch(/^Memory of web rises by 4\d\d MiB per day since 2026-05-12; full in \d+ days/);
  });

  it("that began to leak five days ago after a calm month is found already", () => {
    expect(first(judge(quarters((place) => (calm(place) + Math.max(0, place - 100) * 0.15) * gib, 30)))).toBeDefined();
  });

  it("that has its days and weeks, or levels off as a cache does, is none", () => {
    expect(judge(quarters((place) => calm(place) * gib))).toEqual([]);
    expect(judge(quarters((place) => (calm(place) + 6 * (1 - Math.exp(-place / 12))) * gib))).toEqual([]);
  });

  it("that rises too slowly to matter within a month is none", () => {
    expect(judge(quarters((place) => (calm(place) + place * 0.005) * gib))).toEqual([]);
  });

  it("that is set back by restarts is the same leak, also in the first days after one", () => {
    const saw = (period: number) => quarters((place) => (calm(place) + (place % period) * 0.2) * gib, 36);
    const again = first(judge(saw(40)));
    const justRestarted = first(judge(saw(48)));
    const restartedToday = first(judge(quarters((place) => (calm(place) + ((place + 7) % 37) * 0.2) * gib, 36)));

    expect(again?.message).toContain("again and again after 3 restarts");
    expect(justRestarted?.fields).toMatchObject({ restarts: 2 });
    expect(restartedToday?.message).toContain("it was restarted not long ago");
    expect(restartedToday).toMatchObject({ severity: "info", fields: { due_at_ms: null } });
  });

  it("that includes the guest's cache is a hint and says so", () => {
    const found = first(
      judge(
        quarters((place) => (calm(place) + place * 0.1) * gib),
        { withoutCache: false },
      ),
    );

    expect(found?.severity).toBe("info");
    expect(found?.message).toContain("includes the guest's cache");
  });

  it("is not judged before its fourth day, and not in the day after a start", () => {
    expect(judge(quarters((place) => (6 + place) * gib, 2))).toMatchObject({ reason: "needs 4 days, has 1" });
    const warming = quarters((place) => (place < 40 ? 6 : 3 + Math.min(3, (place - 40) * 0.7)) * gib, 15);
    expect(judge(warming, { startsMs: [warming.atMs[40] ?? 0] })).toEqual([]);
  });
});

describe("a storage", () => {
  const aFilling = (used: Points, more: Partial<Filling> = {}): Filling => ({
    cluster: "lab",
    subject: "lab/storage/pve1:local",
    key: "",
    name: "Storage local of pve1",
    series: { id: "lab/storage/pve1:local", metric: "used_bytes" },
    used,
    capacity: 1000 * gib,
    fullAt: 1,
    warnAt: null,
    unit: "bytes",
    remedy: "Add space.",
    ...more,
  });
  const hours = (days: number, value: (days: number) => number) =>
    series(days * 24, hour, (place) => value(place / 24) * gib);
  const daysLeft = (found: ReturnType<typeof first>) => (Number(found?.fields["due_at_ms"]) - now) / day;

  it("that grows in a line is full on the day the line says, said in one sentence", () => {
    const found = first(judgeFilling(aFilling(hours(40, (days) => 600 + 5 * days)), now));

    expect(daysLeft(found)).toBeCloseTo(40, 0);
    expect(found).toMatchObject({ severity: "info", certainty: "estimate", fields: { used_ratio: 0.7998 } });
    expect(found?.message).toMatch(
      /^Storage local of pve1 fills up in .*about 2026-07-1\d; 79 % of 1000 GiB is used\.$/,
    );
    expect(Number(found?.fields["at_90_percent_ms"])).toBeLessThan(Number(found?.fields["due_at_ms"]));
  });

  it("that got a restore once does not fill because of it", () => {
    expect(judgeFilling(aFilling(hours(40, (days) => (days < 20 ? 300 : 600))), now)).toEqual([]);
  });

  it("of backups that are pruned is judged by the level after pruning, not by the last rise", () => {
    const calm = hours(42, (days) => 500 + 30 * (days % 7));
    const growing = hours(42, (days) => 500 + 6 * days + 30 * (days % 7));
    const found = first(judgeFilling(aFilling(growing), now));

    expect(judgeFilling(aFilling(calm), now)).toEqual([]);
    // 500 + 6 d + 30 × (days since the pruning) is 1000 in the week from day 56 on: after 5.5 of its days.
    expect(daysLeft(found)).toBeGreaterThan(6);
    expect(daysLeft(found)).toBeLessThan(14);
    expect(found?.evidence[0]?.numbers).toMatchObject({ days_between_prunings: 7 });
  });

  it("that is nearly full is said at once; a date needs two weeks", () => {
    expect(judgeFilling(aFilling(hours(3, () => 400)), now)).toMatchObject({ reason: "needs 14 days, has 2" });
    const found = first(judgeFilling(aFilling(hours(3, () => 960)), now));
    expect(found).toMatchObject({ severity: "critical", certainty: "measured", fields: { due_at_ms: null } });
    expect(found?.message).toBe("Storage local of pve1 is nearly full: 96 % of 1000 GiB is used.");
  });

  it("with a threshold of its own warns from there on", () => {
    const used = hours(20, () => 820);
    expect(judgeFilling(aFilling(used), now)).toEqual([]);
    expect(first(judgeFilling(aFilling(used, { warnAt: 0.8 }), now))?.severity).toBe("warning");
  });

  it("without a capacity, or without a point, says nothing", () => {
    expect(
      judgeFilling(
        aFilling(
          hours(20, () => 820),
          { capacity: 0 },
        ),
        now,
      ),
    ).toEqual([]);
    expect(judgeFilling(aFilling({ atMs: [], values: [] }), now)).toEqual([]);
  });

  it("has an early end before the likely date and a late one after it, and the same ones on every run", () => {
    const noisy = fc.tuple(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 30 }), fc.integer());
    fc.assert(
      fc.property(noisy, ([slope, noise, seed]) => {
        const draw = drawsOf(String(seed));
        const used = hours(30, (days) => 400 + slope * days + noise * (draw() - 0.5));
        const time = () => timeToLimit(courseOf(used, 1000 * gib, drawsOf("x")), 1000 * gib, now);
        const { early, likely, late } = time();
        expect(early ?? Infinity).toBeLessThanOrEqual((likely ?? Infinity) + day);
        expect(late ?? Infinity).toBeGreaterThanOrEqual((likely ?? Infinity) - day);
        expect(time()).toEqual({ early, likely, late });
      }),
      { numRuns: 20 },
    );
  });
});
