import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Batch, blocksFromRows, origins, type Row, rowsOf } from "../../src/model/batch.ts";
import { decodeBatch, encodeBatch } from "../../src/model/batch-codec.ts";
import { type EntityKind, entityKinds, parseEntityId } from "../../src/model/ids.ts";
import { metricsByKind } from "../../src/model/metrics.ts";

const key: Readonly<Record<EntityKind, fc.Arbitrary<string>>> = {
  cluster: fc.constant(""),
  node: fc.stringMatching(/^[a-z][a-z0-9.-]{0,12}$/),
  guest: fc.integer({ min: 100, max: 999_999_999 }).map((vmid) => `${vmid}~1`),
  storage: fc.constantFrom("@nfs", "pve1:local", "pvé:ü\n,="),
  target: fc.constantFrom("pve1", "@cluster"),
  disk: fc.constantFrom("pve1:S3Z8", "pve1:/dev/sda"),
  pool: fc.constantFrom("pve1:zfs:rpool", "@ceph:rbd"),
  scope: fc.constantFrom("cluster", "tag:web", "guest:100~1"),
};

const anyRow: fc.Arbitrary<Row> = fc.constantFrom(...entityKinds).chain((kind) =>
  fc.record({
    id: key[kind].map((rest) => (rest === "" ? "c/cluster" : `c/${kind}/${rest}`)),
    ts: fc.integer({ min: 1, max: 4e12 }),
    stepS: fc.integer({ min: 1, max: 604_800 }),
    origin: fc.constantFrom(...origins),
    node: fc.option(fc.constantFrom("pve1", "pve2")),
    values: fc.dictionary(
      fc.constantFrom(...metricsByKind[kind].map((metric) => metric.id)),
      fc.double({ noNaN: true }),
    ),
  }),
);

const kindOf = (id: string): EntityKind => parseEntityId(id)?.kind ?? "node";
const plain = (rows: Iterable<Row>) =>
  [...rows]
    .map(
      (row) =>
        JSON.stringify(row, Object.keys(row).sort()) +
        JSON.stringify(
          Object.entries(row.values)
            .map(([k, v]) => [k, Object.is(v, -0) ? "-0" : String(v)])
            .sort(),
        ),
    )
    .sort();

describe("a batch", () => {
  it("comes back from bytes as it was, bit for bit", () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), fc.dictionary(fc.string(), fc.integer()), (rows, marks) => {
        const batch: Batch = {
          batchId: "01J",
          cluster: "c",
          source: "poll",
          blocks: blocksFromRows(kindOf, rows),
          marks,
        };

        const back = decodeBatch(encodeBatch(batch));

        expect(plain(rowsOf(back))).toEqual(plain(rows));
        expect({ ...back, blocks: [] }).toEqual({ ...batch, blocks: [] });
      }),
    );
  });

  it("grows beyond its first capacity without losing what came before", () => {
    const rows = Array.from(
      { length: 1_000 },
      (_, n): Row => ({
        id: `c/node/n${n % 7}`,
        ts: n + 1,
        stepS: 10,
        origin: "export",
        node: null,
        values: { cpu_ratio: n },
      }),
    );

    const [block] = blocksFromRows(kindOf, rows);

    expect(block?.length).toBe(1_000);
    expect(block?.ids).toHaveLength(7);
    expect([...(block?.columns["cpu_ratio"] ?? [])]).toEqual(rows.map((_, n) => n));
  });

  it("refuses a metric that the catalogue does not have", () => {
    const row: Row = { id: "c/node/a", ts: 1, stepS: 10, origin: "export", node: null, values: { flux_ratio: 1 } };

    expect(() => blocksFromRows(kindOf, [row])).toThrow("the catalogue has no metric node.flux_ratio");
  });

  it("of a later format is refused, not misread", () => {
    const bytes = new Uint8Array(encodeBatch({ batchId: "b", cluster: "c", source: "poll", blocks: [], marks: {} }));
    const later = new TextDecoder().decode(bytes).replace('"v":1', '"v":2');

    expect(() => decodeBatch(new TextEncoder().encode(later).buffer)).toThrow("format 2");
  });
});
