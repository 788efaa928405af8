// The store's own work on its tables, on a schedule: roll-ups and sketches, laying closed stretches down in order, moving
// days into Parquet files, removing what is too old. Each step is a short transaction, so that polls and questions get
// in between; what takes long (writing a day's file) only reads, on a connection of its own.
import type { DuckDBConnection } from "@duckdb/node-api";
import { type EntityKind, entityKinds } from "../../../model/ids.ts";
import { tiers } from "../../../model/store.ts";
import { cutOf, daysOf, type Retention } from "../../retention.ts";
import { dayMs, dayOf, rollupTiers } from "../../tiers.ts";
import type { QueryLane } from "./query-lane.ts";
import { dueUntil, type RollupTools, rollUp } from "./rollup.ts";
import { tableOf } from "./schema.ts";
import { adoptSegment, type MoveStep, movableDays, removeFiles, segments, writeSegment } from "./segments.ts";
import { openDays, sealDay, sketchDueUntil, sketchHour } from "./sketches.ts";
import { sortStretch, type UnsortedStretch, unsortedStretches } from "./sort-stretches.ts";
import type { WriteLane } from "./write-lane.ts";

/** A day is moved out of the hot table this long after its end, when late samples have become rare. */
const hotMs = 24 * 3_600_000;

/** Stretches times series that one transaction sorts or counts. */
const seriesHoursAtOnce = 1_000;

export interface UpkeepParts {
  readonly lane: WriteLane;
  readonly questions: QueryLane;
  /** Reads a day while it is written into its file. */
  readonly copier: DuckDBConnection;
  readonly retention: Retention;
  readonly parquetDirectory: string;
  readonly onMoveStep: (step: MoveStep) => void;
}

export interface Tidied {
  readonly stretches: number;
  readonly days: number;
}

export class Upkeep {
  readonly #parts: UpkeepParts;
  /** Moving and removing may not meet: what a file was written from must still be there when it is taken in. */
  #inTurn: Promise<unknown> = Promise.resolve();

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** Rolls up every window that ended long enough ago, of every kind; returns how many there were. */
  async rollup(nowMs: number): Promise<number> {
    const { lane } = this.#parts;
    return lane.exclusive(async () => {
      await this.#forgetOldWindows(nowMs);
      let count = 0;
      for (const tier of rollupTiers) {
        const due = lane.state.dirty.due(tier, dueUntil(tier, nowMs));
        if (due.length === 0) continue;
        await lane.transaction(async () => rollUp(this.#rollupTools(), due));
        lane.state.dirty.rolled(due);
        count += due.reduce((sum, { windows }) => sum + windows.length, 0);
      }
      return count;
    });
  }

  /** Counts every hour that ended long enough ago into sketches, and seals the days that are over. */
  async sketch(nowMs: number): Promise<number> {
    const { lane } = this.#parts;
    const hours = await lane.exclusive(async () => {
      await this.#forgetOldHours(nowMs);
      return lane.state.dirty.due("sketch", sketchDueUntil(nowMs));
    });
    for (const { kind, windows } of hours)
      for (const some of this.#portions(kind, windows)) await this.#sketchHours(kind, some);
    for (const { kind, dayMs } of await lane.exclusive(() => openDays(lane.connection, nowMs)))
      await lane.change(() => sealDay(lane.connection, kind, dayMs));
    return hours.reduce((sum, { windows }) => sum + windows.length, 0);
  }

  /** Lays closed stretches down series by series, and moves days that are old enough into Parquet files. */
  async tidy(nowMs: number): Promise<Tidied> {
    return this.#one(async () => {
      const { lane } = this.#parts;
      const all = await lane.exclusive(() => unsortedStretches(lane.connection, nowMs));
      const days = await lane.exclusive(() => movableDays(lane.connection, dayOf(nowMs - hotMs)));
      const isMoved = ({ kind, tier, beginMs }: UnsortedStretch): boolean =>
        tier === "raw" && days.some((day) => day.kind === kind && day.dayMs === dayOf(beginMs));
      const stretches = all.filter((stretch) => !isMoved(stretch));
      for (const kind of entityKinds) {
        const own = stretches.filter((stretch) => stretch.kind === kind);
        for (const some of this.#portions(kind, own)) await this.#sort(some);
      }
      let moved = 0;
      for (const day of days) if (await this.#moveDay(day)) moved++;
      return { stretches: stretches.length, days: moved };
    });
  }

  /** Removes what is older than its tier is kept. Returns the number of rows. */
  async removeOld(nowMs: number): Promise<number> {
    return this.#one(async () => {
      const rows = await this.#removeOldRows(nowMs);
      return rows + (await this.#removeOldDays(cutOf(nowMs, this.#parts.retention.rawDays)));
    });
  }

  /** Reads while nothing is moved or removed, for as long as it takes, in one snapshot. */
  async reading<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#one(async () => work(this.#parts.copier));
  }

  /** Resolves when nothing is being moved or removed. */
  async idle(): Promise<void> {
    await this.#inTurn;
  }

  async #sort(stretches: readonly UnsortedStretch[]): Promise<void> {
    const { lane } = this.#parts;
    await lane.change(async () => {
      for (const stretch of stretches) await sortStretch(lane.connection, stretch);
    });
  }

