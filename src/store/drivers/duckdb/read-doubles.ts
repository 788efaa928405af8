// Reads a result whose columns are all DOUBLE, chunk by chunk, without an object per value. NULL comes as NaN.
import type { DuckDBResult } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";

/** `visit` gets the columns of one chunk; they are only valid during the call. */
export async function readDoubles(
  result: DuckDBResult,
  visit: (columns: readonly Float64Array[], length: number) => void,
): Promise<void> {
  for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
    const length = chunk.rowCount;
    if (length === 0) return;
    const columns: Float64Array[] = [];
    for (let index = 0; index < chunk.columnCount; index++) {
      columns.push(columnValues(duckdb.data_chunk_get_vector(chunk.chunk, index), length));
    }
    visit(columns, length);
  }
}

function columnValues(vector: duckdb.Vector, length: number): Float64Array {
  const bytes = duckdb.vector_get_data(vector, length * 8);
  const values = new Float64Array(bytes.buffer, bytes.byteOffset, length);
  const mask = duckdb.vector_get_validity(vector, Math.ceil(length / 64) * 8) as Uint8Array | null;
  if (mask === null) return values;
  const withGaps = Float64Array.from(values);
  for (let row = 0; row < length; row++) {
    if (((mask[row >> 3] ?? 0) & (1 << (row & 7))) === 0) withGaps[row] = Number.NaN;
  }
  return withGaps;
}
