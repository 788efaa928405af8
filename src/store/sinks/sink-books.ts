// What one sink has, lacks, refused and lost: the cursor, the dead letters and the counts, moved together.
import type { Clock } from "../../lib/clock.ts";
import { describeError } from "../../lib/errors.ts";
import type { Batch } from "../../model/batch.ts";
import { decodeBatch } from "../../model/batch-codec.ts";
import type { Rejection } from "../../model/sink.ts";
import type { Journal } from "../journal.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { SeqRanges } from "./seq-ranges.ts";
import type { SinkCursor } from "./sink-cursor.ts";
import type { SinkProblems } from "./sink-problems.ts";
import { withoutRows } from "./split-batch.ts";

export interface BooksParts {
  readonly journal: Pick<Journal, "read" | "firstSeq" | "lastSeq">;
  readonly cursor: SinkCursor;
  readonly deadLetters: DeadLetters;
  readonly problems: SinkProblems;
  readonly clock: Clock;
}

/** Records that are looked at to find the one to read back next. */
const lookAhead = 200;
/** A day without another rejected row, and the problem is history; the file and the count stay. */
const rejectedIsOverMs = 24 * 3_600_000;

export class SinkBooks {
  readonly #parts: BooksParts;
  readonly #inFlight = new Set<number>();
  /** When a record was delivered, until it is read back. What an earlier process delivered counts from the start. */
  readonly #deliveredAt = new Map<number, number>();
  /** Read back since the start, beyond what the cursor says. */
  readonly #checked = new SeqRanges();
  readonly #startedAt: number;
  #lastDeliveredAt: number | null = null;
  #lastRejectedAt: number | null = null;

  constructor(parts: BooksParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.monotonic();
  }

  get cursor(): SinkCursor {
    return this.#parts.cursor;
  }

  get lastDeliveredAt(): number | null {
    return this.#lastDeliveredAt;
  }

