// The embedded store: fills DuckDB's tables from the journal's batches and answers questions from them.
// One connection writes, one thing at a time (apply, roll-up, checkpoint, retention); a few others answer questions.
import { constants, copyFileSync, existsSync, mkdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Batch } from "../../../model/batch.ts";
import { type EntityId, type EntityKind, entityKinds } from "../../../model/ids.ts";
import type {
  LatestValue,
  QuantilesQuery,
  QuantilesResult,
  RangeQuery,
  Tier,
  TotalsQuery,
  TotalsResult,
  TrendQuery,
  TrendResult,
} from "../../../model/store.ts";
import type { ExportRequest } from "../../export-request.ts";
import type { PackedResult } from "../../frames.ts";
import { packResult } from "../../frames.ts";
import { type MergedSeries, mergeSeries } from "../../merge.ts";
import { emptyPoints } from "../../points.ts";
import { type AskedSeries, checkRangeQuery } from "../../range-question.ts";
import { cutOf, daysOf, type Retention } from "../../retention.ts";
import { adoptFiles } from "./adopt-segments.ts";
import { contentOfCopy, copyDatabase, segmentsOfCopy, type TableContent } from "./backup.ts";
import { type DatabaseSettings, openInstance } from "./database-file.ts";
import { DriverState, rememberedBatches } from "./dictionaries.ts";
import { exportPoints } from "./export.ts";
import { readHourBuckets } from "./hour-buckets.ts";
import { readLatest } from "./latest.ts";
import { changedSegments, giveUp, mayBeParquet, unreadableSegments } from "./lost-days.ts";
import { readQuantiles } from "./quantiles.ts";
import { QueryLane } from "./query-lane.ts";
import { readPoints } from "./range.ts";
import { migrate } from "./schema.ts";
import { filesBeside, type MoveStep, rebaseSegments, removeFiles, segments } from "./segments.ts";
import type { NumberedBatch } from "./table-writers.ts";
import { readTotals } from "./totals.ts";
import { readTrend } from "./trend.ts";
import { type Tidied, Upkeep } from "./upkeep.ts";
import { countDifferences } from "./verify.ts";
import { WriteLane } from "./write-lane.ts";

export interface DriverSettings extends DatabaseSettings {
  readonly queryDeadlineMs: number;
  readonly retention: Retention;
  /** Where days of samples are kept as Parquet files. */
  readonly parquetDirectory: string;
  /** Told in one sentence of a day whose file cannot be used. */
  readonly onLostDay?: (message: string) => void;
  /** Told of each step of a day move; a test ends the process there. */
  readonly onMoveStep?: (step: MoveStep) => void;
}

/**
 * Every checkpoint compresses the unfinished ends of all tables anew, and DuckDB makes one per 16 MB: on a large fleet at
 * every poll. On a small one rarer checkpoints would only keep more in memory (measured: 110 MB).
 */
const largeFleet = { series: 5_000, checkpointThreshold: "64MB" } as const;

export class DuckDbDriver {
  readonly #settings: DriverSettings;
  readonly #instance: DuckDBInstance;
  readonly #lane: WriteLane;
  readonly #questions: QueryLane;
  readonly #copier: DuckDBConnection;
  readonly #upkeep: Upkeep;
  #isLarge = false;

  private constructor(settings: DriverSettings, instance: DuckDBInstance, lane: WriteLane, readers: Readers) {
    this.#settings = settings;
    this.#instance = instance;
    this.#lane = lane;
    this.#questions = readers.questions;
    this.#copier = readers.copier;
    const { retention, parquetDirectory, onMoveStep = () => undefined } = settings;
    this.#upkeep = new Upkeep({ lane, ...readers, retention, parquetDirectory, onMoveStep });
  }

