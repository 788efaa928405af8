// What the killed process and the test that kills it agree on: the rows of a batch follow from its number.
import type { Batch } from "../../src/model/batch.ts";
import { aBatch, samples, t0 } from "./build.ts";

/** Small groups and segments, so that every kind of moment can be hit. */
export const crashSettings = { applyRows: 25, segmentBytes: 20_000 };
export const rowsPerBatch = 10;

export const crashBatch = (number: number): Batch =>
  aBatch(
    samples(rowsPerBatch, t0 + number * rowsPerBatch * 10_000, (i) => crashValue(number, i)),
    {
      batchId: `crash-${number}`,
      marks: { "export/pve1": number },
    },
  );

export const crashValue = (number: number, i: number): number => number + i / 7;
