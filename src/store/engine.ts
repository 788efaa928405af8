// The store in its own thread: journal in front, DuckDB behind it.
//
//   append ─▶ journal (fdatasync) ─▶ acknowledged ─▶ pending ─▶ apply ─▶ DuckDB ─▶ checkpoint ─▶ journal is trimmed
//                 └─ disk full ─▶ waiting in memory, written when there is space
//
// DuckDB gets its rows in groups: a transaction costs some 15 ms of CPU however few rows it has, so a small poll waits
// for others. A question never does: whatever is pending is applied before it is answered.
import type { Clock } from "../lib/clock.ts";
import { describeError } from "../lib/errors.ts";
import type { Batch } from "../model/batch.ts";
import type { Event } from "../model/event.ts";
import type { EntityKind } from "../model/ids.ts";
import type { SinkStatus } from "../model/sink.ts";
import type {
  LatestValue,
  QuantilesQuery,
  QuantilesResult,
  RangeQuery,
  StoreStats,
  TotalsQuery,
  TotalsResult,
  TrendQuery,
  TrendResult,
} from "../model/store.ts";
import { type OpenedDatabase, openDatabase, replaceDatabase } from "./database.ts";
import type { TableContent } from "./drivers/duckdb/backup.ts";
import { isDamage } from "./drivers/duckdb/database-file.ts";
import type { DuckDbDriver } from "./drivers/duckdb/duckdb-driver.ts";
import {
  degradedProblem,
  driverSettings,
  type EngineOptions,
  type EngineParts,
  openJournal,
  openReading,
  openSinks,
} from "./engine-parts.ts";
import type { ExportRequest } from "./export-request.ts";
import { type PackedResult, unpackResult } from "./frames.ts";
import { Intake } from "./intake.ts";
import type { Journal, JournalLoss } from "./journal.ts";
import { JournalLosses } from "./journal-losses.ts";
import { PendingBatches } from "./pending-batches.ts";
import { batchesToProve } from "./read-back.ts";
import type { Reading } from "./reading.ts";
import { cutOf } from "./retention.ts";
import { backfillSource } from "./sinks/backfill-source.ts";
import { EmbeddedSink } from "./sinks/embedded-sink.ts";
import type { Sinks } from "./sinks/sinks.ts";
import type { EntityTags } from "./sinks/tag-book.ts";
import { ownProblem, type TellEvent } from "./store-events.ts";

export class StoreEngine {
  readonly #options: EngineOptions;
  readonly #clock: Clock;
  readonly #tell: TellEvent;
  readonly #journal: Journal;
  readonly #pending: PendingBatches;
  readonly #intake: Intake;
  readonly #losses: JournalLosses;
  readonly #embedded: EmbeddedSink;
  readonly #sinks: Sinks;
  readonly #reading: Reading | undefined;
  readonly #closing = new AbortController();
  #driver: DuckDbDriver;
  #degraded: boolean;
  /** The first record that a rebuilt database was given, until a read-back has found all of them. */
  #replayedFrom: number | undefined;
  /** The database was checkpointed and read back up to here. */
  #verifiedSeq = 0;
  #applying: Promise<void> | undefined;
  #recovering: Promise<void> | undefined;

