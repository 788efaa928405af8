// The port to stored samples. Every store (embedded DuckDB, memory, later InfluxDB) behaves alike within what its
// capabilities declare; test/store/contract.ts is the proof.
import type { Batch, Origin } from "./batch.ts";
import type { EntityId, EntityKind } from "./ids.ts";
import type { Aggregation, MetricId } from "./metrics.ts";
import type { SinkStatus } from "./sink.ts";

/** raw: the samples as they came · 5m and 1h: roll-ups (and imported points that are no finer). */
export const tiers = ["raw", "5m", "1h"] as const;
export type Tier = (typeof tiers)[number];

export interface StoreCapabilities {
  readonly aggregations: readonly Aggregation[];
  /** The longest range one query may cover, in milliseconds; null when there is no limit. */
  readonly maxRangeMs: number | null;
}

export interface RangeQuery {
  /** At most 200. */
  readonly ids: readonly EntityId[];
  readonly metric: MetricId;
  readonly aggregation: Aggregation;
  /** Milliseconds since the epoch; from ≤ ts < to. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Width of a bucket; buckets begin at whole multiples of it since the epoch. 0: the stored points as they are. */
  readonly stepMs: number;
}

/**
 * One series, as columns of equal length. Where the store has nothing as fine as the asked step, a point keeps the
 * resolution it has, and `resolutionS` says so: a reader must not take points of unlike resolution for equals.
 */
export interface SeriesFrame {
  readonly id: EntityId;
  /** Begin of the bucket; with step 0, and for points coarser than the step, the point's own time. Strictly growing. */
  readonly timeMs: readonly number[];
  readonly values: readonly (number | null)[];
  readonly resolutionS: readonly number[];
  readonly origins: readonly Origin[];
}

export interface RangeResult {
  readonly stepMs: number;
  readonly frames: readonly SeriesFrame[];
  /** The tiers that were read, finest first. */
  readonly tiers: readonly Tier[];
  /** False when the aggregation was computed from points that were already averaged. */
  readonly exact: boolean;
}

export interface LatestValue {
  readonly id: EntityId;
  readonly ts: number;
  readonly stepS: number;
  readonly node: string | null;
  readonly values: Readonly<Record<MetricId, number | null>>;
}

export interface StoreStats {
  readonly journalBytes: number;
  readonly journalSegments: number;
  readonly databaseBytes: number;
  readonly rowsWritten: number;
  readonly batchesWritten: number;
  /** Batches that the journal holds and the database does not have yet. */
  readonly batchesPending: number;
  /** Batches dropped because the journal reached its bound. */
  readonly batchesDropped: number;
  /** True after a damaged database was put aside and is being rebuilt. */
  readonly degraded: boolean;
  /** ok, or one sentence on what keeps samples from the disk. */
  readonly writeError: string | null;
  /** Everything that takes batches from the journal, the embedded database first. */
  readonly sinks: readonly SinkStatus[];
}

export interface MetricsStore {
  readonly capabilities: StoreCapabilities;
  /** Resolves when the batch is durable. A batch whose batchId is already held changes nothing. */
  append(batch: Batch): Promise<void>;
  /** The marks of all batches of a cluster, newest value each. */
  marks(cluster: string): Promise<Readonly<Record<string, number>>>;
  range(query: RangeQuery): Promise<RangeResult>;
  /** The newest point of every entity of a kind that has one after `sinceMs`. */
  latest(kind: EntityKind, sinceMs: number): Promise<readonly LatestValue[]>;
  stats(): Promise<StoreStats>;
  close(): Promise<void>;
}
