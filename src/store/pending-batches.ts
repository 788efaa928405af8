// The batches that the journal has and the database has not. Recent ones are kept in memory, so that applying them
// costs no second inflate; after a crash, or when there are many, they are read from the journal again.
import type { Batch } from "../model/batch.ts";
import { decodeBatch } from "../model/batch-codec.ts";
import type { DuckDbDriver } from "./drivers/duckdb/duckdb-driver.ts";
import type { NumberedBatch } from "./drivers/duckdb/table-writers.ts";
import type { Journal } from "./journal.ts";

const maxBytesInMemory = 64 * 2 ** 20;
/** One transaction takes no more than this, so that an import cannot hold up questions for long. */
const rowsPerGroup = 50_000;

interface Entry {
  readonly seq: number;
  readonly batchId: string;
  readonly rows: number;
  readonly bytes: number;
  readonly since: number;
  batch: Batch | undefined;
}

export const rowCount = (batch: Batch): number => batch.blocks.reduce((sum, block) => sum + block.length, 0);

export class PendingBatches {
  readonly #journal: Journal;
  #entries: Entry[] = [];
  readonly #ids = new Set<string>();
  /** Marks of batches that are not applied yet; those of applied ones are the driver's. */
  readonly #marks = new Map<string, Record<string, number>>();
  #rows = 0;
  #bytes = 0;
  #newestApplied: Batch | undefined;

  constructor(journal: Journal, driver: DuckDbDriver) {
    this.#journal = journal;
    this.restart(driver);
  }

  get length(): number {
    return this.#entries.length;
  }

  get rows(): number {
    return this.#rows;
  }

  get oldestSince(): number | undefined {
    return this.#entries[0]?.since;
  }

  /** The last batch that the database took since the start; what a read-back is held against. */
  get newestApplied(): Batch | undefined {
    return this.#newestApplied;
  }

  knows(batchId: string): boolean {
    return this.#ids.has(batchId);
  }

  marks(cluster: string): Readonly<Record<string, number>> {
    return this.#marks.get(cluster) ?? {};
  }

  add({ seq, batch, bytes, since }: { seq: number; batch: Batch; bytes: number; since: number }): void {
    const keep = this.#bytes + bytes <= maxBytesInMemory;
    const rows = rowCount(batch);
    this.#entries.push({ seq, batchId: batch.batchId, rows, bytes, since, batch: keep ? batch : undefined });
    this.#ids.add(batch.batchId);
    this.#marks.set(batch.cluster, { ...this.#marks.get(batch.cluster), ...batch.marks });
    this.#rows += rows;
    if (keep) this.#bytes += bytes;
  }

  /** The next batches to apply, oldest first. */
  group(): NumberedBatch[] {
    const group: NumberedBatch[] = [];
    let rows = 0;
    for (const entry of this.#entries) {
      if (group.length > 0 && rows + entry.rows > rowsPerGroup) break;
      if (entry.batch === undefined) this.#readFrom(entry.seq);
      if (entry.batch === undefined) continue;
      rows += entry.rows;
      group.push({ seq: entry.seq, batch: entry.batch });
    }
    return group;
  }

  applied(group: readonly NumberedBatch[]): void {
    const last = group.at(-1);
    if (last === undefined) return;
    this.#newestApplied = last.batch;
    this.drop(last.seq);
  }

  /** Forgets everything up to `seq`; returns how many batches that were. */
  drop(seq: number): number {
    let dropped = 0;
    for (let entry = this.#entries[0]; entry !== undefined && entry.seq <= seq; entry = this.#entries[0]) {
      this.#entries.shift();
      this.#ids.delete(entry.batchId);
      this.#rows -= entry.rows;
      if (entry.batch !== undefined) this.#bytes -= entry.bytes;
      dropped++;
    }
    if (this.#entries.length === 0) this.#marks.clear();
    return dropped;
  }

  /** Everything that the journal has after the driver's cursor is pending, whatever was applied to an earlier database. */
  restart(driver: DuckDbDriver): void {
    this.drop(Number.POSITIVE_INFINITY);
    this.#newestApplied = undefined;
    for (const { seq, payload } of this.#journal.records(driver.cursor + 1)) {
      this.add({ seq, batch: decodeBatch(payload), bytes: payload.byteLength, since: Number.NEGATIVE_INFINITY });
    }
  }

  /** Loads the batches from `seq` on into memory again, as many as may be there. */
  #readFrom(seq: number): void {
    const missing = new Map(
      this.#entries.filter((entry) => entry.batch === undefined).map((entry) => [entry.seq, entry]),
    );
    for (const record of this.#journal.records(seq)) {
      const entry = missing.get(record.seq);
      if (entry === undefined) continue;
      entry.batch = decodeBatch(record.payload);
      this.#bytes += entry.bytes;
      if (this.#bytes > maxBytesInMemory) return;
    }
  }
}
