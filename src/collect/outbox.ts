// Batches on their way to the store. A poll does not wait for the disk. A store that cannot write keeps the batch in
// memory and writes it later, so nothing is sent twice; what did not become durable before an end of the process has not
// moved the store's marks either, and is asked for again at the next start.
import type { Batch } from "../model/batch.ts";

export class Outbox {
  readonly #append: (batch: Batch) => Promise<void>;
  readonly #onLate: (error: unknown) => void;
  readonly #pending = new Set<Promise<boolean>>();

  constructor(append: (batch: Batch) => Promise<void>, onLate: (error: unknown) => void) {
    this.#append = append;
    this.#onLate = onLate;
  }

  /** Resolves, and never rejects: true when the batch is durable, false when it waits for the disk. */
  send(batch: Batch): Promise<boolean> {
    const sending = this.#append(batch).then(
      () => true,
      (error: unknown) => {
        this.#onLate(error);
        return false;
      },
    );
    const tracked = sending.finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
    return tracked;
  }

  /** Waits for everything that was sent. */
  async drain(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
