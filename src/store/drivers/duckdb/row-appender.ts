// Appends single rows to the small tables (dictionaries, marks): a handful per transaction, so value by value.
import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import { discardRows } from "./discard-rows.ts";
import { columnsOf } from "./schema.ts";

type Cell = string | number;

export class RowAppender {
  readonly #appender: DuckDBAppender;
  readonly #types: readonly string[];
  #pending = false;

  private constructor(appender: DuckDBAppender, types: readonly string[]) {
    this.#appender = appender;
    this.#types = types;
  }

  static async open(connection: DuckDBConnection, table: string): Promise<RowAppender> {
    const columns = await columnsOf(connection, table);
    return new RowAppender(
      await connection.createAppender(table),
      columns.map(({ type }) => type),
    );
  }

  /** Cells in the order of the table's columns. */
  row(...cells: readonly Cell[]): void {
    for (const [index, cell] of cells.entries()) this.#cell(cell, this.#types[index]);
    this.#appender.endRow();
    this.#pending = true;
  }

  flush(): void {
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

  #cell(cell: Cell, type: string | undefined): void {
    if (typeof cell === "string") this.#appender.appendVarchar(cell);
    else if (type === "BIGINT") this.#appender.appendBigInt(BigInt(Math.trunc(cell)));
    else if (type === "INTEGER") this.#appender.appendInteger(cell);
    else this.#appender.appendDouble(cell);
  }
}
