// The small parts that deliveries stand on.
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SinkError } from "../../src/lib/errors.ts";
import { rowsOf } from "../../src/model/batch.ts";
import { backoffMs } from "../../src/store/sinks/backoff.ts";
import { DeadLetters } from "../../src/store/sinks/dead-letters.ts";
import { withDeadline } from "../../src/store/sinks/deadline.ts";
import { SeqRanges } from "../../src/store/sinks/seq-ranges.ts";
import { SinkCursor } from "../../src/store/sinks/sink-cursor.ts";
import { partOf, withoutRows } from "../../src/store/sinks/split-batch.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { aBatch, aRow, ManualClock, samples, t0 } from "./build.ts";

describe("ranges of record numbers", () => {
  it("hold what a set would hold", () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant("add" as const), first: fc.integer({ min: 1, max: 40 }), more: fc.nat(8) }),
      fc.record({ does: fc.constant("remove" as const), first: fc.integer({ min: 1, max: 40 }), more: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ranges = new SeqRanges();
        const set = new Set<number>();
        for (const { does, first, more } of steps) {
          if (does === "remove") {
            ranges.remove(first);
            set.delete(first);
            continue;
          }
          ranges.add(first, first + more);
          for (let seq = first; seq <= first + more; seq++) set.add(seq);
        }
        const all = Array.from({ length: 50 }, (_, i) => i + 1);
        const missing = all.filter((seq) => !set.has(seq));

        expect(all.filter((seq) => ranges.has(seq))).toEqual(all.filter((seq) => set.has(seq)));
        expect(ranges.holes(1, 50).flatMap(([a, b]) => all.slice(a - 1, b))).toEqual(missing);
        expect(ranges.countMissing(10, 20)).toBe(missing.filter((seq) => seq >= 10 && seq <= 20).length);
        expect(ranges.highest).toBe(Math.max(0, ...set));
        expect(new SeqRanges(ranges.list()).list()).toEqual(ranges.list());
        // Never two ranges where one would do.
        expect(ranges.list().every(([first], i, list) => i === 0 || first > (list[i - 1]?.[1] ?? 0) + 1)).toBe(true);
      }),
    );
  });
});

describe("parts of a batch", () => {
  const batch = aBatch([
    ...samples(7),
    aRow({ id: "demo/node/pve1", values: { cpu_ratio: 1 } }),
    aRow({ id: "demo/storage/pve1:local", values: { used_bytes: 2 } }),
  ]);
  const all = [...rowsOf(batch)];

  it("are together what the batch is, wherever it is cut", () => {
    for (let cut = 0; cut <= all.length; cut++) {
      const [first, second] = [partOf(batch, 0, cut), partOf(batch, cut, all.length)];
      expect([...rowsOf(first), ...rowsOf(second)]).toEqual(all);
      expect(first.batchId).not.toBe(second.batchId);
    }
  });

  it("leave out exactly the rows that they shall", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(all.length - 1)), (rows) => {
        expect([...rowsOf(withoutRows(batch, rows))]).toEqual(all.filter((_, number) => !rows.includes(number)));
      }),
    );
  });
});

describe("dead letters", () => {
  const rejected = (row: number) => [{ row, reason: "field type conflict" }];
  const lines = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);

  it("have a row once, also after a crash that cut the last line short", () => {
    const directory = temporaryDirectory();
    const batch = aBatch(samples(5));
    const first = new DeadLetters(directory, 1e6);
    expect(first.add(batch, [...rejected(1), ...rejected(3)], t0)).toBe(2);
    expect(first.add(batch, rejected(1), t0)).toBe(0);
    appendFileSync(first.path, '{"at":"2026-03-01T00:00:00.000Z","batch_id":"half');

    const again = new DeadLetters(directory, 1e6);

    expect(again.add(batch, [...rejected(3), ...rejected(4)], t0)).toBe(1);
    expect(lines(again.path).map((line) => (JSON.parse(line) as { row_number: number }).row_number)).toEqual([1, 3, 4]);
  });

  it("stay within their bound: one full file is kept beside the current one", () => {
    const directory = temporaryDirectory();
    const letters = new DeadLetters(directory, 2_000);
    for (let i = 0; i < 100; i++) letters.add(aBatch(samples(1), { batchId: `batch ${i}` }), rejected(0), t0);

    const older = lines(join(directory, "rejected.older.jsonl"));
    const bytes = readFileSync(letters.path).length + readFileSync(join(directory, "rejected.older.jsonl")).length;

    expect(bytes).toBeLessThan(5_000);
    expect(lines(letters.path).at(-1)).toContain("batch 99");
    expect(older.length).toBeGreaterThan(3);
  });
});