  /** Batches that the journal holds for the sink. */
  get pending(): number {
    return this.cursor.done.countMissing(this.#first, this.#parts.journal.lastSeq);
  }

  get unverified(): number {
    const { firstSeq, lastSeq } = this.#parts.journal;
    return Math.max(0, lastSeq - Math.max(this.cursor.verified, firstSeq - 1) - this.pending);
  }

  /** Of the pending ones those that nobody is delivering just now. */
  get waiting(): number {
    return this.pending - this.#inFlight.size;
  }

  newestMissing(): number | undefined {
    const { lastSeq } = this.#parts.journal;
    return lastSeq > 0 && this.#isFree(lastSeq) && !this.cursor.done.has(lastSeq) ? lastSeq : undefined;
  }

  oldestMissing(): number | undefined {
    for (const [from, to] of this.cursor.done.holes(this.#first, this.#parts.journal.lastSeq)) {
      for (let seq = from; seq <= to; seq++) if (this.#isFree(seq)) return seq;
    }
    return undefined;
  }

  /** The batch, which nobody else delivers now; undefined when it cannot be had from anywhere, which is then counted. */
  take(seq: number): Batch | undefined {
    const batch = this.#read(seq);
    if (batch === undefined) this.#giveUp(seq);
    else this.#inFlight.add(seq);
    return batch;
  }

  /** Throws when the rejected rows cannot be kept: then the batch is not delivered. */
  delivered(seq: number, batch: Batch, rejections: readonly Rejection[]): void {
    const { clock, cursor } = this.#parts;
    const rows = this.reject(batch, rejections);
    if (rows.length > 0) cursor.rejectedRows.set(seq, rows);
    this.#inFlight.delete(seq);
    cursor.done.add(seq);
    cursor.touch();
    this.#deliveredAt.set(seq, clock.monotonic());
    this.#lastDeliveredAt = clock.now();
    if (rows.length > 0) this.save();
  }

  notDelivered(seq: number): void {
    this.#inFlight.delete(seq);
    if (seq < this.#parts.journal.firstSeq) this.#giveUp(seq);
  }

  /** Keeps rows that the sink never takes. Returns their positions. */
  reject(batch: Batch, rejections: readonly Rejection[]): readonly number[] {
    const [first] = rejections;
    if (first === undefined) return [];
    const { clock, cursor, deadLetters, problems } = this.#parts;
    cursor.rowsRejected += deadLetters.add(batch, rejections, clock.now());
    cursor.touch();
    this.#lastRejectedAt = clock.now();
    problems.rejected(cursor.rowsRejected, deadLetters.path, first.reason);
    return rejections.map(({ row }) => row);
  }

  /** The journal let these records go to keep to its bound. What is under way counts only when it fails. */
  dropped(first: number, last: number): void {
    const { done } = this.cursor;
    const underWay = [...this.#inFlight].filter((seq) => first <= seq && seq <= last);
    const batches = done.countMissing(first, last) - underWay.length;
    done.add(first, last);
    for (const seq of underWay) done.remove(seq);
    this.#countDropped(batches);
  }

  /**
   * The next record to read back, and when it was delivered; undefined when there is none. Not strictly in order: one
   * that has to be sent again must not keep the others from being looked at.
   */
  nextToVerify(): { readonly seq: number; readonly deliveredAt: number } | undefined {
    const { firstSeq, lastSeq } = this.#parts.journal;
    // What is not in the journal any more cannot be compared.
    if (this.cursor.verified < firstSeq - 1) this.verified(this.cursor.verified + 1, firstSeq - 1);
    let earliest: { readonly seq: number; readonly deliveredAt: number } | undefined;
    let looked = 0;
    for (const [from, to] of this.#checked.holes(this.cursor.verified + 1, lastSeq)) {
      for (let seq = from; seq <= to && looked < lookAhead; seq++) {
        if (!this.cursor.done.has(seq)) continue;
        looked++;
        const deliveredAt = this.#deliveredAt.get(seq) ?? this.#startedAt;
        if (earliest === undefined || deliveredAt < earliest.deliveredAt) earliest = { seq, deliveredAt };
      }
    }
    return earliest;
  }

  /** What the sink must have of a record; undefined when the journal has it no more. */
  expected(seq: number): Batch | undefined {
    const batch = this.#read(seq);
    return batch === undefined ? undefined : withoutRows(batch, this.cursor.rejectedRows.get(seq) ?? []);
  }

  /** These were found. The cursor stands before the first record that was not. */
  verified(first: number, last = first): void {
    const { cursor, journal } = this.#parts;
    this.#checked.add(first, last);
    forget(this.#deliveredAt, first, last);
    forget(cursor.rejectedRows, first, last);
    const [hole] = this.#checked.holes(cursor.verified + 1, journal.lastSeq);
    cursor.verified = hole === undefined ? Math.max(cursor.verified, journal.lastSeq) : hole[0] - 1;
    cursor.touch();
  }

  sendAgain(seq: number, batchId: string): void {
    const { cursor, problems } = this.#parts;
    cursor.done.remove(seq);
    cursor.batchesResent++;
    cursor.touch();
    problems.lost(batchId, cursor.batchesResent);
  }

  save(): void {
    const { clock, cursor, problems } = this.#parts;
    if (cursor.isSaved) return;
    const now = clock.now();
    if (this.pending === 0) cursor.completeAt = now;
    try {
      cursor.save(now);
      problems.clear("sink_cursor_not_saved");
    } catch (error) {
      problems.unsaved(describeError(error));
    }
  }

  /** Takes back the problems that are over. */
  tidy(): void {
    const { clock, problems } = this.#parts;
    if (this.pending === 0) problems.clear("sink_dropped");
    const rejectedAt = this.#lastRejectedAt;
    if (rejectedAt !== null && clock.now() - rejectedAt > rejectedIsOverMs) problems.clear("sink_rejected_rows");
  }

  get #first(): number {
    return Math.max(1, this.#parts.journal.firstSeq);
  }

  #isFree(seq: number): boolean {
    return !this.#inFlight.has(seq);
  }

  #read(seq: number): Batch | undefined {
    const payload = this.#parts.journal.read(seq);
    return payload === undefined ? undefined : decodeBatch(payload);
  }

  #giveUp(seq: number): void {
    this.cursor.done.add(seq);
    this.#countDropped(1);
  }

  #countDropped(batches: number): void {
    const { cursor, problems } = this.#parts;
    cursor.touch();
    cursor.batchesDropped += batches;
    if (batches > 0) problems.dropped(batches, cursor.batchesDropped);
    this.save();
  }
}

function forget(bySeq: Map<number, unknown>, first: number, last: number): void {
  if (first === last) bySeq.delete(first);
  else for (const seq of bySeq.keys()) if (first <= seq && seq <= last) bySeq.delete(seq);
}
