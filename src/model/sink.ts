// The port to everything that receives batches behind the journal: the embedded database, later InfluxDB and others.
// What a sink must keep to is proven by test/store/sink-contract.ts; delivery, retries and bookkeeping are not its work.
import type { Batch } from "./batch.ts";
import type { Event } from "./event.ts";

export interface Rejection {
  /** Position of the row in the batch, counted on across its blocks. */
  readonly row: number;
  /** One sentence, for a person. */
  readonly reason: string;
}

export interface SinkWrite {
  /** Rows that this sink can never take. All others are durable. */
  readonly rejected: readonly Rejection[];
}

/** What went into the sink since it was opened; repetitions count. */
export interface SinkTraffic {
  readonly writes: number;
  readonly rows: number;
  readonly bytes: number;
}

export interface Sink {
  /** As configured, `[a-z][a-z0-9-]*`; the name of its folder and of its series. */
  readonly name: string;
  /**
   * Resolves when the sink says that the rows are durable. The same rows may come again, in the same batch or another
   * one, and must then be there once, by series and time. Batches come in no particular order.
   * Throws a SinkError; anything else that is thrown counts as a passing failure.
   */
  write(batch: Batch, signal: AbortSignal): Promise<SinkWrite>;
  /** Reads back what was written: false when any row of the batch is not there. The journal has the batch, so it is given. */
  verify(batch: Batch, signal: AbortSignal): Promise<boolean>;
  /** Keeps what happened, beside what was measured. The same event may come again. Left out by sinks that cannot. */
  writeEvents?(events: readonly Event[], signal: AbortSignal): Promise<void>;
  stats(): SinkTraffic;
  close(): Promise<void>;
}

/**
 * ok: everything is delivered, or about to be · behind: new batches arrive at once, older ones are being drained ·
 * retrying: it refuses or does not answer, and is asked again · held: only a person can help; nothing is dropped
 */
export const sinkStates = ["ok", "behind", "retrying", "held"] as const;
export type SinkState = (typeof sinkStates)[number];

export interface SinkStatus {
  readonly name: string;
  /** What it is: "duckdb", "influx". */
  readonly kind: string;
  readonly state: SinkState;
  /** One sentence on what is in the way, or null. */
  readonly reason: string | null;
  /** Milliseconds since the epoch at which the state began. */
  readonly since: number;
  /** When it last took a batch; null when it has not since the start. */
  readonly lastDeliveredAt: number | null;
  /** Batches that the journal holds for it. */
  readonly batchesPending: number;
  /** Delivered, but not read back yet; the journal keeps them until then. */
  readonly batchesUnverified: number;
  /** Ever, over restarts: batches that the journal had to drop, or could not read, before the sink took them. */
  readonly batchesDropped: number;
  /** Ever: batches that a read-back did not find and that were sent again. */
  readonly batchesResent: number;
  /** Ever: rows in its dead-letter file. */
  readonly rowsRejected: number;
  readonly traffic: SinkTraffic;
  /** How much of the stored past it was given, for a sink that came later; null when there is nothing to give. */
  readonly backfill: { readonly done: number; readonly total: number } | null;
}
