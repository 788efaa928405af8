// The batches that the journal has and the database has not. Recent ones are kept in memory, so that applying them
// costs no second inflate; after a crash, or when there are many, they are read from the journal again.
import type { Batch } from "../model/batch.ts";
import { decodeBatch } from "../model/batch-codec.ts";
import type { DuckDbDriver } from "./drivers/duckdb/duckdb-driver.ts";
import type { NumberedBatch } from "./drivers/duckdb/table-writers.ts";
import type { Journal } from "./journal.ts";
import type { RecordHead } from "./journal-record.ts";

const maxBytesInMemory = 64 * 2 ** 20;
/** One transaction takes no more than this, so that an import cannot hold up questions for long. */
const rowsPerGroup = 50_000;

interface Entry {
  readonly seq: number;
  readonly batchId: string;
  readonly rows: number;
  readonly bytes: number;
  readonly since: number;
  /** Undefined while it is only in the journal. */
  readonly batch: Batch | undefined;
}

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

  /** `batch` is undefined for one that was found in the journal; it is read when its turn comes. */
  add(seq: number, head: RecordHead, since: number, batch?: Batch): void {
    const keep = batch !== undefined && this.#bytes + head.bytes <= maxBytesInMemory;
    const { batchId, rows, bytes } = head;
    this.#entries.push({ seq, batchId, rows, bytes, since, batch: keep ? batch : undefined });
    this.#ids.add(batchId);
    this.#marks.set(head.cluster, { ...this.#marks.get(head.cluster), ...head.marks });
    this.#rows += rows;
    if (keep) this.#bytes += bytes;
  }

  /** The next batches to apply, oldest first. What can no longer be read is passed over; the journal has reported it. */
  group(): NumberedBatch[] {
    const group: NumberedBatch[] = [];
    let rows = 0;
    for (const entry of this.#entries) {
      if (group.length > 0 && rows + entry.rows > rowsPerGroup) break;
      const batch = entry.batch ?? this.#read(entry.seq);
      if (batch === undefined) continue;
      rows += entry.rows;
      group.push({ seq: entry.seq, batch });
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
    for (const { seq, head } of this.#journal.heads(driver.cursor + 1)) {
      this.add(seq, head, Number.NEGATIVE_INFINITY);
    }
  }

  #read(seq: number): Batch | undefined {
    const payload = this.#journal.read(seq);
    return payload === undefined ? undefined : decodeBatch(payload);
  }
}
