// All that a group of batches adds to the tables, written within the transaction of the caller. Writers stay open from
// one transaction to the next; after one that failed they are thrown away with the rows they still held.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Batch } from "../../../model/batch.ts";
import type { EntityKind } from "../../../model/ids.ts";
import type { Tier } from "../../../model/store.ts";
import type { DriverState } from "./dictionaries.ts";
import { RowAppender } from "./row-appender.ts";
import { appendBlock, tiersOf } from "./rows-into-tables.ts";
import { tableOf } from "./schema.ts";
import { TableWriter } from "./table-writer.ts";

type SmallTable = "applied_batch" | "mark" | "series" | "node_name" | "dirty_window";

export interface NumberedBatch {
  readonly seq: number;
  readonly batch: Batch;
}

export class TableWriters {
  readonly #connection: DuckDBConnection;
  readonly #tables = new Map<string, TableWriter>();
  readonly #smallTables = new Map<SmallTable, RowAppender>();

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  async write(batches: readonly NumberedBatch[], state: DriverState): Promise<void> {
    for (const { batch } of batches) await this.#appendBatch(batch, state);
    for (const table of this.#tables.values()) table.flush();
    await this.#writeSmallTables(batches, state);
  }

  async table(kind: EntityKind, tier: Tier): Promise<TableWriter> {
    const name = tableOf(kind, tier);
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const writer = await TableWriter.open(this.#connection, name);
    this.#tables.set(name, writer);
    return writer;
  }

  close(): void {
    for (const writer of [...this.#tables.values(), ...this.#smallTables.values()]) writer.close();
    this.#forget();
  }

  discard(): void {
    for (const writer of [...this.#tables.values(), ...this.#smallTables.values()]) writer.discard();
    this.#forget();
  }

  #forget(): void {
    this.#tables.clear();
    this.#smallTables.clear();
  }

  async #appendBatch(batch: Batch, state: DriverState): Promise<void> {
    for (const block of batch.blocks) {
      const writers = new Map<Tier, TableWriter>();
      for (const tier of tiersOf(block)) writers.set(tier, await this.table(block.kind, tier));
      appendBlock(block, writers, state, (kind, tier, beginMs) => state.dirty.note(kind, tier, beginMs));
    }
  }

  async #small(table: SmallTable): Promise<RowAppender> {
    const known = this.#smallTables.get(table);
    if (known !== undefined) return known;
    const appender = await RowAppender.open(this.#connection, table);
    this.#smallTables.set(table, appender);
    return appender;
  }

  async #writeSmallTables(batches: readonly NumberedBatch[], state: DriverState): Promise<void> {
    for (const { seq, batch } of batches) {
      state.noteBatch(batch.batchId);
      state.noteMarks(batch.cluster, batch.marks);
      (await this.#small("applied_batch")).row(batch.batchId, seq);
    }
    for (const [cluster, key, value, seq] of newestMarks(batches)) {
      (await this.#small("mark")).row(cluster, key, value, seq);
    }
    for (const { sid, id, kind, firstSeen, lastSeen } of state.newSeries) {
      (await this.#small("series")).row(sid, id, kind, id.split("/")[0] ?? "", firstSeen, lastSeen);
    }
    for (const { node, name } of state.newNodes) (await this.#small("node_name")).row(node, name);
    for (const { kind, tier, beginMs } of state.dirty.fresh)
      (await this.#small("dirty_window")).row(kind, tier, beginMs);
    for (const appender of this.#smallTables.values()) appender.flush();
  }
}

/** The newest value of each mark within a group, with the record that set it. */
function newestMarks(
  items: readonly NumberedBatch[],
): (readonly [cluster: string, key: string, value: number, seq: number])[] {
  const newest = new Map<string, readonly [string, string, number, number]>();
  for (const { seq, batch } of items) {
    for (const [key, value] of Object.entries(batch.marks)) {
      newest.set(`${batch.cluster}\n${key}`, [batch.cluster, key, value, seq]);
    }
  }
  return [...newest.values()];
}