  /** Opens or makes the database and brings it to this release. Throws what DuckDB throws; `database-file.ts` explains it. */
  static async open(settings: DriverSettings): Promise<DuckDbDriver> {
    const instance = await openInstance(settings);
    try {
      const connection = await instance.connect();
      await migrate(connection, settings.path);
      await settleSegments(connection, settings);
      const lane = new WriteLane(connection, await DriverState.load(connection));
      const copier = await instance.connect();
      const questions = await QueryLane.open(instance, settings.queryDeadlineMs);
      return new DuckDbDriver(settings, instance, lane, { questions, copier });
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  }

  /** The last journal record that the database has. */
  get cursor(): number {
    return this.#lane.state.cursor;
  }

  /** Every series of a kind, in the order they came; new ones are added at the end. */
  seriesIds(kind: EntityKind): readonly EntityId[] {
    return this.#lane.state.bySid.flatMap((series) => (series.kind === kind ? [series.id] : []));
  }

  get batchIds(): ReadonlySet<string> {
    return this.#lane.state.batchIds;
  }

  get marks(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#lane.state.marks;
  }

  get bytes(): number {
    return [this.#settings.path, `${this.#settings.path}.wal`]
      .map((path) => (existsSync(path) ? statSync(path).size : 0))
      .reduce((a, b) => a + b);
  }

  /** Puts batches into the tables in one transaction with the cursor and the marks. A batch that is there is passed over. */
  async apply(items: readonly NumberedBatch[]): Promise<void> {
    await this.#lane.change(async () => {
      const { state, writers, connection } = this.#lane;
      const fresh = items.filter(({ batch }, index) => this.#isFresh(batch, items.slice(0, index)));
      await writers.write(fresh, state);
      const cursor = items.at(-1)?.seq ?? state.cursor;
      await connection.run("UPDATE journal_cursor SET seq = $1", [BigInt(cursor)]);
      state.cursor = cursor;
    });
    await this.#fitToFleet();
  }

  async range(query: RangeQuery): Promise<PackedResult> {
    const asked = checkRangeQuery(query);
    const merged = await this.#ask((connection) => this.#readAsked(connection, asked, query));
    const series = asked.map(({ id }) => [id, merged.get(id) ?? mergeSeries(emptyPoints(), query)] as const);
    return packResult(query.stepMs, series);
  }

  async latest(kind: EntityKind, sinceMs: number): Promise<LatestValue[]> {
    return this.#ask((connection) => readLatest(connection, this.#lane.state, kind, sinceMs));
  }

  async quantiles(query: QuantilesQuery, nowMs: number): Promise<QuantilesResult> {
    const rawFromMs = cutOf(nowMs, this.#settings.retention.rawDays);
    return this.#ask((connection) => readQuantiles(connection, this.#lane.state, query, rawFromMs));
  }

  async trend(query: TrendQuery): Promise<TrendResult> {
    return this.#ask((connection) => readTrend(connection, this.#lane.state, query));
  }

  async totals(query: TotalsQuery): Promise<TotalsResult> {
    return this.#ask((connection) => readTotals(connection, this.#lane.state, query));
  }

  async rollup(nowMs: number): Promise<number> {
    return this.#pastDamagedDays(() => this.#upkeep.rollup(nowMs));
  }

  async sketch(nowMs: number): Promise<number> {
    return this.#pastDamagedDays(() => this.#upkeep.sketch(nowMs));
  }

  async tidy(nowMs: number): Promise<Tidied> {
    return this.#pastDamagedDays(() => this.#upkeep.tidy(nowMs));
  }

  async retention(nowMs: number): Promise<number> {
    return this.#upkeep.removeOld(nowMs);
  }

  /** Writes points into a file; returns how many. */
  async export(request: ExportRequest): Promise<number> {
    return this.#pastDamagedDays(() => this.#upkeep.reading((connection) => exportPoints(connection, request)));
  }

  /** Copies database and Parquet files into a directory, as they are at one moment; returns what is in the tables. */
  async backup(directory: string): Promise<TableContent[]> {
    return this.#upkeep.reading(async (connection) => {
      const copy = join(directory, basename(this.#settings.path));
      await copyDatabase(connection, copy);
      for (const { kind, file } of await segmentsOfCopy(copy)) {
        mkdirSync(join(directory, "parquet", kind), { recursive: true, mode: 0o750 });
        copyFileSync(file, join(directory, "parquet", kind, basename(file)), constants.COPYFILE_FICLONE);
      }
      return contentOfCopy(copy);
    });
  }

  /** Writes everything into the database file itself. Returns the cursor that is then safe there. */
  async checkpoint(): Promise<number> {
    const { connection, state } = this.#lane;
    return this.#lane.exclusive(async () => {
      await connection.run(
        "DELETE FROM mark m WHERE EXISTS (SELECT 1 FROM mark n WHERE n.cluster = m.cluster AND n.key = m.key AND n.seq > m.seq)",
      );
      await connection.run("DELETE FROM applied_batch WHERE seq <= $1", [BigInt(state.cursor - rememberedBatches)]);
      await this.#writeLastSeen();
      await connection.run("CHECKPOINT");
      return this.#lane.state.cursor;
    });
  }

  /** The number of rows of the batch that the tables do not hold exactly. */
  async differences(batch: Batch, nowMs: number): Promise<number> {
    const { retention } = this.#settings;
    const isKept = (tier: Tier, ts: number): boolean => ts >= cutOf(nowMs, daysOf(retention, tier));
    return this.#ask((connection) => countDifferences(connection, this.#lane.state, batch, isKept));
  }

