// The embedded store: fills DuckDB's tables from the journal's batches and answers questions from them.
// One connection writes, one thing at a time (apply, roll-up, checkpoint, retention); a few others answer questions.
import { existsSync, statSync } from "node:fs";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Batch } from "../../../model/batch.ts";
import { type EntityKind, entityKinds } from "../../../model/ids.ts";
import {
  type LatestValue,
  type QuantilesQuery,
  type QuantilesResult,
  type RangeQuery,
  type Tier,
  type TotalsQuery,
  type TotalsResult,
  type TrendQuery,
  type TrendResult,
  tiers,
} from "../../../model/store.ts";
import type { PackedResult } from "../../frames.ts";
import { packResult } from "../../frames.ts";
import { mergeSeries } from "../../merge.ts";
import { emptyPoints, type Points } from "../../points.ts";
import { type AskedSeries, checkRangeQuery } from "../../range-question.ts";
import { cutOf, daysOf, type Retention } from "../../retention.ts";
import { dayMs, dayOf, rollupTiers } from "../../tiers.ts";
import { type DatabaseSettings, openInstance } from "./database-file.ts";
import { DriverState, rememberedBatches } from "./dictionaries.ts";
import { readLatest } from "./latest.ts";
import { QueryLane } from "./query-lane.ts";
import { readQuantiles } from "./quantiles.ts";
import { readPoints } from "./range.ts";
import { dueUntil, type RollupTools, rollUp } from "./rollup.ts";
import { migrate, tableOf } from "./schema.ts";
import { openDays, sealDay, sketchDueUntil, sketchHour } from "./sketches.ts";
import { type NumberedBatch, TableWriters } from "./table-writers.ts";
import { readTotals } from "./totals.ts";
import { readTrend } from "./trend.ts";
import { countDifferences } from "./verify.ts";

export interface DriverSettings extends DatabaseSettings {
  readonly queryDeadlineMs: number;
  readonly retention: Retention;
}

/** An open transaction that fails is undone, and what was kept in memory of it is read anew. */
export class DuckDbDriver {
  readonly #settings: DriverSettings;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #lane: QueryLane;
  readonly #writers: TableWriters;
  #state: DriverState;
  #inTurn: Promise<unknown> = Promise.resolve();

  private constructor(
    settings: DriverSettings,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    lane: QueryLane,
    state: DriverState,
  ) {
    this.#settings = settings;
    this.#instance = instance;
    this.#connection = connection;
    this.#writers = new TableWriters(connection);
    this.#lane = lane;
    this.#state = state;
  }

  /** Opens or makes the database and brings it to this release. Throws what DuckDB throws; `database-file.ts` explains it. */
  static async open(settings: DriverSettings): Promise<DuckDbDriver> {
    const instance = await openInstance(settings);
    try {
      const connection = await instance.connect();
      await migrate(connection, settings.path);
      const state = await DriverState.load(connection);
      const lane = await QueryLane.open(instance, settings.queryDeadlineMs);
      return new DuckDbDriver(settings, instance, connection, lane, state);
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  }

  /** The last journal record that the database has. */
  get cursor(): number {
    return this.#state.cursor;
  }

  get batchIds(): ReadonlySet<string> {
    return this.#state.batchIds;
  }

  get marks(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#state.marks;
  }

  get bytes(): number {
    return [this.#settings.path, `${this.#settings.path}.wal`]
      .map((path) => (existsSync(path) ? statSync(path).size : 0))
      .reduce((a, b) => a + b);
  }

  /** Puts batches into the tables in one transaction with the cursor and the marks. A batch that is there is passed over. */
  async apply(items: readonly NumberedBatch[]): Promise<void> {
    await this.#exclusive(() =>
      this.#transaction(async () => {
        const fresh = items.filter(({ batch }, index) => this.#isFresh(batch, items.slice(0, index)));
        await this.#writers.write(fresh, this.#state);
        const cursor = items.at(-1)?.seq ?? this.#state.cursor;
        await this.#connection.run("UPDATE journal_cursor SET seq = $1", [BigInt(cursor)]);
        this.#state.cursor = cursor;
      }),
    );
  }

  async range(query: RangeQuery): Promise<PackedResult> {
    const asked = checkRangeQuery(query);
    const points = await this.#lane.run((connection) => this.#readAsked(connection, asked, query));
    const series = asked.map(({ id }) => [id, mergeSeries(points.get(id) ?? emptyPoints(), query)] as const);
    return packResult(query.stepMs, series);
  }