describe("the cursor of a sink", () => {
  it("comes back as it was saved, and says when", () => {
    const directory = temporaryDirectory();
    const cursor = new SinkCursor(directory, t0);
    expect(cursor.savedAt).toBeUndefined();
    cursor.done.add(1, 7);
    cursor.done.add(9);
    cursor.verified = 5;
    cursor.rejectedRows.set(9, [3, 4]);
    cursor.batchesDropped = 2;
    cursor.touch();
    expect([cursor.isSaved, cursor.savedVerified]).toEqual([false, 0]);
    cursor.save(t0 + 5);

    const again = new SinkCursor(directory, t0 + 10);

    expect([cursor.isSaved, cursor.savedVerified]).toEqual([true, 5]);
    expect(again.done.list()).toEqual([
      [1, 7],
      [9, 9],
    ]);
    expect([again.savedAt, again.verified, again.savedVerified, again.batchesDropped]).toEqual([t0 + 5, 5, 5, 2]);
    expect([...again.rejectedRows]).toEqual([[9, [3, 4]]]);
  });

  it("that cannot be read is kept aside and begins anew", () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "cursor.json"), '{"v":1,"done":[[1,');

    const cursor = new SinkCursor(directory, t0);

    expect(cursor.savedAt).toBeUndefined();
    expect(readFileSync(join(directory, `cursor.json.corrupt-${t0}`), "utf8")).toBe('{"v":1,"done":[[1,');
  });

  it("keeps the old file whole when the disk does not take the new one, and lets the journal forget nothing", () => {
    const directory = temporaryDirectory();
    const cursor = new SinkCursor(directory, t0);
    cursor.save(t0);
    mkdirSync(join(directory, "cursor.json.new"));
    cursor.verified = 8;
    cursor.touch();

    expect(() => cursor.save(t0 + 1)).toThrow("EISDIR");
    expect([cursor.savedVerified, new SinkCursor(directory, t0).savedAt]).toEqual([0, t0]);
    rmSync(join(directory, "cursor.json.new"), { recursive: true });
    cursor.save(t0 + 2);
    expect(cursor.savedVerified).toBe(8);
  });
});

describe("a call with a deadline", () => {
  const { signal: open } = new AbortController();

  it("gives what comes in time, and otherwise says after how long it gave up", async () => {
    const clock = new ManualClock();
    const told: boolean[] = [];
    const late = withDeadline({ clock, ms: 30_000, closing: open }, async (signal) => {
      signal.addEventListener("abort", () => told.push(true));
      return new Promise(() => undefined);
    });
    const outcome = late.catch((error: unknown) => error);
    clock.advance(30_000);

    expect(await outcome).toEqual(new SinkError("It did not answer within 30 s.", "passing"));
    expect(told).toEqual([true]);
    expect(await withDeadline({ clock, ms: 1, closing: open }, async () => Promise.resolve(7))).toBe(7);
  });

  it("ends at once when we are closing, whether the sink listens or not", async () => {
    const closing = new AbortController();
    const waiting = withDeadline(
      { clock: new ManualClock(), ms: 30_000, closing: closing.signal },
      async () => new Promise(() => undefined),
    );
    closing.abort();

    await expect(waiting).rejects.toThrow("Pilothouse is stopping.");
  });
});

it("backs off from one second to a minute, each time by up to a half less", () => {
  expect([1, 2, 3, 6, 7, 8, 99].map((failures) => backoffMs(failures, () => 0))).toEqual([
    1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000,
  ]);
  expect(backoffMs(7, () => 0.999)).toBeGreaterThanOrEqual(30_000);
  expect(backoffMs(1, () => 0.999)).toBeGreaterThanOrEqual(500);
});
