// What the killed process and the test that kills it agree on: the rows of a batch follow from its number, and a sink
// notes what it was given in a file.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Batch } from "../../src/model/batch.ts";
import type { EngineOptions } from "../../src/store/engine-parts.ts";
import { usualLimits } from "../../src/store/sinks/delivery.ts";
import type { SinkKind } from "../../src/store/sinks/sink-kind.ts";
import { aBatch, samples, t0 } from "./build.ts";

/** Small groups and segments, so that every kind of moment can be hit. */
export const crashSettings: Partial<EngineOptions> = {
  applyRows: 25,
  segmentBytes: 20_000,
  sinks: [{ name: "noting", kind: "noting", options: {} }],
  delivery: { ...usualLimits, readBackMs: 5, saveMs: 20 },
};

const notes = (directory: string): string => join(directory, "noted");

/** The ids of the batches that the sink acknowledged, in order; a line that a kill cut short is none. */
export const notedBatches = (directory: string): string[] =>
  existsSync(notes(directory)) ? readFileSync(notes(directory), "utf8").split("\n").slice(0, -1) : [];

export const notingKind = (directory: string): SinkKind => ({
  kind: "noting",
  summary: "Notes the ids of its batches in a file",
  open: async ({ name }) => ({
    name,
    write: async ({ batchId }) => {
      appendFileSync(notes(directory), `${batchId}\n`);
      return Promise.resolve({ rejected: [] });
    },
    verify: async ({ batchId }) => Promise.resolve(notedBatches(directory).includes(batchId)),
    stats: () => ({ writes: 0, rows: 0, bytes: 0 }),
    close: async () => Promise.resolve(),
  }),
});
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
