// Delivers the journal to one sink. Four lanes run beside each other:
//
//   journal ─▶ fresh      always the newest batch: after an outage the present is there at once
//           ─▶ backlog    always the oldest one missing; rests while the fresh lane cannot get through
//           ─▶ read-back  asks some time later whether what was acknowledged is there; only then the journal lets go
//   database ─▶ backfill  stored history, for a sink that came later; only when nothing else is waiting
//
// Batches are read from the journal when their turn comes, so that an outage costs disk and no memory. The cursor keeps
// exactly what was delivered; what a crash makes us forget is delivered again, which a sink must not mind.
import type { Clock } from "../../lib/clock.ts";
import type { Sink, SinkState, SinkStatus } from "../../model/sink.ts";
import type { Journal } from "../journal.ts";
import type { TellEvent } from "../store-events.ts";
import { type BackfillSource, hoursOf } from "./backfill-source.ts";
import { Bell } from "./bell.ts";
import { DeadLetters } from "./dead-letters.ts";
import { type DeadlineParts, withDeadline } from "./deadline.ts";
import { Lane, type Step } from "./lane.ts";
import type { LaneTrouble } from "./lane-trouble.ts";
import { SinkBooks } from "./sink-books.ts";
import type { BackfillPosition, SinkCursor } from "./sink-cursor.ts";
import { SinkProblems } from "./sink-problems.ts";
import { withoutRows } from "./split-batch.ts";
import { writeBatch } from "./write-batch.ts";

export interface DeliveryLimits {
  /** A write or a read-back that takes longer has failed. */
  readonly deadlineMs: number;
  /** How long after the acknowledgement a batch is read back. */
  readonly readBackMs: number;
  /** The cursor is written at most this often. */
  readonly saveMs: number;
  /** Of one dead-letter file; there are two at most. */
  readonly deadLetterBytes: number;
}

export const usualLimits: DeliveryLimits = {
  deadlineMs: 30_000,
  readBackMs: 60_000,
  saveMs: 1_000,
  deadLetterBytes: 8 * 2 ** 20,
};

export interface DeliveryParts {
  readonly sink: Sink;
  readonly kind: string;
  /** Where the sink's dead letters go. */
  readonly directory: string;
  readonly journal: Pick<Journal, "read" | "firstSeq" | "lastSeq">;
  readonly cursor: SinkCursor;
  readonly history: BackfillSource;
  readonly clock: Clock;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly tell: TellEvent;
  readonly limits: DeliveryLimits;
}

