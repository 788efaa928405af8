// What every sink keeps to, whatever it is. The test of each kind runs this list.
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Batch, type Row, rowsOf } from "../../src/model/batch.ts";
import type { Sink } from "../../src/model/sink.ts";
import { partOf } from "../../src/store/sinks/split-batch.ts";
import { aBatch, aRow, samples, t0 } from "./build.ts";

export interface SinkUnderTest {
  readonly sink: Sink;
  /** What it holds of a guest's cpu_ratio, twins included, by time. */
  read(id: string): Promise<readonly (readonly [ts: number, value: number])[]>;
  /** For a server that shows what it acknowledged only seconds later: makes it hurry. */
  settle?(): Promise<void>;
  close(): Promise<void>;
}

export interface SinkPromises {
  /** By what a repetition is known: "row" (series and time), or only "batch" (its id). */
  readonly repeatsBy: "row" | "batch";
  /** How far a value may be off, as a share of it; left out: not by a bit, however unlike the values of a series are. */
  readonly precision?: number;
}

const { signal } = new AbortController();
const guest = "demo/guest/100~1";

export function sinkContract(
  name: string,
  { repeatsBy, precision = 0 }: SinkPromises,
  open: () => Promise<SinkUnderTest>,
): void {
  describe(`every sink: ${name}`, () => {
    let tested: SinkUnderTest;
    let sink: Sink;

    beforeEach(async () => {
      tested = await open();
      ({ sink } = tested);
      onTestFinished(async () => tested.close());
    });

    const write = async (batch: Batch): Promise<void> => {
      expect(await sink.write(batch, signal)).toEqual({ rejected: [] });
    };
    const cpu = async (): Promise<readonly (readonly [number, number])[]> => tested.read(guest);
    const isSame = (found: number, value: number): boolean =>
      precision === 0 ? Object.is(found, value) : Math.abs(found - value) <= Math.abs(value) * precision + 1e-300;
    const isThere = async (batch: Batch): Promise<void> => {
      await tested.settle?.();
      expect(await sink.verify(batch, signal)).toBe(true);
    };
    const expected = (rows: readonly Row[]): (readonly [number, number])[] =>
      rows.map(({ ts, values }) => [ts, values["cpu_ratio"] ?? Number.NaN]);

    it("has every value of a batch that it took", async () => {
      const values =
        precision === 0 ? [0.1 + 0.2, 2 ** 53 - 1, 5e-324, 0, 1e308] : [0.1 + 0.2, 0, 1e6, 12_345.678, 1e-3];
      const rows = values.map((value, i) => aRow({ ts: t0 + i * 10_000, values: { cpu_ratio: value } }));

      await write(aBatch(rows));

      const found = await cpu();
      expect(found.map(([ts]) => ts)).toEqual(rows.map(({ ts }) => ts));
      expect(found.every(([, value], i) => isSame(value, values[i] ?? Number.NaN))).toBe(true);
    });

    it("has a batch once, however often it comes", async () => {
      const batch = aBatch(samples(5));
      for (let i = 0; i < 3; i++) await write(batch);

      expect(await cpu()).toEqual(expected(samples(5)));
    });

    if (repeatsBy === "row")
      it("has a row once, whichever batch brings it", async () => {
        await write(aBatch(samples(5)));
        await write(aBatch(samples(8)));

        expect(await cpu()).toEqual(expected(samples(8)));
      });

    it("takes batches in any order", async () => {
      await write(aBatch(samples(3, t0 + 30_000, (i) => i + 3)));
      await write(aBatch(samples(3)));

      expect(await cpu()).toEqual(expected(samples(6)));
    });

    it("takes parts of a batch, and a batch without rows", async () => {
      const batch = aBatch(samples(7));
      await write(partOf(batch, 0, 3));
      await write(partOf(batch, 3, 7));
      await write(aBatch([]));

      expect(await cpu()).toEqual(expected(samples(7)));
    });

    it("keeps series apart, and every kind of entity", async () => {
      const rows = [
        aRow(),
        aRow({ id: "demo/guest/100~2", values: { cpu_ratio: 0.1 } }),
        aRow({ id: "demo/node/pve1", values: { cpu_ratio: 0.2 } }),
        aRow({ id: "demo/storage/pve1:local", values: { used_bytes: 5 } }),
      ];
      const batch = aBatch(rows);
      await write(batch);

      expect(await cpu()).toEqual([[t0, 0.5]]);
      expect(await tested.read("demo/guest/100~2")).toEqual([[t0, 0.1]]);
      await isThere(batch);
    });

    it("finds what it has in a read-back, and misses what it has not", async () => {
      const batch = aBatch(samples(40));
      await write(batch);
      const other = aBatch(samples(41));
      const changed = aBatch(samples(40, t0, (i) => (i === 17 ? 1e-12 : i)));

      await isThere(batch);
      await isThere(partOf(batch, 3, 9));
      expect(await sink.verify(other, signal)).toBe(false);
      expect(await sink.verify(changed, signal)).toBe(false);
      expect(await sink.verify(aBatch(samples(1, t0 + 3_600_000)), signal)).toBe(false);
    });

    it("counts what went in", async () => {
      const before = sink.stats();
      const batch = aBatch(samples(7));
      await write(batch);

      const after = sink.stats();
      expect(after.writes - before.writes).toBe(1);
      expect(after.rows - before.rows).toBe([...rowsOf(batch)].length);
    });
  });
}
