// The newest row of every thing in a batch: all that the live view needs of a minute that brought six of each.
import type { Batch, Block } from "./batch.ts";

/** By the id's number in the block: the row with the latest time, -1 where there is none. */
export function newestRows({ ids, idIndex, ts, length }: Block): Int32Array {
  const newest = new Int32Array(ids.length).fill(-1);
  for (let row = 0; row < length; row++) {
    const number = idIndex[row] ?? 0;
    const known = newest[number] ?? -1;
    if (known < 0 || (ts[row] ?? 0) > (ts[known] ?? 0)) newest[number] = row;
  }
  return newest;
}

/** The batch with nothing else in it; the same batch when that is all it has. */
export function onlyNewest(batch: Batch): Batch {
  const blocks = batch.blocks.map((block) => (block.length > block.ids.length ? newestOf(block) : block));
  return { ...batch, blocks };
}

function newestOf(block: Block): Block {
  const rows = newestRows(block).filter((row) => row >= 0);
  const pick = <T extends Uint32Array | Float64Array | Uint8Array>(column: T, into: T): T => {
    for (let index = 0; index < rows.length; index++) into[index] = column[rows[index] ?? 0] ?? 0;
    return into;
  };
  const numbers = (column: Float64Array): Float64Array => pick(column, new Float64Array(rows.length));
  return {
    ...block,
    length: rows.length,
    idIndex: pick(block.idIndex, new Uint32Array(rows.length)),
    nodeIndex: pick(block.nodeIndex, new Uint32Array(rows.length)),
    ts: numbers(block.ts),
    stepS: pick(block.stepS, new Uint32Array(rows.length)),
    origin: pick(block.origin, new Uint8Array(rows.length)),
    columns: Object.fromEntries(Object.entries(block.columns).map(([metric, column]) => [metric, numbers(column)])),
  };
}