  async #moveDay(day: { readonly kind: EntityKind; readonly dayMs: number }): Promise<boolean> {
    const { lane, copier, questions, parquetDirectory, onMoveStep } = this.#parts;
    await copier.run("BEGIN");
    const written = await writeSegment(copier, parquetDirectory, day, onMoveStep).finally(() => copier.run("ROLLBACK"));
    if (written === undefined) return false;
    const isAdopted = await lane.change(() => adoptSegment(lane.connection, written, onMoveStep));
    onMoveStep("committed");
    if (!isAdopted) removeFiles([written.file]);
    else if (written.before !== null) {
      // A question that began before may still read the old file.
      await questions.quiet();
      removeFiles([written.before]);
    }
    return isAdopted;
  }

  async #removeOldRows(nowMs: number): Promise<number> {
    const { lane, retention } = this.#parts;
    let removed = 0;
    for (const kind of entityKinds) {
      for (const tier of tiers) {
        const cut = BigInt(cutOf(nowMs, daysOf(retention, tier)));
        const result = await lane.exclusive(() =>
          lane.connection.run(`DELETE FROM "${tableOf(kind, tier)}" WHERE ts < $1`, [cut]),
        );
        removed += result.rowsChanged;
      }
    }
    return removed;
  }

  async #removeOldDays(cutMs: number): Promise<number> {
    const { lane, questions } = this.#parts;
    const old = await lane.change(async () => {
      const found = (await segments(lane.connection)).filter((segment) => segment.dayMs + dayMs <= cutMs);
      await lane.connection.run("DELETE FROM segment WHERE day_ms <= $1", [BigInt(cutMs - dayMs)]);
      return found;
    });
    await questions.quiet();
    removeFiles(old.map(({ file }) => file));
    return old.reduce((sum, { rows }) => sum + rows, 0);
  }

  #rollupTools(): RollupTools {
    const { lane } = this.#parts;
    return {
      connection: lane.connection,
      writer: async (kind, tier) => lane.writers.table(kind, tier),
      seriesCount: (kind) => lane.state.seriesCount(kind),
      rolledUpTo: (kind, tier) => lane.state.dirty.rolledUpTo(kind, tier),
    };
  }

  async #sketchHours(kind: EntityKind, hours: readonly number[]): Promise<void> {
    const { lane } = this.#parts;
    await lane.exclusive(async () => {
      await lane.transaction(async () => {
        for (const hour of hours) await sketchHour(lane.connection, kind, hour);
        await lane.connection.run(
          `DELETE FROM dirty_window WHERE kind = $1 AND tier = 'sketch' AND begin_ms IN (${hours.join(", ")})`,
          [kind],
        );
      });
      lane.state.dirty.forget([{ kind, to: "sketch", windows: hours }]);
    });
  }

  /** Many stretches of a small fleet at once, one of a large fleet: a question never waits for long. */
  *#portions<T>(kind: EntityKind, stretches: readonly T[]): Generator<readonly T[]> {
    const most = Math.max(1, Math.floor(seriesHoursAtOnce / Math.max(1, this.#parts.lane.state.seriesCount(kind))));
    for (let at = 0; at < stretches.length; at += most) yield stretches.slice(at, at + most);
  }

  /** A late row must not replace a roll-up whose other rows the retention has removed already. */
  async #forgetOldWindows(nowMs: number): Promise<void> {
    const { lane, retention } = this.#parts;
    for (const [tier, cut] of [
      ["5m", cutOf(nowMs, retention.rawDays)],
      ["1h", cutOf(nowMs, retention.fiveMinuteDays)],
    ] as const) {
      const old = lane.state.dirty.due(tier, cut - 1);
      if (old.length === 0) continue;
      await lane.connection.run("DELETE FROM dirty_window WHERE tier = $1 AND begin_ms < $2", [tier, BigInt(cut)]);
      lane.state.dirty.forget(old);
    }
  }

  /** A sealed day is counted as a whole, so all of its samples have to be there. */
  async #forgetOldHours(nowMs: number): Promise<void> {
    const { lane, retention } = this.#parts;
    const cut = dayOf(cutOf(nowMs, retention.rawDays) + dayMs - 1);
    const old = lane.state.dirty.due("sketch", cut - 1);
    if (old.length === 0) return;
    await lane.connection.run("DELETE FROM dirty_window WHERE tier = 'sketch' AND begin_ms < $1", [BigInt(cut)]);
    lane.state.dirty.forget(old);
  }

  async #one<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#inTurn.then(work, work);
    this.#inTurn = turn.catch(() => undefined);
    return turn;
  }
}
