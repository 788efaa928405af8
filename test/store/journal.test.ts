// The journal alone: what it acknowledged comes back, whatever happens to its files.
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { crc32c } from "@node-rs/crc32";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBatch, encodeBatch } from "../../src/model/batch-codec.ts";
import { type AppendFile, openAppendFile } from "../../src/store/append-file.ts";
import { Journal, type JournalLoss, type JournalOptions } from "../../src/store/journal.ts";
import type { JournalEntry } from "../../src/store/journal-record.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { aBatch, samples } from "./build.ts";

const entry = (payload: Uint8Array): JournalEntry => ({
  head: { batchId: "", cluster: "demo", rows: 1, bytes: payload.length, marks: {} },
  payload,
});
const text = (value: string): JournalEntry => entry(new TextEncoder().encode(value));
const read = (journal: Journal, from = 0): [number, string][] =>
  [...journal.heads(from)].flatMap(({ seq }): [number, string][] => {
    const payload = journal.read(seq);
    return payload === undefined ? [] : [[seq, new TextDecoder().decode(payload)]];
  });
const segments = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".seg"))
    .sort()
    .map((name) => join(directory, name));

function openJournal(
  directory: string,
  other: Partial<JournalOptions> = {},
): { journal: Journal; losses: JournalLoss[] } {
  const losses: JournalLoss[] = [];
  const journal = new Journal({
    directory,
    segmentBytes: 1 << 20,
    maxBytes: 1 << 30,
    afterSeq: 0,
    onLoss: (loss) => losses.push(loss),
    ...other,
  });
  return { journal, losses };
}

/** Noise, so that deflate cannot make it smaller than a segment. */
const noise = (bytes: number, seed: number): JournalEntry => {
  let state = seed + 1;
  return entry(
    Uint8Array.from({ length: bytes }, () => {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      return state >> 16;
    }),
  );
};

