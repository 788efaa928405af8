// Fills one table column by column: typed arrays are copied into DuckDB's vectors as they are. Value-wise appending of
// the same rows costs two to four times the CPU.
import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  INTEGER,
  UTINYINT,
} from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { discardRows } from "./discard-rows.ts";
import { columnsOf } from "./schema.ts";

const chunkRows = 2048;
type Values = Int32Array | Uint8Array | Float64Array;

interface StagedColumn {
  readonly name: string;
  readonly type: DuckDBType;
  /** A BIGINT is staged as pairs of 32-bit halves: no BigInt is made per row. */
  readonly values: Values;
  readonly bytesPerRow: number;
  readonly nullable: boolean;
}

const typesByName: Readonly<Record<string, DuckDBType>> = { BIGINT, INTEGER, UTINYINT, DOUBLE };

export class TableWriter {
  readonly #appender: DuckDBAppender;
  readonly #columns: readonly StagedColumn[];
  readonly #byName: ReadonlyMap<string, StagedColumn>;
  readonly #types: readonly DuckDBType[];
  readonly #validity = new Uint8Array(chunkRows / 8);
  #length = 0;
  #pending = false;

  private constructor(appender: DuckDBAppender, columns: readonly StagedColumn[]) {
    this.#appender = appender;
    this.#columns = columns;
    this.#byName = new Map(columns.map((column) => [column.name, column]));
    this.#types = columns.map((column) => column.type);
  }

  static async open(connection: DuckDBConnection, table: string): Promise<TableWriter> {
    const columns = await columnsOf(connection, table);
    return new TableWriter(await connection.createAppender(table), columns.map(stagedColumn));
  }

  /** Appends `count` rows; `fill` is called for runs of them with the place where they go. Unfilled metrics are NULL. */
  append(count: number, fill: (at: number, from: number, length: number) => void): void {
    for (let done = 0; done < count; ) {
      const length = Math.min(chunkRows - this.#length, count - done);
      fill(this.#length, done, length);
      this.#length += length;
      done += length;
      if (this.#length === chunkRows) this.#emit();
    }
  }

  /** A column to fill; undefined when the table has none of that name. NaN becomes NULL. */
  column(name: string): Values | undefined {
    return this.#byName.get(name)?.values;
  }

  /** Sets a whole number of up to 2^53 in a BIGINT column. */
  setBigint(name: string, row: number, value: number): void {
    const halves = this.#byName.get(name)?.values;
    if (halves === undefined) return;
    const high = Math.floor(value / 2 ** 32);
    halves[2 * row] = (value - high * 2 ** 32) | 0;
    halves[2 * row + 1] = high;
  }

  /** Hands everything to the open transaction. */
  flush(): void {
    this.#emit();
    if (this.#pending) this.#appender.flushSync();
    this.#pending = false;
  }

  close(): void {
    this.#appender.closeSync();
  }

  /** Throws away what was not flushed. */
  discard(): void {
    discardRows(this.#appender);
  }

  #emit(): void {
    if (this.#length === 0) return;
    const chunk = DuckDBDataChunk.create(this.#types, this.#length);
    for (const [index, column] of this.#columns.entries()) this.#copy(chunk, index, column);
    this.#appender.appendDataChunk(chunk);
    this.#pending = true;
    for (const { nullable, values } of this.#columns) if (nullable) values.fill(Number.NaN, 0, this.#length);
    this.#length = 0;
  }

  #copy(chunk: DuckDBDataChunk, index: number, { values, bytesPerRow, nullable }: StagedColumn): void {
    const vector = duckdb.data_chunk_get_vector(chunk.chunk, index);
    const bytes = this.#length * bytesPerRow;
    duckdb.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, values.byteOffset, bytes);
    if (!nullable || !this.#markNulls(values)) return;
    const maskBytes = Math.ceil(this.#length / 64) * 8;
    duckdb.vector_ensure_validity_writable(vector);
    duckdb.copy_data_to_vector_validity(vector, 0, this.#validity.buffer, 0, maskBytes);
  }

  /** Sets the bits of the rows that have a value; false when all have. */
  #markNulls(values: Values): boolean {
    this.#validity.fill(0);
    let present = 0;
    for (let row = 0; row < this.#length; row++) {
      if (Number.isNaN(values[row])) continue;
      this.#validity[row >> 3] = (this.#validity[row >> 3] ?? 0) | (1 << (row & 7));
      present++;
    }
    return present < this.#length;
  }
}

function stagedColumn({ name, type }: { name: string; type: string }): StagedColumn {
  const duckType = typesByName[type];
  if (duckType === undefined) throw new TypeError(`column ${name} has the unexpected type ${type}`);
  const nullable = type === "DOUBLE" && name !== "n";
  return { name, type: duckType, ...staging(type), nullable };
}

function staging(type: string): Pick<StagedColumn, "values" | "bytesPerRow"> {
  if (type === "BIGINT") return { values: new Int32Array(2 * chunkRows), bytesPerRow: 8 };
  if (type === "INTEGER") return { values: new Int32Array(chunkRows), bytesPerRow: 4 };
  if (type === "UTINYINT") return { values: new Uint8Array(chunkRows), bytesPerRow: 1 };
  return { values: new Float64Array(chunkRows).fill(Number.NaN), bytesPerRow: 8 };
}