  private constructor(options: EngineOptions, parts: EngineParts, sinks: Sinks, { driver, damage }: OpenedDatabase) {
    this.#options = options;
    this.#clock = parts.clock;
    this.#tell = parts.tell;
    this.#driver = driver;
    this.#degraded = damage !== undefined;
    this.#sinks = sinks;
    this.#reading = openReading(options, parts, sinks);
    this.#embedded = new EmbeddedSink(() => this.#driver, parts.clock);
    const losses = new JournalLosses(parts.tell, (seq) => this.#pending.drop(seq));
    this.#losses = losses;
    const onLoss = (loss: JournalLoss): void => this.#journalLost(losses, loss);
    const afterSeq = Math.max(driver.cursor, sinks.highestSeq);
    this.#journal = openJournal(options, afterSeq, onLoss, parts.openFile);
    this.#pending = new PendingBatches(this.#journal, driver);
    this.#intake = new Intake({
      ...parts,
      dataDir: options.dataDir,
      journal: this.#journal,
      pending: this.#pending,
      isApplied: (batchId) => this.#driver.batchIds.has(batchId),
      written: () => this.#sinks.appended(),
      closing: this.#closing.signal,
    });
    if (damage !== undefined) this.#replayedFrom = this.#journal.firstSeq;
    this.#checkForLoss();
  }

  /** Opens journal and database, repairs what a crash left, and begins to apply what the database does not have yet. */
  static async open(options: EngineOptions, parts: EngineParts): Promise<StoreEngine> {
    const sinks = await openSinks(options, parts);
    const database = await openDatabase(driverSettings(options, parts), parts.clock.now());
    if (database.damage !== undefined) parts.tell(degradedProblem(database.damage));
    try {
      const engine = new StoreEngine(options, parts, sinks, database);
      engine.#startSinks();
      void engine.#applyInTime();
      return engine;
    } catch (error) {
      await database.driver.close();
      throw error;
    }
  }

  /** As the port says; a batch that cannot be written is kept in memory and written later. */
  async append(encoded: ArrayBuffer): Promise<void> {
    await this.#intake.append(encoded);
    if (this.#pending.rows >= this.#options.applyRows) this.#applyInBackground();
  }

  async marks(cluster: string): Promise<Readonly<Record<string, number>>> {
    const applied = Object.fromEntries(this.#driver.marks.get(cluster) ?? []);
    return Promise.resolve({ ...applied, ...this.#pending.marks(cluster) });
  }

  async range(query: RangeQuery): Promise<PackedResult> {
    return (await this.#reading?.ask((reader) => reader.range(query))) ?? this.#embeddedRange(query);
  }

  async #embeddedRange(query: RangeQuery): Promise<PackedResult> {
    return this.#answer((driver) => driver.range(query));
  }

  async latest(kind: EntityKind, sinceMs: number): Promise<LatestValue[]> {
    return this.#answer((driver) => driver.latest(kind, sinceMs));
  }

  async quantiles(query: QuantilesQuery): Promise<QuantilesResult> {
    const read = await this.#reading?.ask((reader) => reader.quantiles(query));
    return read ?? this.#answer((driver) => driver.quantiles(query, this.#clock.now()));
  }

  async trend(query: TrendQuery): Promise<TrendResult> {
    return this.#answer((driver) => driver.trend(query));
  }

  async totals(query: TotalsQuery): Promise<TotalsResult> {
    return this.#answer((driver) => driver.totals(query));
  }

  async stats(): Promise<StoreStats> {
    return Promise.resolve({
      journalBytes: this.#journal.bytes,
      journalSegments: this.#journal.segmentCount,
      databaseBytes: this.#driver.bytes,
      rowsWritten: this.#intake.rowsWritten,
      batchesWritten: this.#intake.batchesWritten,
      batchesPending: this.#pending.length,
      batchesDropped: this.#losses.batchesDropped + this.#intake.batchesDropped,
      degraded: this.#degraded,
      writeError: this.#intake.writeError,
      sinks: [this.#embeddedStatus(), ...this.#sinks.statuses()],
    });
  }

  async rollup(nowMs: number): Promise<string> {
    const windows = await this.#answer((driver) => driver.rollup(nowMs));
    const hours = await this.#answer((driver) => driver.sketch(nowMs));
    return `Rolled up ${windows} windows and counted ${hours} hours into sketches.`;
  }

  /** Makes the database safe on its own, proves it on the newest batch, and lets the journal forget what is safe. */
  async checkpoint(): Promise<string> {
    const safe = await this.#answer((driver) => driver.checkpoint());
    const driver = this.#driver;
    for (const batch of this.#toProve()) {
      const different = await this.#answer(async () => this.#embedded.differences(batch));
      if (different > 0) return this.#keepJournal(batch.batchId, different);
    }
    // One that was replaced meanwhile has a replay of its own to prove.
    if (this.#driver !== driver) return "The database was replaced; the journal was kept.";
    this.#replayedFrom = undefined;
    this.#tell({ event: "clear", code: "store_read_back_failed" });
    this.#verifiedSeq = safe;
    const segments = this.#journal.dropThrough(this.#sinks.safeThrough(safe));
    return `Checkpointed up to record ${safe}; ${segments} journal segments removed.`;
  }

  /** Lays closed stretches down in order and moves days that are old enough into Parquet files. */
  async tidy(nowMs: number): Promise<string> {
    const { stretches, days } = await this.#answer((driver) => driver.tidy(nowMs));
    return `Sorted ${stretches} stretches by series and moved ${days} days into Parquet files.`;
  }

  /** Writes points into a file; returns how many. */
  async export(request: ExportRequest): Promise<number> {
    return this.#answer((driver) => driver.export(request));
  }

  /** Copies everything that is acknowledged into a directory; returns what is in the tables. */
  async backup(directory: string): Promise<TableContent[]> {
    return this.#answer((driver) => driver.backup(directory));
  }

  /** What sinks need to know of the inventory, for their tags. */
  describe(entities: readonly EntityTags[]): void {
    this.#sinks.tags.tell(entities);
  }

  /** Gives one sink events; false when it takes none. */
  async writeEvents(sink: string, events: readonly Event[]): Promise<boolean> {
    return this.#sinks.writeEvents(sink, events, this.#closing.signal);
  }

  async retention(nowMs: number): Promise<string> {
    const rows = await this.#answer((driver) => driver.retention(nowMs));
    return `Removed ${rows} rows that were older than their tier is kept.`;
  }

  /** Writes everything down and closes. What the database does not take now stays in the journal. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#intake.close();
    this.#closing.abort();
    await this.#reading?.close();
    await this.#sinks.close();
    try {
      await this.#applyAll();
      await this.#driver.checkpoint();
    } catch (error) {
      this.#tell({
        event: "log",
        level: "warn",
        data: { error: describeError(error) },
        message: "the store was closed before the database had everything; the journal has it",
      });
    }
    await this.#driver.close();
    this.#journal.close();
  }

  /** Late, because a sink that comes new looks at what is stored. */
  #startSinks(): void {
    const { retention } = this.#options;
    const history = backfillSource({
      series: (kind) => this.#driver.seriesIds(kind),
      range: async (query) => unpackResult(await this.#embeddedRange(query)),
      samplesFromMs: () => cutOf(this.#clock.now(), retention.rawDays),
    });
    const historyFromMs = cutOf(this.#clock.now(), retention.hourDays);
    this.#sinks.start({ journal: this.#journal, history, historyFromMs });
  }

  #journalLost(losses: JournalLosses, loss: JournalLoss): void {
    losses.note(loss);
    if (loss.reason === "full" && loss.seqs !== null) this.#sinks.dropped(...loss.seqs);
  }

  #embeddedStatus(): SinkStatus {
    const { cursor } = this.#driver;
    return this.#embedded.status({
      batchesPending: this.#pending.length,
      batchesUnverified: Math.max(0, cursor - Math.max(this.#verifiedSeq, this.#journal.firstSeq - 1)),
      batchesDropped: this.#losses.batchesDropped,
    });
  }

  /** A poll that comes alone is applied when it has waited long enough. */
  async #applyInTime(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#clock.sleep(Math.max(1, this.#options.applyMs / 4), signal);
      const oldest = this.#pending.oldestSince;
      if (oldest !== undefined && this.#clock.monotonic() - oldest >= this.#options.applyMs) this.#applyInBackground();
    }
  }

  #applyInBackground(): void {
    this.#answer(() => Promise.resolve()).catch((error: unknown) => this.#notApplied(error));
  }

  async #applyAll(): Promise<void> {
    this.#applying ??= this.#applyPending().finally(() => {
      this.#applying = undefined;
    });
    return this.#applying;
  }

  async #applyPending(): Promise<void> {
    for (let group = this.#pending.group(); group.length > 0; group = this.#pending.group()) {
      await this.#embedded.writeGroup(group);
      this.#pending.applied(group);
    }
  }

  /** Runs a question with everything applied; a database that turns out to be damaged is replaced, once. */
  async #answer<T>(ask: (driver: DuckDbDriver) => Promise<T>): Promise<T> {
    const driver = this.#driver;
    try {
      await this.#applyOrExplain();
      return await ask(driver);
    } catch (error) {
      if (!isDamage(error)) throw error;
      await this.#recover(driver, error);
      await this.#applyOrExplain();
      return ask(this.#driver);
    }
  }

  /** A full disk keeps the newest rows from the database, but not the questions about all others. */
  async #applyOrExplain(): Promise<void> {
    try {
      await this.#applyAll();
    } catch (error) {
      if (isDamage(error)) throw error;
      this.#notApplied(error);
    }
  }

  #notApplied(error: unknown): void {
    const message = "the database did not take the pending batches; they stay in the journal";
    this.#tell({ event: "log", level: "warn", data: { error: describeError(error) }, message });
  }

  async #recover(broken: DuckDbDriver, error: unknown): Promise<void> {
    if (this.#driver !== broken) return;
    this.#recovering ??= this.#replace(broken, error).finally(() => {
      this.#recovering = undefined;
    });
    return this.#recovering;
  }

  async #replace(broken: DuckDbDriver, error: unknown): Promise<void> {
    const { driver, damage } = await replaceDatabase(
      broken,
      driverSettings(this.#options, { tell: this.#tell }),
      this.#clock.now(),
      error,
    );
    this.#driver = driver;
    this.#pending.restart(driver);
    if (damage === undefined) return;
    this.#degraded = true;
    this.#replayedFrom = this.#journal.firstSeq;
    this.#tell(degradedProblem(damage));
  }

  /** A database that opens, but with less than it once had, is filled again from the journal as far as that reaches. */
  #checkForLoss(): void {
    const { firstSeq, lastSeq } = this.#journal;
    const { cursor } = this.#driver;
    if (this.#degraded || lastSeq === cursor || firstSeq <= cursor + 1) return;
    this.#degraded = true;
    this.#tell(
      degradedProblem(
        `The database ends at record ${cursor}, but the journal begins at ${firstSeq}: what lay between them is lost.`,
      ),
    );
  }

  #toProve(): Iterable<Batch> {
    const { newestApplied: newest } = this.#pending;
    const { cursor } = this.#driver;
    return batchesToProve({ journal: this.#journal, cursor, newest, replayedFrom: this.#replayedFrom });
  }

  #keepJournal(batchId: string, different: number): string {
    const message = `The database returned ${different} rows of batch ${batchId} unlike they were written.`;
    const remedy = "The journal is kept. Check the disk and the memory of this machine, then restart.";
    this.#tell(ownProblem("store_read_back_failed", "critical", message, remedy));
    return `${message} The journal was kept.`;
  }
}