describe("the journal", () => {
  it("gives back what was appended, in order, from any number on, after it was opened again", () => {
    const directory = temporaryDirectory();
    const { journal } = openJournal(directory);

    expect(journal.append([text("a"), text("b")])).toBe(1);
    expect(journal.append([text("c")])).toBe(3);
    journal.close();
    const { journal: again, losses } = openJournal(directory);
    again.append([text("d")]);

    expect(read(again, 2)).toEqual([
      [2, "b"],
      [3, "c"],
      [4, "d"],
    ]);
    expect(losses).toEqual([]);
  });

  it("cuts a torn tail off, keeps its bytes aside and goes on", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (cut) => {
        const directory = temporaryDirectory();
        const first = openJournal(directory);
        first.journal.append([noise(100, 1)]);
        const whole = readFileSync(segments(directory)[0] ?? "").length;
        first.journal.append([noise(200, 2)]);
        first.journal.close();
        const file = segments(directory)[0] ?? "";
        truncateSync(file, Math.max(whole + 1, readFileSync(file).length - cut));

        const { journal, losses } = openJournal(directory);
        journal.append([text("after")]);

        expect(losses.map(({ reason }) => reason)).toEqual(["torn"]);
        expect(readFileSync(`${file}.torn`)).toHaveLength(losses[0]?.bytes ?? 0);
        expect(read(journal).map(([seq]) => seq)).toEqual([1, 2]);
        expect(read(journal, 2)).toEqual([[2, "after"]]);
      }),
      { numRuns: 12 },
    );
  });

  it("passes over a record with one flipped byte and reports exactly what is gone", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const directory = temporaryDirectory();
        const first = openJournal(directory);
        for (let i = 1; i <= 5; i++) first.journal.append([noise(64, i)]);
        first.journal.close();
        const file = segments(directory)[0] ?? "";
        const bytes = readFileSync(file);
        const record = bytes.length / 5;
        // Anywhere but in the last record: there it is a torn tail.
        const at = place % Math.floor(record * 4);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        writeFileSync(file, bytes);

        const { journal, losses } = openJournal(directory);

        const lost = Math.floor(at / record) + 1;
        expect(read(journal).map(([seq]) => seq)).toEqual([1, 2, 3, 4, 5].filter((seq) => seq !== lost));
        expect(read(journal)).toHaveLength(4);
        expect(losses).toMatchObject([{ reason: "damaged", seqs: [lost, lost] }]);
      }),
      { numRuns: 25 },
    );
  });

  it("survives foreign bytes between and after its records", () => {
    const directory = temporaryDirectory();
    const { journal } = openJournal(directory);
    journal.append([text("a")]);
    journal.close();
    appendFileSync(segments(directory)[0] ?? "", "PHJ1 is not enough to be a record PHJ1");

    const again = openJournal(directory);
    again.journal.append([text("b")]);

    expect(read(again.journal).map(([, value]) => value)).toEqual(["a", "b"]);
  });

  it("keeps to its bound by dropping its oldest segments, and counts exactly what went", () => {
    const directory = temporaryDirectory();
    const { journal, losses } = openJournal(directory, { segmentBytes: 3000, maxBytes: 10_000 });

    for (let i = 1; i <= 40; i++) journal.append([noise(1000, i)]);

    const kept = read(journal).map(([seq]) => seq);
    const dropped = losses
      .flatMap(({ seqs }) => (seqs === null ? [] : [seqs[1] - seqs[0] + 1]))
      .reduce((a, b) => a + b, 0);
    expect(journal.bytes).toBeLessThanOrEqual(10_000);
    expect(kept.at(-1)).toBe(40);
    expect(dropped + kept.length).toBe(40);
    expect(losses.every(({ reason }) => reason === "full")).toBe(true);
  });

  it("forgets only segments that lie wholly behind what is safe", () => {
    const directory = temporaryDirectory();
    const { journal } = openJournal(directory, { segmentBytes: 3000 });
    for (let i = 1; i <= 12; i++) journal.append([noise(1000, i)]);

    journal.dropThrough(5);

    expect(read(journal)[0]?.[0]).toBeLessThanOrEqual(6);
    expect(read(journal).at(-1)?.[0]).toBe(12);
    expect(journal.firstSeq).toBeGreaterThan(1);
  });

  it("gives single records and what is known of them, without reading the rest", () => {
    const directory = temporaryDirectory();
    const { journal } = openJournal(directory, { segmentBytes: 3000 });
    for (let i = 1; i <= 12; i++) journal.append([noise(1000, i)]);
    journal.close();

    const { journal: again, losses } = openJournal(directory, { segmentBytes: 3000 });
    again.append([noise(1000, 13)]);

    for (const seq of [12, 1, 7, 13]) {
      expect(new Uint8Array(again.read(seq) ?? new ArrayBuffer(0))).toEqual(noise(1000, seq).payload);
    }
    expect([again.read(0), again.read(14)]).toEqual([undefined, undefined]);
    expect([...again.heads(5)].map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect([...again.heads(5)][0]?.head).toEqual(noise(1000, 5).head);
    expect(losses).toEqual([]);
  });

  it("reports a record that is damaged when it is asked for, once, and gives the others", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const directory = temporaryDirectory();
        const first = openJournal(directory, { segmentBytes: 700 });
        for (let i = 1; i <= 8; i++) first.journal.append([noise(64, i)]);
        first.journal.close();
        const file = segments(directory)[0] ?? "";
        const bytes = readFileSync(file);
        bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ flip;
        writeFileSync(file, bytes);

        const { journal, losses } = openJournal(directory, { segmentBytes: 700 });
        const heads = [...journal.heads(1)].map(({ seq }) => seq);
        const readable = [1, 2, 3, 4, 5, 6, 7, 8].filter((seq) => journal.read(seq) !== undefined);
        for (const seq of readable) journal.read(seq);

        expect(readable).toHaveLength(7);
        expect(heads).toEqual(expect.arrayContaining(readable));
        expect(losses).toHaveLength(1);
      }),
      { numRuns: 25 },
    );
  });

  it("still reads records of the first format", () => {
    const directory = temporaryDirectory();
    const batch = aBatch(samples(3), { marks: { "export/pve1": 7 } });
    writeFileSync(join(directory, "00000000000000000001.seg"), recordOfFirstFormat(1, encodeBatch(batch)));

    const { journal } = openJournal(directory);
    journal.append([text("new")]);

    expect(decodeBatch(journal.read(1) ?? new ArrayBuffer(0))).toEqual(decodeBatch(encodeBatch(batch)));
    expect([...journal.heads(1)].map(({ head }) => [head.batchId, head.rows, head.marks])).toEqual([
      [batch.batchId, 3, { "export/pve1": 7 }],
      ["", 1, {}],
    ]);
    expect(read(journal, 2)).toEqual([[2, "new"]]);
  });

  it("goes on behind a database that knows more than the journal", () => {
    const directory = temporaryDirectory();
    const { journal } = openJournal(directory, { afterSeq: 500 });

    expect(journal.append([text("new")])).toBe(501);
    expect(read(journal, 501)).toEqual([[501, "new"]]);
  });

  it("has nothing of a group that the disk did not take, and everything before and after", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ fails: fc.constantFrom("no", "write", "sync", "half"), truncates: fc.boolean() }), {
          maxLength: 12,
        }),
        (steps) => {
          const directory = temporaryDirectory();
          let now: (typeof steps)[number] = { fails: "no", truncates: true };
          const { journal } = openJournal(directory, {
            openFile: (path) => failingFile(openAppendFile(path), () => now),
          });
          const acknowledged: string[] = [];

          for (const [i, step] of steps.entries()) {
            now = step;
            try {
              journal.append([text(`value ${i}`)]);
              acknowledged.push(`value ${i}`);
            } catch {
              // Refused, as it should be.
            }
          }
          now = { fails: "no", truncates: true };
          journal.append([text("last")]);
          journal.close();

          expect(read(openJournal(directory).journal).map(([, value]) => value)).toEqual([...acknowledged, "last"]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** As the first version of the journal wrote it: the deflated payload behind the header. */
function recordOfFirstFormat(seq: number, payload: ArrayBuffer): Buffer {
  const packed = deflateRawSync(new Uint8Array(payload));
  const record = Buffer.concat([Buffer.from("PHJ1"), Buffer.alloc(20), packed]);
  record.writeUInt32LE(packed.length, 4);
  record.writeUInt32LE(1, 12);
  record.writeBigUInt64LE(BigInt(seq), 16);
  record.writeUInt32LE(crc32c(record.subarray(12)), 8);
  return record;
}

/** A file on a disk that fails as told. */
function failingFile(file: AppendFile, now: () => { fails: string; truncates: boolean }): AppendFile {
  const fail = (code: string): never => {
    throw Object.assign(new Error(`${code}: injected`), { code });
  };
  return {
    append: (bytes) => {
      if (now().fails === "write") fail("ENOSPC");
      if (now().fails === "half") file.append(bytes.subarray(0, bytes.length >> 1));
      if (now().fails === "half") fail("ENOSPC");
      file.append(bytes);
    },
    sync: () => {
      if (now().fails === "sync") fail("EIO");
      file.sync();
    },
    truncate: (length) => {
      if (!now().truncates) fail("EIO");
      file.truncate(length);
    },
    close: () => file.close(),
  };
}
