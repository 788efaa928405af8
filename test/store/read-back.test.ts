// What a read-back looks at before the journal may forget.
import { expect, it } from "vitest";
import { encodeBatch } from "../../src/model/batch-codec.ts";
import { Journal } from "../../src/store/journal.ts";
import { headOf } from "../../src/store/journal-record.ts";
import { batchesToProve } from "../../src/store/read-back.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { aBatch, samples } from "./build.ts";

function journalOf(count: number): Journal {
  const journal = new Journal({
    directory: temporaryDirectory(),
    segmentBytes: 200,
    maxBytes: 1e9,
    afterSeq: 0,
    onLoss: () => undefined,
  });
  for (let number = 1; number <= count; number++) {
    const batch = aBatch(samples(5), { batchId: `batch ${number}` });
    const payload = new Uint8Array(encodeBatch(batch));
    journal.append([{ head: headOf(batch, payload.length), payload }]);
  }
  return journal;
}

it("is the newest batch that the database has, from memory or from the journal", () => {
  const journal = journalOf(6);
  const newest = aBatch([], { batchId: "in memory" });
  const ids = (parts: Partial<Parameters<typeof batchesToProve>[0]>): string[] =>
    [...batchesToProve({ journal, cursor: 4, newest: undefined, replayedFrom: undefined, ...parts })].map(
      ({ batchId }) => batchId,
    );

  expect(ids({})).toEqual(["batch 4"]);
  expect(ids({ newest })).toEqual(["in memory"]);
  expect(ids({ cursor: 0 })).toEqual([]);
});

it("is every batch of a replay, as far as the journal still has them", () => {
  const journal = journalOf(6);
  journal.dropThrough(2);
  const ids = [...batchesToProve({ journal, cursor: 5, newest: undefined, replayedFrom: 1 })].map(
    ({ batchId }) => batchId,
  );

  expect(ids).toEqual(["batch 3", "batch 4", "batch 5"]);
});
