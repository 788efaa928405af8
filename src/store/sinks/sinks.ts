// All sinks behind the journal besides the embedded database: opened from the configuration, fed, and asked what the
// journal may forget.
import { join } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import { ConfigError } from "../../lib/errors.ts";
import type { Event } from "../../model/event.ts";
import type { Sink, SinkStatus } from "../../model/sink.ts";
import type { Journal } from "../journal.ts";
import type { SampleReader } from "../sample-reader.ts";
import type { TellEvent } from "../store-events.ts";
import { type BackfillSource, firstPosition } from "./backfill-source.ts";
import { Delivery, type DeliveryLimits } from "./delivery.ts";
import { SinkCursor } from "./sink-cursor.ts";
import type { SinkKind, SinkSettings } from "./sink-kind.ts";
import { TagBook } from "./tag-book.ts";

/** Given twice rather than not at all, before and after: clocks of nodes differ from ours. */
const overlapMs = 3_600_000;

export interface SinksParts {
  readonly dataDir: string;
  readonly settings: readonly SinkSettings[];
  readonly kinds: readonly SinkKind[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly tell: TellEvent;
  readonly limits: DeliveryLimits;
}

export interface SinksStart {
  readonly journal: Journal;
  readonly history: BackfillSource;
  /** Begin of what is stored. */
  readonly historyFromMs: number;
}

interface OpenedSink {
  readonly sink: Sink;
  readonly kind: string;
  readonly directory: string;
  readonly cursor: SinkCursor;
}

export class Sinks {
  /** What sinks are told of the inventory. */
  readonly tags: TagBook;
  readonly #parts: SinksParts;
  readonly #opened: readonly OpenedSink[];
  #deliveries: readonly Delivery[] = [];

  private constructor(parts: SinksParts, opened: readonly OpenedSink[], tags: TagBook) {
    this.tags = tags;
    this.#parts = parts;
    this.#opened = opened;
  }

  /** Opens sinks and cursors; nothing is delivered yet. Throws a ConfigError for a kind that there is not. */
  static async open(parts: SinksParts): Promise<Sinks> {
    const opened: OpenedSink[] = [];
    const tags = new TagBook();
    for (const settings of parts.settings) {
      const directory = join(parts.dataDir, "sinks", settings.name);
      const sink = await kindOf(settings, parts.kinds).open(settings, { clock: parts.clock, tags });
      opened.push({ sink, kind: settings.kind, directory, cursor: new SinkCursor(directory, parts.clock.now()) });
    }
    return new Sinks(parts, opened, tags);
  }

  /** The newest record that any sink has: the journal's numbers must not go back behind it. */
  get highestSeq(): number {
    return Math.max(0, ...this.#opened.map(({ cursor }) => cursor.done.highest));
  }

  start({ journal, history, historyFromMs }: SinksStart): void {
    const { clock, random, tell, limits } = this.#parts;
    for (const { cursor } of this.#opened) prepare(cursor, journal, historyFromMs, clock.now());
    this.#deliveries = this.#opened.map(
      (opened) => new Delivery({ ...opened, journal, history, clock, random, tell, limits }),
    );
    for (const delivery of this.#deliveries) delivery.start();
  }

  appended(): void {
    for (const delivery of this.#deliveries) delivery.appended();
  }

  dropped(first: number, last: number): void {
    for (const delivery of this.#deliveries) delivery.dropped(first, last);
  }

  /** No sink needs the journal up to here; `seq` when there is no sink. */
  safeThrough(seq: number): number {
    return Math.min(seq, ...this.#deliveries.map((delivery) => delivery.safeThrough));
  }

  /** What reads the samples of a sink; undefined when that kind cannot be read. */
  readerOf(name: string): SampleReader | undefined {
    const settings = this.#parts.settings.find((each) => each.name === name);
    return settings === undefined ? undefined : kindOf(settings, this.#parts.kinds).reader?.(settings);
  }

  /** Gives a sink events; false when it does not take any. Throws what the sink throws. */
  async writeEvents(name: string, events: readonly Event[], signal: AbortSignal): Promise<boolean> {
    const sink = this.#opened.find((each) => each.sink.name === name)?.sink;
    if (sink?.writeEvents === undefined) return false;
    await sink.writeEvents(events, signal);
    return true;
  }

  statuses(): readonly SinkStatus[] {
    return this.#deliveries.map((delivery) => delivery.status());
  }

  async close(): Promise<void> {
    await Promise.all(this.#deliveries.map(async (delivery) => delivery.close()));
  }
}

/**
 * A sink that was never seen gets new batches from the journal and everything older from what is stored. One that was
 * away for longer than the journal reaches gets what it missed from there.
 */
function prepare(cursor: SinkCursor, journal: Journal, historyFromMs: number, nowMs: number): void {
  const isNew = cursor.savedAt === undefined;
  const coveredThrough = isNew ? journal.lastSeq : journal.firstSeq - 1;
  if (cursor.done.countMissing(1, coveredThrough) > 0) {
    cursor.done.add(1, coveredThrough);
    if (isNew) cursor.verified = coveredThrough;
    const fromMs = isNew ? historyFromMs : Math.max(historyFromMs, cursor.completeAt - overlapMs);
    cursor.backfill = firstPosition(Math.min(fromMs, cursor.backfill?.fromMs ?? fromMs), nowMs + overlapMs);
  }
  if (isNew) cursor.completeAt = nowMs;
  cursor.touch();
}

function kindOf({ name, kind }: SinkSettings, kinds: readonly SinkKind[]): SinkKind {
  const found = kinds.find((each) => each.kind === kind);
  if (found !== undefined) return found;
  const known = kinds.map((each) => each.kind).join(", ");
  throw new ConfigError(`The sink ${name} is of kind "${kind}", which there is not; there are: ${known || "none"}.`);
}
