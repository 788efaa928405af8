// Batches on their way to the store. The poll does not wait for the disk; progress counts only once it is durable.
import type { Batch } from "../model/batch.ts";

export interface OutboxOptions {
  readonly append: (batch: Batch) => Promise<void>;
  /** A batch could not be kept and nothing else is under way: what it held should be asked for again. */
  readonly onLost: (durable: Readonly<Record<string, number>>, error: unknown) => void;
  readonly marks: Readonly<Record<string, number>>;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #durable: Record<string, number>;
  readonly #pending = new Set<Promise<void>>();
  #lost = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#durable = { ...options.marks };
  }

  get lostBatches(): number {
    return this.#lost;
  }

  send(batch: Batch): void {
    const sending = this.#options.append(batch).then(
      () => {
        Object.assign(this.#durable, batch.marks);
      },
      (error: unknown) => this.#fail(error),
    );
    const tracked = sending.finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
  }

  /** Waits until everything sent is durable or lost. */
  async drain(): Promise<void> {
    await Promise.all(this.#pending);
  }

  #fail(error: unknown): void {
    this.#lost += 1;
    // While later batches are on their way, going back would bring their rows a second time.
    if (this.#pending.size <= 1) this.#options.onLost({ ...this.#durable }, error);
  }
}
