// The way in: batches that arrive together go into the journal with one fdatasync and are then acknowledged. What the
// disk does not take waits in memory and is written as soon as it does, without a restart.
import type { Clock } from "../lib/clock.ts";
import { StoreError } from "../lib/errors.ts";
import type { Batch } from "../model/batch.ts";
import { decodeBatch } from "../model/batch-codec.ts";
import { diskError } from "./disk-error.ts";
import type { Journal } from "./journal.ts";
import { headOf } from "./journal-record.ts";
import type { PendingBatches } from "./pending-batches.ts";
import { ownProblem, type TellEvent } from "./store-events.ts";
import { WaitingBatches } from "./waiting-batches.ts";

const retryMs = 2000;

export interface IntakeParts {
  readonly clock: Clock;
  readonly tell: TellEvent;
  readonly dataDir: string;
  readonly journal: Journal;
  readonly pending: PendingBatches;
  /** True for a batch that the database has. */
  readonly isApplied: (batchId: string) => boolean;
  /** Called when the journal has taken batches. */
  readonly written: () => void;
  readonly closing: AbortSignal;
}

interface Append {
  readonly batch: Batch;
  readonly encoded: ArrayBuffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Intake {
  readonly #parts: IntakeParts;
  readonly #waiting: WaitingBatches;
  readonly #appends: Append[] = [];
  readonly #inFlight = new Map<string, Promise<void>>();
  #writeError: string | null = null;
  #rowsWritten = 0;
  #batchesWritten = 0;
  #retrying = false;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#waiting = new WaitingBatches(parts.clock);
  }

  get rowsWritten(): number {
    return this.#rowsWritten;
  }

  get batchesWritten(): number {
    return this.#batchesWritten;
  }

  /** Batches that waited for space too long. */
  get batchesDropped(): number {
    return this.#waiting.dropped;
  }

  /** One sentence on what keeps samples from the disk, or null. */
  get writeError(): string | null {
    return this.#writeError;
  }

  /**
   * Resolves when the batch is on the disk. Rejects with a StoreError when it cannot be written; it is then kept in
   * memory and written later, and appending it again is harmless.
   */
  async append(encoded: ArrayBuffer): Promise<void> {
    if (this.#parts.closing.aborted) throw new StoreError("The store is closed.");
    const batch = decodeBatch(encoded);
    if (this.#parts.pending.knows(batch.batchId) || this.#parts.isApplied(batch.batchId)) return;
    const known = this.#inFlight.get(batch.batchId);
    if (known !== undefined) return known;
    const written = new Promise<void>((resolve, reject) => {
      this.#appends.push({ batch, encoded, resolve, reject });
    });
    this.#inFlight.set(batch.batchId, written);
    // All that arrive within one turn of the event loop share one fdatasync.
    if (this.#appends.length === 1) setImmediate(() => this.#writeGroup());
    return written;
  }

  /** Writes what has arrived. What the disk does not take now is lost with this process, and said so. */
  close(): void {
    this.#writeGroup();
    const lost = this.#waiting.length;
    if (lost === 0) return;
    const message = "batches in memory could not be written before the store was closed";
    this.#parts.tell({ event: "log", level: "warn", data: { batches: lost, reason: this.#writeError }, message });
  }

  #writeGroup(): void {
    this.#writeWaiting();
    const group = this.#withoutWritten(this.#appends.splice(0));
    if (group.length === 0) return;
    try {
      if (this.#waiting.length > 0) throw new StoreError(this.#writeError ?? "Earlier batches wait to be written.");
      this.#writeToJournal(group);
      for (const append of group) append.resolve();
    } catch (error) {
      const refusal = this.#refuse(error);
      for (const { batch, encoded } of group) this.#waiting.add({ batchId: batch.batchId, encoded });
      for (const append of group) append.reject(refusal);
      this.#retryLater();
    }
    for (const { batch } of group) this.#inFlight.delete(batch.batchId);
  }

  /** A batch that was refused once and asked for again may just have been written from memory. */
  #withoutWritten(group: readonly Append[]): Append[] {
    return group.filter(({ batch, resolve }) => {
      if (!this.#parts.pending.knows(batch.batchId)) return true;
      resolve();
      this.#inFlight.delete(batch.batchId);
      return false;
    });
  }

  #writeToJournal(group: readonly { readonly batch: Batch; readonly encoded: ArrayBuffer }[]): void {
    const entries = group.map(({ batch, encoded }) => ({
      head: headOf(batch, encoded.byteLength),
      payload: new Uint8Array(encoded),
    }));
    const first = this.#parts.journal.append(entries);
    const since = this.#parts.clock.monotonic();
    for (const [index, { batch }] of group.entries()) {
      const head = entries[index]?.head ?? headOf(batch, 0);
      this.#parts.pending.add(first + index, head, since, batch);
      this.#batchesWritten++;
      this.#rowsWritten += head.rows;
    }
    this.#parts.written();
    if (this.#writeError === null) return;
    this.#writeError = null;
    this.#parts.tell({ event: "clear", code: "store_write_failed" });
  }

  /** Older batches go first, so that the journal stays in the order of the polls. */
  #writeWaiting(): void {
    for (let next = this.#waiting.first(); next !== undefined; next = this.#waiting.first()) {
      try {
        this.#writeToJournal([{ batch: decodeBatch(next.encoded), encoded: next.encoded }]);
      } catch (error) {
        this.#refuse(error);
        return;
      }
      this.#waiting.removeFirst();
    }
  }

  #refuse(error: unknown): StoreError {
    const { dataDir, tell } = this.#parts;
    const refusal = error instanceof StoreError ? error : diskError("Samples cannot be written to", dataDir, error);
    this.#writeError = refusal.message;
    const remedy =
      "Free space or restore write access; Pilothouse goes on by itself and writes what it holds in memory.";
    tell(ownProblem("store_write_failed", "critical", refusal.message, remedy));
    return refusal;
  }

  #retryLater(): void {
    if (this.#retrying) return;
    this.#retrying = true;
    void this.#retryWaiting();
  }

  async #retryWaiting(): Promise<void> {
    const { clock, closing } = this.#parts;
    while (this.#waiting.length > 0) {
      await clock.sleep(retryMs, closing);
      if (closing.aborted) return;
      this.#writeWaiting();
    }
    this.#retrying = false;
  }
}
