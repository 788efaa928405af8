import fc from "fast-check";
import { expect, it } from "vitest";
import { type Batch, BlockBuilder, rowsOf } from "../../src/model/batch.ts";
import { onlyNewest } from "../../src/model/newest-rows.ts";

const batchOf = (rows: readonly (readonly [vmid: number, second: number])[]): Batch => {
  const builder = new BlockBuilder("guest");
  for (const [vmid, second] of rows) {
    const row = builder.row(`c/guest/${vmid}~1`, second * 1000, 10, "export", vmid % 2 === 0 ? "pve1" : null);
    builder.set(row, "cpu_ratio", second / 100);
    if (second % 3 === 0) builder.set(row, "uptime_seconds", second);
  }
  return { batchId: "b", cluster: "c", source: "poll", marks: { mark: 1 }, blocks: [builder.build()] };
};

it("the newest rows of a batch are one whole row of each thing, its latest", () => {
  const someRows = fc.array(fc.tuple(fc.integer({ min: 100, max: 105 }), fc.integer({ min: 1, max: 60 })));
  fc.assert(
    fc.property(someRows, (rows) => {
      const batch = batchOf(rows);
      const expected = new Map<string, unknown>();
      const latest = new Map<string, number>();
      for (const row of rowsOf(batch)) {
        if (row.ts <= (latest.get(row.id) ?? 0)) continue;
        latest.set(row.id, row.ts);
        expected.set(row.id, row);
      }

      const newest = onlyNewest(batch);

      expect(Object.fromEntries([...rowsOf(newest)].map((row) => [row.id, row]))).toEqual(Object.fromEntries(expected));
      expect(newest).toMatchObject({ batchId: "b", marks: { mark: 1 } });
    }),
  );
});

it("a poll that brought one row of each is passed on as it is", () => {
  const batch = batchOf([
    [100, 10],
    [101, 10],
  ]);

  expect(onlyNewest(batch).blocks[0]).toBe(batch.blocks[0]);
});
