// The embedded database as a sink. It differs from the others in two things: its cursor lies in its own transactions,
// and it takes batches in groups, because a transaction costs the same however few rows it has.
import type { Clock } from "../../lib/clock.ts";
import { describeError } from "../../lib/errors.ts";
import { type Batch, rowCount } from "../../model/batch.ts";
import type { Sink, SinkState, SinkStatus, SinkTraffic, SinkWrite } from "../../model/sink.ts";
import type { DuckDbDriver } from "../drivers/duckdb/duckdb-driver.ts";
import type { NumberedBatch } from "../drivers/duckdb/table-writers.ts";

export class EmbeddedSink implements Sink {
  readonly name = "duckdb";
  readonly #driver: () => DuckDbDriver;
  readonly #clock: Clock;
  #traffic: SinkTraffic = { writes: 0, rows: 0, bytes: 0 };
  #reason: string | null = null;
  #since: number;
  #lastDeliveredAt: number | null = null;

  /** `driver` gives the one in use: a damaged database is replaced while we run. */
  constructor(driver: () => DuckDbDriver, clock: Clock) {
    this.#driver = driver;
    this.#clock = clock;
    this.#since = clock.now();
  }

  /** Without a number of its own: the cursor stays where it is. */
  async write(batch: Batch): Promise<SinkWrite> {
    await this.writeGroup([{ seq: this.#driver().cursor, batch }]);
    return { rejected: [] };
  }

  /** In one transaction with the cursor, which then stands at the last of them. */
  async writeGroup(group: readonly NumberedBatch[]): Promise<void> {
    try {
      await this.#driver().apply(group);
    } catch (error) {
      this.#note(describeError(error));
      throw error;
    }
    this.#note(null);
    this.#lastDeliveredAt = this.#clock.now();
    const { writes, rows } = this.#traffic;
    this.#traffic = {
      writes: writes + 1,
      rows: group.reduce((sum, { batch }) => sum + rowCount(batch), rows),
      bytes: this.#driver().bytes,
    };
  }

  async verify(batch: Batch): Promise<boolean> {
    return (await this.differences(batch)) === 0;
  }

  /** The number of rows of the batch that are not there exactly. */
  async differences(batch: Batch): Promise<number> {
    return this.#driver().differences(batch, this.#clock.now());
  }

  stats(): SinkTraffic {
    return this.#traffic;
  }

  /** The engine opens and closes the database. */
  async close(): Promise<void> {
    return Promise.resolve();
  }

  status(counts: Pick<SinkStatus, "batchesPending" | "batchesUnverified" | "batchesDropped">): SinkStatus {
    const state: SinkState = this.#reason === null ? "ok" : "retrying";
    return {
      name: this.name,
      kind: "duckdb",
      state,
      reason: this.#reason,
      since: this.#since,
      lastDeliveredAt: this.#lastDeliveredAt,
      ...counts,
      batchesResent: 0,
      rowsRejected: 0,
      traffic: this.#traffic,
      backfill: null,
    };
  }

  #note(reason: string | null): void {
    if ((this.#reason === null) !== (reason === null)) this.#since = this.#clock.now();
    this.#reason = reason;
  }
}
