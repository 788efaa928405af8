// What every store answers, whatever it is made of. Each driver's test runs this list.
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Row } from "../../src/model/batch.ts";
import type {
  QuantilesQuery,
  QuantilesResult,
  RangeQuery,
  RangeResult,
  TotalsQuery,
  TotalsResult,
  TrendQuery,
  TrendResult,
} from "../../src/model/store.ts";
import { aBatch, aRow, hour, minute, samples, type TestStore, t0 } from "./build.ts";

const guest = "demo/guest/100~1";
const day = 24 * hour;

export interface StorePromises {
  /** False for a store that may answer wide steps from samples, because it has them all. */
  readonly readsTiers?: boolean;
}

export function storeContract(
  name: string,
  open: () => Promise<TestStore>,
  { readsTiers = true }: StorePromises = {},
): void {
  describe(`every store: ${name}`, () => {
    let store: TestStore;

    beforeEach(async () => {
      store = await open();
      onTestFinished(async () => store.close());
    });

    const ask = async (query: Partial<RangeQuery>): Promise<RangeResult> =>
      store.range({
        ids: [guest],
        metric: "cpu_ratio",
        aggregation: "avg",
        fromMs: t0,
        toMs: t0 + hour,
        stepMs: 0,
        ...query,
      });
    const points = async (query: Partial<RangeQuery>): Promise<(readonly [number, number | null, number])[]> => {
      const { frames } = await ask(query);
      const [frame] = frames;
      return (frame?.timeMs ?? []).map((time, i) => [time - t0, frame?.values[i] ?? null, frame?.resolutionS[i] ?? 0]);
    };

    it("gives back every stored point with step 0, bit for bit", async () => {
      const values = [0.1 + 0.2, Number.MIN_VALUE, 2 ** 53 - 1, -0, 1e308, 0];
      await store.append(aBatch(values.map((value, i) => aRow({ ts: t0 + i * 10_000, values: { cpu_ratio: value } }))));

      const { frames } = await ask({});

      expect(frames[0]?.values.every((value, i) => Object.is(value, values[i]))).toBe(true);
      expect(frames[0]?.timeMs).toEqual(values.map((_, i) => t0 + i * 10_000));
    });

    it("keeps counters up to 2^53 exactly", async () => {
      const total = Number.MAX_SAFE_INTEGER;
      await store.append(aBatch([aRow({ values: { net_in_bytes_total: total } })]));

      expect(await points({ metric: "net_in_bytes_total", aggregation: "last" })).toEqual([[0, total, 10]]);
    });

    it("takes a batch once, however often it comes", async () => {
      const batch = aBatch(samples(3));
      await store.append(batch);
      await store.append(batch);

      expect(await points({ aggregation: "sum", stepMs: hour })).toEqual([[0, 3, 3600]]);
    });

    it("leaves out points that lack the metric, and answers an unknown id with an empty frame", async () => {
      await store.append(aBatch([aRow({ values: { running: 0 } }), aRow({ ts: t0 + 10_000 })]));

      expect(await points({})).toEqual([[10_000, 0.5, 10]]);
      expect((await ask({ ids: ["demo/guest/999~1"] })).frames).toEqual([
        { id: "demo/guest/999~1", timeMs: [], values: [], resolutionS: [], origins: [] },
      ]);
    });

    it.each([
      ["avg", 2.5],
      ["min", 0],
      ["max", 5],
      ["last", 5],
      ["sum", 15],
    ] as const)("aggregates %s into buckets that begin at multiples of the step", async (aggregation, expected) => {
      await store.append(aBatch(samples(12)));

      expect((await points({ aggregation, stepMs: minute }))[0]).toEqual([0, expected, 60]);
    });

    it("takes from ≤ ts < to", async () => {
      await store.append(aBatch(samples(6)));

      const found = await points({ fromMs: t0 + 10_000, toMs: t0 + 30_000 });

      expect(found.map(([time]) => time)).toEqual([10_000, 20_000]);
    });

    it("rolls closed windows up and answers the same before and after", async () => {
      await store.append(aBatch(samples(400, t0, (i) => Math.sin(i) + 1)));
      const queries = (["avg", "min", "max", "last", "sum"] as const).flatMap((aggregation) =>
        [5 * minute, 15 * minute, hour].map((stepMs) => ({ aggregation, stepMs, toMs: t0 + 2 * hour })),
      );
      const before = await Promise.all(queries.map(async (query) => points(query)));

      await store.rollup(t0 + 3 * hour);

      const after = await Promise.all(queries.map(async (query) => points(query)));
      for (const [i, found] of after.entries()) {
        expect(found.map(([time]) => time)).toEqual(before[i]?.map(([time]) => time));
        for (const [j, [, value]] of found.entries()) expect(value).toBeCloseTo(before[i]?.[j]?.[1] ?? Number.NaN, 9);
      }
    });

    it.runIf(readsTiers)("says which tier answered", async () => {
      await store.append(aBatch(samples(400)));
      await store.rollup(t0 + 3 * hour);

      expect((await ask({ stepMs: minute })).tiers).toEqual(["raw"]);
      expect((await ask({ stepMs: 5 * minute })).tiers).toEqual(["5m"]);
      expect((await ask({ stepMs: hour })).tiers).toEqual(["1h"]);
    });

    it("re-rolls a window when a late row falls into it", async () => {
      await store.append(aBatch(samples(30, t0, () => 1)));
      await store.rollup(t0 + hour);
      await store.append(aBatch([aRow({ ts: t0 + 5_000, values: { cpu_ratio: 32 } })]));

      expect((await points({ stepMs: 5 * minute }))[0]?.[1]).toBe(2);
      await store.rollup(t0 + hour);
      expect((await points({ stepMs: 5 * minute }))[0]?.[1]).toBe(2);
      expect((await points({ stepMs: 5 * minute, aggregation: "max" }))[0]?.[1]).toBe(32);
    });

    it("shows imported points where nothing finer is, with their own time and resolution", async () => {
      const half = 30 * minute;
      await store.append(
        aBatch([
          aRow({ ts: t0 + half, stepS: 1800, origin: "rrd-avg", values: { cpu_ratio: 7 } }),
          aRow({ ts: t0 + 2 * half, stepS: 1800, origin: "rrd-avg", values: { cpu_ratio: 8 } }),
        ]),
      );
      await store.append(aBatch(samples(2, t0 + half)));

      expect(await points({})).toEqual([
        [half - 1, 7, 1800],
        [half, 0, 10],
        [half + 10_000, 1, 10],
      ]);
      const minutes = await ask({ stepMs: minute });
      expect(minutes.frames[0]?.resolutionS).toEqual([1800, 60]);
      expect(minutes.tiers).toEqual(["raw", "5m"]);
      expect(minutes.exact).toBe(false);
    });

    it("puts an RRD point into the bucket that it describes, not the one that its end falls into", async () => {
      await store.append(
        aBatch([
          aRow({ ts: t0 + hour, stepS: 1800, origin: "rrd-avg" }),
          aRow({ ts: t0 + 10 * hour, stepS: 3600, origin: "rrd-avg" }),
        ]),
      );

      const found = await points({ stepMs: hour, toMs: t0 + 24 * hour });

      expect(found.map(([time]) => time)).toEqual([0, 9 * hour]);
    });

    it("takes the maximum from PVE's maximum and says that it is exact", async () => {
      const rrd = { ts: t0 + 30 * minute, stepS: 1800 };
      await store.append(
        aBatch([
          aRow({ ...rrd, origin: "rrd-avg", values: { cpu_ratio: 0.2 } }),
          aRow({ ...rrd, origin: "rrd-max", values: { cpu_ratio: 0.9 } }),
        ]),
      );

      const highest = await ask({ aggregation: "max", stepMs: hour });
      const mean = await ask({ aggregation: "avg", stepMs: hour });

      expect([highest.frames[0]?.values, highest.exact]).toEqual([[0.9], true]);
      expect([mean.frames[0]?.values, mean.exact]).toEqual([[0.2], false]);
      expect((await ask({ aggregation: "min", stepMs: hour })).exact).toBe(false);
    });

    it("weights points of unlike length by their length", async () => {
      await store.append(
        aBatch([
          aRow({ ts: t0 + 30 * minute, stepS: 1800, origin: "rrd-avg", values: { cpu_ratio: 1 } }),
          aRow({ ts: t0 + 30 * minute + 5 * minute, stepS: 300, origin: "rrd-avg", values: { cpu_ratio: 8 } }),
        ]),
      );

      expect(await points({ stepMs: hour })).toEqual([[0, 2, 3600]]);
      await store.rollup(t0 + 3 * hour);
      expect(await points({ stepMs: hour })).toEqual([[0, 2, 3600]]);
    });

    it("knows the newest point of every entity", async () => {
      await store.append(aBatch([aRow(), aRow({ ts: t0 + 10_000, node: "pve2", values: { cpu_ratio: 0.7 } })]));
      await store.append(aBatch([aRow({ id: "demo/guest/101~1", ts: t0 - hour })]));

      const latest = await store.latest("guest", t0 - minute);

      expect(latest).toEqual([{ id: guest, ts: t0 + 10_000, stepS: 10, node: "pve2", values: { cpu_ratio: 0.7 } }]);
      expect(await store.latest("guest", t0 - 2 * hour)).toHaveLength(2);
    });

    it("takes what was measured for the newest, not a fact that was read later; of what has facts alone, the fact", async () => {
      const facts = { stepS: 3600, origin: "fact", values: { backup_age_seconds: 5 } } as const;
      const disk = "demo/disk/pve1:S1";
      await store.append(aBatch([aRow(), aRow({ ...facts, ts: t0 + minute })]));
      await store.append(aBatch([aRow({ ...facts, id: disk, values: { wear_percent: 90 } })]));

      expect((await store.latest("guest", t0 - minute)).map(({ ts, values }) => [ts, values])).toEqual([
        [t0, { cpu_ratio: 0.5 }],
      ]);
      expect((await store.latest("disk", t0 - minute)).map(({ id }) => id)).toEqual([disk]);
    });

    describe("percentiles", () => {
      const quantiles = async (query: Partial<QuantilesQuery>): Promise<QuantilesResult> =>
        store.quantiles({
          ids: [guest],
          metric: "cpu_ratio",
          ps: [0, 0.5, 0.95, 1],
          fromMs: t0,
          toMs: t0 + hour,
          ...query,
        });
      /** So long that every sample is not read any more. */
      const longAgo = t0 - 500 * day;

      it("are exact by nearest rank over every sample of a short range", async () => {
        await store.append(aBatch(samples(20, t0, (i) => (i * 7) % 20)));

        expect(await quantiles({})).toEqual({
          source: "raw",
          exact: true,
          fromMs: t0,
          toMs: t0 + hour,
          error: null,
          rows: [{ id: guest, values: [0, 9, 18, 19], samples: 20, averaged: 0 }],
        });
      });

      it("count a sample for the time that it stands for", async () => {
        await store.append(aBatch([aRow({ stepS: 60, values: { cpu_ratio: 1 } }), ...samples(2, t0 + minute)]));

        expect((await quantiles({ ps: [0.25, 0.5] })).rows).toEqual([
          { id: guest, values: [1, 1], samples: 8, averaged: 0 },
        ]);
      });

      it("leave out who has nothing, and know zero from absent", async () => {
        const idle = "demo/guest/101~1";
        await store.append(aBatch([aRow({ values: { running: 1 } }), aRow({ id: idle, values: { cpu_ratio: 0 } })]));
        await store.rollup(t0 + 3 * day);

        for (const fromMs of [t0, longAgo]) {
          const { rows } = await quantiles({ ids: [guest, idle, "demo/guest/9~1"], fromMs, toMs: t0 + day });
          expect(rows).toEqual([{ id: idle, values: [0, 0, 0, 0], samples: 1, averaged: 0 }]);
        }
      });

      it("come from sketches over a long range, within the error that they state", async () => {
        const values = Array.from({ length: 2000 }, (_, i) => (Math.sin(i) + 1) / 2);
        await store.append(aBatch(samples(2000, t0 - 2 * hour, (i) => values[i] ?? 0)));
        await store.rollup(t0 + day + 3 * hour);
        const exact = await quantiles({ fromMs: t0 - day, toMs: t0 + day });

        const found = await quantiles({ fromMs: longAgo + hour, toMs: t0 + 2 * day });

        expect(found).toMatchObject({ source: "sketches", exact: false, fromMs: longAgo, toMs: t0 + day });
        expect(found.error).toEqual({ kind: "absolute", value: 0.0025 });
        expect(found.rows[0]?.samples).toBe(2000);
        for (const [i, value] of (found.rows[0]?.values ?? []).entries())
          expect(Math.abs(value - (exact.rows[0]?.values[i] ?? Number.NaN))).toBeLessThanOrEqual(0.0025 + 1e-12);
      });

      it("follow a late sample, in an open day and in a sealed one", async () => {
        await store.append(aBatch(samples(10, t0, () => 0.1)));
        await store.rollup(t0 + 2 * hour);
        await store.append(aBatch([aRow({ ts: t0 + 500_000, values: { cpu_ratio: 0.9 } })]));
        await store.rollup(t0 + 2 * hour);
        const highest = async (): Promise<number> =>
          (await quantiles({ fromMs: longAgo, toMs: t0 + day, ps: [1] })).rows[0]?.values[0] ?? Number.NaN;

        expect(await highest()).toBeCloseTo(0.9, 2);
        await store.rollup(t0 + 2 * day);
        await store.append(aBatch([aRow({ ts: t0 + 510_000, values: { cpu_ratio: 2 } })]));
        await store.rollup(t0 + 2 * day);
        expect(await highest()).toBeCloseTo(2, 2);
        expect((await quantiles({ fromMs: longAgo, toMs: t0 + day })).rows[0]?.samples).toBe(12);
      });

      it("use PVE's averages for days without samples, and say how many", async () => {
        const average = (ts: number) => aRow({ ts, stepS: 1800, origin: "rrd-avg", values: { cpu_ratio: 0.75 } });
        await store.append(aBatch([average(t0 - day + hour), average(t0 + hour)]));
        await store.append(aBatch(samples(10, t0 + 2 * hour, () => 0.25)));
        await store.rollup(t0 + 2 * day);

        const long = await quantiles({ fromMs: longAgo, toMs: t0 + day, ps: [0.01, 1] });
        const short = await quantiles({ fromMs: t0 - 2 * day, toMs: t0 + day, ps: [0.01, 1] });

        expect(long.rows).toMatchObject([{ samples: 190, averaged: 180 }]);
        expect(long.rows[0]?.values[1]).toBeCloseTo(0.75, 2);
        expect(short).toMatchObject({ source: "raw", exact: false, rows: [{ values: [0.25, 0.75], averaged: 360 }] });
      });

      it("say what they cannot answer", async () => {
        await expect(quantiles({ ids: [] })).rejects.toThrow("At least one id");
        await expect(quantiles({ ids: [guest, "demo/node/pve1"] })).rejects.toThrow("several kinds");
        await expect(quantiles({ metric: "net_in_bytes_total" })).rejects.toThrow("is a counter");
        await expect(quantiles({ ps: [95] })).rejects.toThrow("from 0 to 1");
        await expect(quantiles({ ps: [] })).rejects.toThrow("shares are needed");
        await expect(quantiles({ toMs: t0 })).rejects.toThrow("empty");
        await expect(quantiles({ ids: Array.from({ length: 20_001 }, () => guest) })).rejects.toThrow("at most 20000");
      });
    });

    describe("trends", () => {
      const trend = async (query: Partial<TrendQuery>): Promise<TrendResult> =>
        store.trend({ ids: [guest], metric: "mem_used_bytes", fromMs: t0, toMs: t0 + 30 * day, ...query });
      const growing = (perDay: number, days: number, other: Partial<Row> = {}): Row[] =>
        Array.from({ length: days * 24 }, (_, i) => {
          const ts = t0 + i * hour;
          return aRow({ ts, values: { mem_used_bytes: 1e12 + (perDay * i) / 24 }, ...other });
        });

      it("find the slope per day and the growth of a line, from hourly points", async () => {
        await store.append(aBatch(growing(5e9, 10)));
        await store.rollup(t0 + 11 * day);

        const found = await trend({});

        expect(found).toMatchObject({ tier: "1h", exact: true });
        expect(found.rows[0]).toMatchObject({ id: guest, points: 240, firstMs: t0 + hour / 2 });
        expect((found.rows[0]?.slopePerDay ?? 0) / 5e9).toBeCloseTo(1, 6);
        expect((found.rows[0]?.growth ?? 0) / (5e9 * (239 / 24))).toBeCloseTo(1, 6);
        expect((found.rows[0]?.mean ?? 0) / 1e12).toBeCloseTo(1.0249, 4);
      });

      it("put the ones that grow most first and cut after `top`", async () => {
        const slopes = [3, -1, 8, 5];
        const ids = slopes.map((_, i) => `demo/guest/${200 + i}~1`);
        await store.append(aBatch(slopes.flatMap((slope, i) => growing(slope * 1e9, 4, { id: ids[i] ?? "" }))));
        await store.rollup(t0 + 5 * day);

        const { rows } = await trend({ ids, top: 3 });

        expect(rows.map(({ id }) => id)).toEqual([ids[2], ids[3], ids[0]]);
      });

      it("fit short ranges to samples, and what has no hours yet to what there is", async () => {
        await store.append(
          aBatch(Array.from({ length: 60 }, (_, i) => aRow({ ts: t0 + i * 10_000, values: { mem_used_bytes: i } }))),
        );

        const short = await trend({ toMs: t0 + hour });
        const young = await trend({});

        expect([short.tier, young.tier]).toEqual(["raw", "raw"]);
        expect(short.rows[0]?.slopePerDay).toBeCloseTo(8640, 6);
        expect(young.rows).toEqual(short.rows);
      });

      it("never take an imported point and the finer ones in it for two, and say that it is an average", async () => {
        const coarse = (i: number) => ({ ts: t0 + (i + 1) * 6 * hour, stepS: 21_600, origin: "rrd-avg" as const });
        const imported = [0, 1, 2, 3].map((i) => aRow({ ...coarse(i), values: { mem_used_bytes: 100 } }));
        await store.append(
          aBatch([
            ...imported,
            ...growing(0, 1)
              .slice(18)
              .map((row) => ({ ...row, values: { mem_used_bytes: 100 } })),
          ]),
        );
        await store.rollup(t0 + 3 * day);

        const { exact, rows } = await trend({});

        expect(exact).toBe(false);
        expect(rows).toMatchObject([{ slopePerDay: 0, points: 9, mean: 100 }]);
      });

      it("have nothing to say of a single moment", async () => {
        await store.append(aBatch([aRow({ values: { mem_used_bytes: 1 } })]));
        await store.rollup(t0 + day);

        expect((await trend({})).rows).toEqual([]);
      });
    });

    describe("totals", () => {
      const other = "demo/guest/101~1";
      const totals = async (query: Partial<TotalsQuery>): Promise<TotalsResult> =>
        store.totals({
          ids: [guest, other],
          metric: "cpu_ratio",
          weightBy: "cpu_count",
          fromMs: t0,
          toMs: t0 + day,
          stepMs: hour,
          ...query,
        });
      const cores = (id: string, hours: number, cpu: number, count: number): Row[] =>
        Array.from({ length: hours }, (_, i) =>
          aRow({ id, ts: t0 + i * hour, values: { cpu_ratio: cpu, cpu_count: count } }),
        );

      it("sum series up, weighted, in buckets of closed windows", async () => {
        await store.append(aBatch([...cores(guest, 3, 0.5, 4), ...cores(other, 2, 0.25, 8)]));
        await store.rollup(t0 + 2 * day);

        expect(await totals({})).toEqual({
          tier: "1h",
          timeMs: [t0, t0 + hour, t0 + 2 * hour],
          sums: [4, 4, 2],
          weights: [12, 12, 4],
          exact: true,
          leftOut: 0,
        });
        expect(await totals({ weightBy: null, ids: [other] })).toMatchObject({ sums: [0.25, 0.25], weights: [1, 1] });
        expect(await totals({ stepMs: 3 * hour })).toMatchObject({ timeMs: [t0], sums: [10 / 3], weights: [28 / 3] });
        expect(await totals({ stepMs: 300_000 })).toMatchObject({ tier: "5m", sums: [4, 4, 2] });
      });

      it("leave out imported points that are wider than the windows, and say how many", async () => {
        const wide = aRow({
          ts: t0 + 12 * hour,
          stepS: 21_600,
          origin: "rrd-avg",
          values: { cpu_ratio: 1, cpu_count: 1 },
        });
        await store.append(aBatch([...cores(guest, 1, 0.5, 4), wide]));
        await store.rollup(t0 + 2 * day);

        expect(await totals({})).toMatchObject({ timeMs: [t0], sums: [2], exact: false, leftOut: 1 });
      });

      it("say what they cannot answer", async () => {
        await expect(totals({ stepMs: 1000 })).rejects.toThrow("multiple of 5 minutes");
        await expect(totals({ weightBy: "nonsense" })).rejects.toThrow("There is no metric");
      });
    });

    it("keeps the newest marks of each cluster", async () => {
      await store.append(aBatch([], { marks: { "export/pve1": 1, "export/pve2": 5 } }));
      await store.append(aBatch([], { marks: { "export/pve1": 2 } }));
      await store.append(aBatch([], { cluster: "other", marks: { "export/pve1": 9 } }));

      expect(await store.marks("demo")).toEqual({ "export/pve1": 2, "export/pve2": 5 });
    });

    it("refuses what it cannot answer and names the limit", async () => {
      await expect(ask({ ids: Array.from({ length: 201 }, () => guest) })).rejects.toThrow("at most 200 ids");
      await expect(ask({ metric: "nonsense" })).rejects.toThrow('no metric "nonsense" for a guest');
      await expect(ask({ metric: `cpu_ratio"; DROP TABLE guest_raw; --` })).rejects.toThrow("There is no metric");
      await expect(ask({ ids: ["'; DROP TABLE series; --"] })).rejects.toThrow("is not an entity id");
      await expect(ask({ toMs: t0 })).rejects.toThrow("empty");
    });
  });
}
