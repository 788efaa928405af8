// Batches that the disk does not take just now. A bounded queue in memory, written in order as soon as there is space;
// when it is full, or its batches too old, the oldest go and are counted.
import type { Clock } from "../lib/clock.ts";

const maxAgeMs = 600_000;
const maxBytes = 128 * 2 ** 20;

export interface WaitingBatch {
  readonly batchId: string;
  readonly encoded: ArrayBuffer;
}

export class WaitingBatches {
  readonly #clock: Clock;
  readonly #queue: (WaitingBatch & { readonly since: number })[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#queue.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  has(batchId: string): boolean {
    return this.#queue.some((waiting) => waiting.batchId === batchId);
  }

  add(batch: WaitingBatch): void {
    if (this.has(batch.batchId)) return;
    this.#queue.push({ ...batch, since: this.#clock.monotonic() });
    this.#bytes += batch.encoded.byteLength;
    this.#enforceBounds();
  }

  first(): WaitingBatch | undefined {
    return this.#queue[0];
  }

  removeFirst(): void {
    this.#bytes -= this.#queue.shift()?.encoded.byteLength ?? 0;
  }

  #enforceBounds(): void {
    const oldest = this.#clock.monotonic() - maxAgeMs;
    while (this.#queue.length > 1 && (this.#bytes > maxBytes || (this.#queue[0]?.since ?? oldest) < oldest)) {
      this.removeFirst();
      this.#dropped++;
    }
  }
}