export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #closing = new AbortController();
  readonly #bell: Bell;
  readonly #deadline: DeadlineParts;
  readonly #problems: SinkProblems;
  readonly #books: SinkBooks;
  readonly #fresh: Lane;
  readonly #backlog: Lane;
  readonly #readBack: Lane;
  readonly #backfill: Lane;
  #state: SinkState = "ok";
  #since: number;
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: DeliveryParts) {
    const { clock, random, limits, journal, cursor } = parts;
    const { signal: closing } = this.#closing;
    this.#parts = parts;
    this.#bell = new Bell(clock);
    this.#deadline = { clock, ms: limits.deadlineMs, closing };
    this.#problems = new SinkProblems(parts.sink.name, parts.tell);
    const deadLetters = new DeadLetters(parts.directory, limits.deadLetterBytes);
    this.#books = new SinkBooks({ journal, cursor, deadLetters, problems: this.#problems, clock });
    const lane = { clock, random, closing, bell: this.#bell, after: () => this.#look() };
    this.#fresh = new Lane(lane);
    this.#backlog = new Lane(lane);
    this.#readBack = new Lane(lane);
    this.#backfill = new Lane(lane);
    this.#since = clock.now();
  }

  start(): void {
    this.#running = Promise.all([
      this.#fresh.run(() => this.#delivery(this.#books.newestMissing())),
      this.#backlog.run(() => this.#delivery(this.#fresh.trouble.isFailing ? undefined : this.#books.oldestMissing())),
      this.#readBack.run(() => this.#verification()),
      this.#backfill.run(() => this.#historyPage()),
      this.#saveInTime(),
    ]);
  }

  /** The journal has more. */
  appended(): void {
    this.#look();
    this.#bell.ring();
  }

  /** The journal let these records go to keep to its bound. */
  dropped(first: number, last: number): void {
    this.#books.dropped(first, last);
    this.#bell.ring();
  }

  /** Everything up to here is in the sink, was read back, and the cursor on the disk says so. */
  get safeThrough(): number {
    return this.#parts.cursor.savedVerified;
  }

  status(): SinkStatus {
    const { sink, kind, cursor } = this.#parts;
    const { batchesDropped, batchesResent, rowsRejected, backfill } = cursor;
    return {
      name: sink.name,
      kind,
      state: this.#state,
      reason: this.#troubles.find((trouble) => trouble.isFailing)?.reason ?? null,
      since: this.#since,
      lastDeliveredAt: this.#books.lastDeliveredAt,
      batchesPending: this.#books.pending,
      batchesUnverified: this.#books.unverified,
      batchesDropped,
      batchesResent,
      rowsRejected,
      traffic: sink.stats(),
      backfill: backfill === null ? null : hoursOf(backfill),
    };
  }

  /** Ends what is under way, without waiting for a sink that hangs, and writes the cursor. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#bell.ring();
    await this.#running;
    this.#books.save();
    await this.#parts.sink.close();
  }

  get #troubles(): readonly LaneTrouble[] {
    return [this.#fresh, this.#backlog, this.#readBack, this.#backfill].map(({ trouble }) => trouble);
  }

  #delivery(seq: number | undefined): Step | undefined {
    return seq === undefined ? undefined : { seq, notBefore: 0, run: async () => this.#deliver(seq) };
  }

  async #deliver(seq: number): Promise<void> {
    const batch = this.#books.take(seq);
    if (batch === undefined) return;
    try {
      this.#books.delivered(seq, batch, await writeBatch(this.#parts.sink, batch, this.#deadline));
    } catch (error) {
      this.#books.notDelivered(seq);
      throw error;
    }
  }

  #verification(): Step | undefined {
    const next = this.#books.nextToVerify();
    if (next === undefined) return undefined;
    const notBefore = next.deliveredAt + this.#parts.limits.readBackMs;
    return { seq: 0, notBefore, run: async () => this.#verify(next.seq) };
  }

  async #verify(seq: number): Promise<void> {
    const { sink } = this.#parts;
    const batch = this.#books.expected(seq);
    const isThere =
      batch === undefined || (await withDeadline(this.#deadline, async (signal) => sink.verify(batch, signal)));
    if (isThere) this.#books.verified(seq);
    else this.#books.sendAgain(seq, batch.batchId);
  }

  #historyPage(): Step | undefined {
    const position = this.#parts.cursor.backfill;
    const isBusy = this.#books.pending > 0 || this.#fresh.trouble.isFailing || this.#backlog.trouble.isFailing;
    if (position === null || isBusy) return undefined;
    return { seq: 0, notBefore: 0, run: async () => this.#fill(position) };
  }

  /** History is read back at once: nothing else keeps it for the sink, and the position must not run ahead of it. */
  async #fill(position: BackfillPosition): Promise<void> {
    const { sink, history, cursor } = this.#parts;
    const { batch, next } = await history.page(position, sink.name);
    if (batch !== null) {
      const rejected = this.#books.reject(batch, await writeBatch(sink, batch, this.#deadline));
      const expected = withoutRows(batch, rejected);
      const isThere = await withDeadline(this.#deadline, async (signal) => sink.verify(expected, signal));
      if (!isThere) throw new Error("It acknowledged stored history and does not have it.");
    }
    cursor.backfill = next;
    cursor.touch();
  }

  async #saveInTime(): Promise<void> {
    const { clock, limits, cursor } = this.#parts;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      if (cursor.isSaved) await this.#bell.wait();
      this.#books.save();
      await clock.sleep(limits.saveMs, signal);
    }
  }

  /** What the sink's state is now, and what is to be told about it. */
  #look(): void {
    const { clock } = this.#parts;
    const { pending, waiting } = this.#books;
    this.#problems.look(this.#troubles, pending, clock.monotonic());
    this.#books.tidy();
    const state = stateOf(this.#troubles, waiting);
    if (state === this.#state) return;
    this.#state = state;
    this.#since = clock.now();
  }
}

function stateOf(lanes: readonly LaneTrouble[], waiting: number): SinkState {
  if (lanes.some((lane) => lane.isHeld)) return "held";
  if (lanes.some((lane) => lane.isFailing)) return "retrying";
  return waiting > 1 ? "behind" : "ok";
}