  async latest(kind: EntityKind, sinceMs: number): Promise<LatestValue[]> {
    return this.#lane.run((connection) => readLatest(connection, this.#state, kind, sinceMs));
  }

  async quantiles(query: QuantilesQuery, nowMs: number): Promise<QuantilesResult> {
    const rawFromMs = cutOf(nowMs, this.#settings.retention.rawDays);
    return this.#lane.run((connection) => readQuantiles(connection, this.#state, query, rawFromMs));
  }

  async trend(query: TrendQuery): Promise<TrendResult> {
    return this.#lane.run((connection) => readTrend(connection, this.#state, query));
  }

  async totals(query: TotalsQuery): Promise<TotalsResult> {
    return this.#lane.run((connection) => readTotals(connection, this.#state, query));
  }

  /** Rolls up every window that ended long enough ago, of every kind; returns how many there were. */
  async rollup(nowMs: number): Promise<number> {
    return this.#exclusive(async () => {
      await this.#forgetOldWindows(nowMs);
      let count = 0;
      for (const tier of rollupTiers) {
        const due = this.#state.dirty.due(tier, dueUntil(tier, nowMs));
        if (due.length === 0) continue;
        await this.#transaction(async () => rollUp(this.#rollupTools(), due));
        this.#state.dirty.rolled(due);
        count += due.reduce((sum, { windows }) => sum + windows.length, 0);
      }
      return count;
    });
  }

  /** Counts every hour that ended long enough ago into sketches, and seals the days that are over. */
  async sketch(nowMs: number): Promise<number> {
    const hours = await this.#exclusive(async () => {
      await this.#forgetOldHours(nowMs);
      return this.#state.dirty.due("sketch", sketchDueUntil(nowMs));
    });
    for (const { kind, windows } of hours) for (const hour of windows) await this.#sketchHour(kind, hour);
    for (const { kind, dayMs } of await this.#exclusive(() => openDays(this.#connection, nowMs))) {
      await this.#exclusive(() => this.#transaction(() => sealDay(this.#connection, kind, dayMs)));
    }
    return hours.reduce((sum, { windows }) => sum + windows.length, 0);
  }

  /** One hour at a time, so that a question never waits for a whole day to be counted. */
  async #sketchHour(kind: EntityKind, hourMs: number): Promise<void> {
    await this.#exclusive(async () => {
      await this.#transaction(async () => {
        await sketchHour(this.#connection, kind, hourMs);
        await this.#connection.run("DELETE FROM dirty_window WHERE kind = $1 AND tier = 'sketch' AND begin_ms = $2", [
          kind,
          BigInt(hourMs),
        ]);
      });
      this.#state.dirty.forget([{ kind, to: "sketch", windows: [hourMs] }]);
    });
  }

  /** What the other samples of an hour were is not known any more once they were removed. */
  async #forgetOldHours(nowMs: number): Promise<void> {
    const cut = dayOf(cutOf(nowMs, this.#settings.retention.rawDays) + dayMs - 1);
    const old = this.#state.dirty.due("sketch", cut - 1);
    if (old.length === 0) return;
    await this.#connection.run("DELETE FROM dirty_window WHERE tier = 'sketch' AND begin_ms < $1", [BigInt(cut)]);
    this.#state.dirty.forget(old);
  }

  #rollupTools(): RollupTools {
    return {
      connection: this.#connection,
      writer: async (kind, tier) => this.#writers.table(kind, tier),
      seriesCount: (kind) => this.#state.seriesCount(kind),
      rolledUpTo: (kind, tier) => this.#state.dirty.rolledUpTo(kind, tier),
    };
  }

  /** A late row must not replace a roll-up whose other rows the retention has removed already. */
  async #forgetOldWindows(nowMs: number): Promise<void> {
    const { rawDays, fiveMinuteDays } = this.#settings.retention;
    for (const [tier, cut] of [
      ["5m", cutOf(nowMs, rawDays)],
      ["1h", cutOf(nowMs, fiveMinuteDays)],
    ] as const) {
      const old = this.#state.dirty.due(tier, cut - 1);
      if (old.length === 0) continue;
      await this.#connection.run("DELETE FROM dirty_window WHERE tier = $1 AND begin_ms < $2", [tier, BigInt(cut)]);
      this.#state.dirty.forget(old);
    }
  }

  /** Writes everything into the database file itself. Returns the cursor that is then safe there. */
  async checkpoint(): Promise<number> {
    return this.#exclusive(async () => {
      await this.#connection.run(
        "DELETE FROM mark m WHERE EXISTS (SELECT 1 FROM mark n WHERE n.cluster = m.cluster AND n.key = m.key AND n.seq > m.seq)",
      );
      await this.#connection.run("DELETE FROM applied_batch WHERE seq <= $1", [
        BigInt(this.#state.cursor - rememberedBatches),
      ]);
      await this.#writeLastSeen();
      await this.#connection.run("CHECKPOINT");
      return this.#state.cursor;
    });
  }

  /** The number of rows of the batch that the tables do not hold exactly. */
  async differences(batch: Batch, nowMs: number): Promise<number> {
    const { retention } = this.#settings;
    const isKept = (tier: Tier, ts: number): boolean => ts >= cutOf(nowMs, daysOf(retention, tier));
    return this.#lane.run((connection) => countDifferences(connection, this.#state, batch, isKept));
  }

  /** Removes what is older than its tier is kept. Returns the number of rows. */
  async retention(nowMs: number): Promise<number> {
    return this.#exclusive(async () => {
      let removed = 0;
      for (const kind of entityKinds) {
        for (const tier of tiers) {
          const cut = cutOf(nowMs, daysOf(this.#settings.retention, tier));
          const result = await this.#connection.run(`DELETE FROM "${tableOf(kind, tier)}" WHERE ts < $1`, [
            BigInt(cut),
          ]);
          removed += result.rowsChanged;
        }
      }
      return removed;
    });
  }

  async close(): Promise<void> {
    await this.#exclusive(async () => {
      this.#writers.close();
      await this.#release();
    });
  }

  /** Lets go of a broken database without writing anything more into it. */
  async abandon(): Promise<void> {
    this.#writers.discard();
    await this.#release();
  }

  async #release(): Promise<void> {
    await this.#lane.close();
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  #isFresh(batch: Batch, before: readonly NumberedBatch[]): boolean {
    return !this.#state.batchIds.has(batch.batchId) && before.every((item) => item.batch.batchId !== batch.batchId);
  }

  async #readAsked(
    connection: DuckDBConnection,
    asked: readonly AskedSeries[],
    query: RangeQuery,
  ): Promise<Map<string, Points>> {
    const points = new Map<string, Points>();
    for (const kind of entityKinds) {
      const known = asked.filter((series) => series.kind === kind).flatMap(({ id }) => this.#state.byId.get(id) ?? []);
      const metric = asked.find((series) => series.kind === kind)?.metric;
      if (metric === undefined || known.length === 0) continue;
      const found = await readPoints(connection, { kind, metric, sids: known.map(({ sid }) => sid), query });
      for (const { id, sid } of known) points.set(id, found.get(sid) ?? emptyPoints());
    }
    return points;
  }

  async #writeLastSeen(): Promise<void> {
    const seen = [...this.#state.seen];
    if (seen.length === 0) return;
    const rows = seen.map(({ sid, lastSeen }) => `(${sid}, ${Math.trunc(lastSeen)})`).join(", ");
    await this.#connection.run(
      `UPDATE series SET last_seen = v.seen FROM (VALUES ${rows}) v(sid, seen) WHERE series.sid = v.sid`,
    );
    this.#state.seen.clear();
  }

  async #transaction(work: () => Promise<void>): Promise<void> {
    await this.#connection.run("BEGIN");
    try {
      await work();
      await this.#connection.run("COMMIT");
      this.#state.committed();
    } catch (error) {
      await this.#undo();
      throw error;
    }
  }

  /** Appenders may hold rows of the failed transaction, and the memory its numbers: both are made anew. */
  async #undo(): Promise<void> {
    this.#writers.discard();
    await this.#connection.run("ROLLBACK").catch(() => undefined);
    this.#state = await DriverState.load(this.#connection);
  }

  /** One thing at a time on the writing connection, in the order of asking. */
  async #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#inTurn.then(work, work);
    this.#inTurn = turn.catch(() => undefined);
    return turn;
  }
}
