// A batch as bytes, for threads and for the journal:
//   u32 length of the header · header (JSON, UTF-8) · padding to 8 · the columns, each padded to 8, in the header's order
// Little-endian, as every machine that Node runs on. The layout is part of the journal's format: change it only with a
// new `v`, and keep reading the old one.
import type { Batch, Block } from "./batch.ts";
import type { EntityId, EntityKind } from "./ids.ts";
import type { MetricId } from "./metrics.ts";

interface BlockHeader {
  readonly kind: EntityKind;
  readonly length: number;
  readonly ids: readonly EntityId[];
  readonly nodes: readonly string[];
  readonly metrics: readonly MetricId[];
}

interface Header {
  readonly v: 1;
  readonly batchId: string;
  readonly cluster: string;
  readonly source: string;
  readonly marks: Readonly<Record<string, number>>;
  readonly blocks: readonly BlockHeader[];
}

const align = (bytes: number): number => (bytes + 7) & ~7;

const fixedColumns = (block: Block): (Uint32Array | Float64Array | Uint8Array)[] => [
  block.idIndex,
  block.nodeIndex,
  block.ts,
  block.stepS,
  block.origin,
];

/** Always a fresh, exactly filled ArrayBuffer, so that it can be transferred. */
export function encodeBatch(batch: Batch): ArrayBuffer {
  const header: Header = {
    v: 1,
    batchId: batch.batchId,
    cluster: batch.cluster,
    source: batch.source,
    marks: batch.marks,
    blocks: batch.blocks.map((block) => ({
      kind: block.kind,
      length: block.length,
      ids: block.ids,
      nodes: block.nodes,
      metrics: Object.keys(block.columns),
    })),
  };
  const headerBytes = new TextEncoder().encode(JSON.stringify(header));
  const columns = batch.blocks.flatMap((block) => [...fixedColumns(block), ...Object.values(block.columns)]);
  const start = align(4 + headerBytes.length);
  const bytes = new Uint8Array(columns.reduce((size, column) => size + align(column.byteLength), start));
  new DataView(bytes.buffer).setUint32(0, headerBytes.length, true);
  bytes.set(headerBytes, 4);
  let offset = start;
  for (const column of columns) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), offset);
    offset += align(column.byteLength);
  }
  return bytes.buffer;
}

/** Reads what `encodeBatch` wrote. The columns are views into `buffer`. Throws a RangeError or SyntaxError when it is something else. */
export function decodeBatch(buffer: ArrayBuffer): Batch {
  const headerLength = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerLength))) as Header;
  if ((header.v as number) !== 1)
    throw new RangeError(`this batch has format ${header.v}; this release reads format 1`);
  let offset = align(4 + headerLength);
  const take = (bytes: number): number => {
    const at = offset;
    offset += align(bytes);
    return at;
  };
  const blocks = header.blocks.map(
    ({ kind, length, ids, nodes, metrics }): Block => ({
      kind,
      length,
      ids,
      nodes,
      idIndex: new Uint32Array(buffer, take(4 * length), length),
      nodeIndex: new Uint32Array(buffer, take(4 * length), length),
      ts: new Float64Array(buffer, take(8 * length), length),
      stepS: new Uint32Array(buffer, take(4 * length), length),
      origin: new Uint8Array(buffer, take(length), length),
      columns: Object.fromEntries(
        metrics.map((metric) => [metric, new Float64Array(buffer, take(8 * length), length)]),
      ),
    }),
  );
  return { batchId: header.batchId, cluster: header.cluster, source: header.source, marks: header.marks, blocks };
}
