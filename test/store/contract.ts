// What every store answers, whatever it is made of. Each driver's test runs this list.
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { RangeQuery, RangeResult } from "../../src/model/store.ts";
import { aBatch, aRow, hour, minute, samples, type TestStore, t0 } from "./build.ts";

const guest = "demo/guest/100~1";

export function storeContract(name: string, open: () => Promise<TestStore>): void {
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

    it("says which tier answered", async () => {
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
