import { describe, expect, it } from "vitest";
import { growth, robustRow } from "../../../src/analyse/jobs/growth.ts";
import type { Row } from "../../../src/model/batch.ts";
import type { GrowthDocument } from "../../../src/model/growth.ts";
import { MemoryStore } from "../../../src/store/drivers/memory/memory-store.ts";
import { aCluster, aStorage } from "../../build.ts";
import { aBatch, day, hour, t0 } from "../../store/build.ts";
import { aContext } from "../a-fleet-context.ts";

const nowMs = t0 + 30 * day;
const gibibyte = 2 ** 30;

describe("the line of growth", () => {
  const leastSquares = { id: "x", slopePerDay: 3.7, growth: 14.8, mean: 17.4, points: 5, firstMs: 0, lastMs: 4 * day };

  it("is the one of the docs: a single day does not move it", () => {
    const days = Float64Array.of(10, 11, 12, 40, 14);

    expect(robustRow(leastSquares, days)).toMatchObject({ slopePerDay: 1, growth: 4 });
  });

  it("is that of least squares where there are too few days", () => {
    expect(robustRow(leastSquares, Float64Array.of(10, Number.NaN, 12, 40))).toBe(leastSquares);
  });
});

describe("the job", () => {
  it("lists what grows by its growth, with its share of all growth; what shrinks or only had a bad day is not in it", async () => {
    const store = new MemoryStore();
    const used = (id: string, levelAt: (hours: number) => number): Row[] =>
      Array.from({ length: 30 * 24 }, (_, at) => ({
        id,
        ts: t0 + (at + 1) * hour,
        stepS: 3600,
        origin: "rrd-avg" as const,
        node: null,
        values: { used_bytes: levelAt(at) },
      }));
    const rows = [
      ...used("demo/storage/@fast", (at) => (100 + at / 8) * gibibyte),
      ...used("demo/storage/@slow", (at) => (100 + at / 24) * gibibyte),
      ...used("demo/storage/@shrinking", (at) => (900 - at / 24) * gibibyte),
      ...used("demo/storage/@spiky", (at) => (at > 680 && at < 700 ? 900 : 100) * gibibyte),
    ];
    await store.append(aBatch(rows, { source: "import" }));
    const storages = ["fast", "slow", "shrinking", "spiky"].map((name) => aStorage("demo", null, name, nowMs));
    const context = aContext({ store, entities: [aCluster("demo", nowMs), ...storages], nowMs });

    const { documents = [] } = await growth.run(context);
    const body = documents[0]?.body as GrowthDocument;
    const [list] = body.lists;
    expect(list?.rows.map(({ id }) => id)).toEqual(["demo/storage/@fast", "demo/storage/@slow"]);
    expect(list?.rows.map(({ share }) => share)).toEqual([expect.closeTo(0.75, 2), expect.closeTo(0.25, 2)]);
    expect((list?.grown ?? 0) / gibibyte).toBeCloseTo(120, 0);
    expect((list?.rows[0]?.slopePerDay ?? 0) / gibibyte).toBeCloseTo(3, 1);
  });
});