  async close(): Promise<void> {
    await this.#upkeep.idle();
    await this.#lane.exclusive(async () => {
      this.#lane.writers.close();
      await this.#release();
    });
  }

  /** Lets go of a broken database without writing anything more into it. */
  async abandon(): Promise<void> {
    this.#lane.writers.discard();
    await this.#release();
  }

  async #fitToFleet(): Promise<void> {
    if (this.#isLarge || this.#lane.state.bySid.length < largeFleet.series) return;
    this.#isLarge = true;
    await this.#lane.exclusive(async () => {
      await this.#lane.connection.run(`SET checkpoint_threshold = '${largeFleet.checkpointThreshold}'`);
    });
  }

  async #release(): Promise<void> {
    await this.#questions.close();
    this.#copier.closeSync();
    this.#lane.connection.closeSync();
    this.#instance.closeSync();
  }

  #isFresh(batch: Batch, before: readonly NumberedBatch[]): boolean {
    const isNew = !this.#lane.state.batchIds.has(batch.batchId);
    return isNew && before.every((item) => item.batch.batchId !== batch.batchId);
  }

  async #ask<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#pastDamagedDays(() => this.#questions.run(work));
  }

  /** What fails at a damaged Parquet file is done again without it. */
  async #pastDamagedDays<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!mayBeParquet(error) || !(await this.#giveUpDamaged())) throw error;
      return work();
    }
  }

  async #giveUpDamaged(): Promise<boolean> {
    const lost = await this.#lane.exclusive(async () => {
      // Outside of the transaction, which the first file that cannot be read would end.
      const unreadable = await unreadableSegments(this.#lane.connection);
      return this.#lane.transaction(() => giveUp(this.#lane.connection, unreadable));
    });
    for (const { message } of lost) this.#settings.onLostDay?.(message);
    return lost.length > 0;
  }

  async #readAsked(
    connection: DuckDBConnection,
    asked: readonly AskedSeries[],
    query: RangeQuery,
  ): Promise<Map<string, MergedSeries>> {
    const merged = new Map<string, MergedSeries>();
    const { byId } = this.#lane.state;
    for (const kind of entityKinds) {
      const known = asked.filter((series) => series.kind === kind).flatMap(({ id }) => byId.get(id) ?? []);
      const metric = asked.find((series) => series.kind === kind)?.metric;
      if (metric === undefined || known.length === 0) continue;
      const question = { kind, metric, sids: known.map(({ sid }) => sid), query };
      const buckets = await readHourBuckets(connection, question);
      const points = buckets === undefined ? await readPoints(connection, question) : undefined;
      for (const { id, sid } of known)
        merged.set(id, buckets?.get(sid) ?? mergeSeries(points?.get(sid) ?? emptyPoints(), query));
    }
    return merged;
  }

  async #writeLastSeen(): Promise<void> {
    const { seen } = this.#lane.state;
    if (seen.size === 0) return;
    const rows = [...seen].map(({ sid, lastSeen }) => `(${sid}, ${Math.trunc(lastSeen)})`).join(", ");
    await this.#lane.connection.run(
      `UPDATE series SET last_seen = v.seen FROM (VALUES ${rows}) v(sid, seen) WHERE series.sid = v.sid`,
    );
    seen.clear();
  }
}

interface Readers {
  readonly questions: QueryLane;
  readonly copier: DuckDBConnection;
}

/** Brings manifest and files together: what a killed move left goes, what a lost database left is taken in again. */
async function settleSegments(connection: DuckDBConnection, settings: DriverSettings): Promise<void> {
  const { parquetDirectory, onLostDay } = settings;
  await rebaseSegments(connection, parquetDirectory);
  const named = await segments(connection);
  const isNew = named.length === 0 && (await isEmpty(connection));
  if (isNew) await adoptAll(connection, filesBeside(parquetDirectory, named));
  removeFiles(filesBeside(parquetDirectory, await segments(connection)));
  for (const { message } of await giveUp(connection, await changedSegments(connection))) onLostDay?.(message);
}

async function adoptAll(connection: DuckDBConnection, files: readonly string[]): Promise<void> {
  await connection.run("BEGIN");
  await adoptFiles(connection, files);
  await connection.run("COMMIT");
}

async function isEmpty(connection: DuckDBConnection): Promise<boolean> {
  return Number((await connection.runAndReadAll("SELECT count(*) FROM series")).getRows()[0]?.[0]) === 0;
}
