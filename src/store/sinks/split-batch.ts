// Parts of a batch, as views: nothing is copied.
import type { Batch, Block } from "../../model/batch.ts";

/** The rows from ≤ row < to, counted across the blocks; its id tells which part of which batch it is. */
export function partOf(batch: Batch, from: number, to: number): Batch {
  return { ...batch, batchId: `${batch.batchId}#${from}-${to}`, blocks: slices(batch, from, to) };
}

/** The batch without some rows, under its own id. */
export function withoutRows(batch: Batch, rows: readonly number[]): Batch {
  if (rows.length === 0) return batch;
  const sorted = [...rows].sort((a, b) => a - b);
  const begins = [0, ...sorted.map((row) => row + 1)];
  const ends = [...sorted, Number.POSITIVE_INFINITY];
  return { ...batch, blocks: begins.flatMap((begin, index) => slices(batch, begin, ends[index] ?? begin)) };
}

function slices(batch: Batch, from: number, to: number): Block[] {
  const parts: Block[] = [];
  let first = 0;
  for (const block of batch.blocks) {
    const begin = Math.max(from - first, 0);
    const end = Math.min(to - first, block.length);
    if (begin < end) parts.push(sliceOf(block, begin, end));
    first += block.length;
  }
  return parts;
}

const sliceOf = (block: Block, from: number, to: number): Block => ({
  ...block,
  length: to - from,
  idIndex: block.idIndex.subarray(from, to),
  nodeIndex: block.nodeIndex.subarray(from, to),
  ts: block.ts.subarray(from, to),
  stepS: block.stepS.subarray(from, to),
  origin: block.origin.subarray(from, to),
  columns: Object.fromEntries(Object.entries(block.columns).map(([id, values]) => [id, values.subarray(from, to)])),
});
