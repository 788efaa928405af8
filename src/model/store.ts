// The port to stored samples. Every store (embedded DuckDB, memory, later InfluxDB) behaves alike within what its
// capabilities declare; test/store/contract.ts is the proof.
import type { Batch, Origin } from "./batch.ts";
import type { EntityId, EntityKind } from "./ids.ts";
import type { Aggregation, MetricId } from "./metrics.ts";
import type { SinkStatus } from "./sink.ts";

/** raw: the samples as they came · 5m and 1h: roll-ups (and imported points that are no finer). */
export const tiers = ["raw", "5m", "1h"] as const;
export type Tier = (typeof tiers)[number];
export type RolledTier = Exclude<Tier, "raw">;

export const storeReaders = ["memory", "duckdb", "influx"] as const;
export type StoreReader = (typeof storeReaders)[number];

export interface StoreCapabilities {
  readonly aggregations: readonly Aggregation[];
  /** The longest range one query may cover, in milliseconds; null when there is no limit. */
  readonly maxRangeMs: number | null;
  /** How percentiles are ranked: the smallest value that at least that share of the samples does not pass. */
  readonly percentiles: "nearest-rank";
  /** Where graphs are read from; each answer says where it came from, because another may stand in. */
  readonly reader: StoreReader;
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
  /** What answered. */
  readonly reader: StoreReader;
}

/** A question about many series at once. */
export interface FleetQuery {
  /** Of one kind; at most 20,000. */
  readonly ids: readonly EntityId[];
  readonly metric: MetricId;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface QuantilesQuery extends FleetQuery {
  /** From 0 to 1; at most 20. */
  readonly ps: readonly number[];
}

export interface QuantileRow {
  readonly id: EntityId;
  /** In the order of `ps`: the smallest value that at least that share of the samples does not pass (nearest rank). */
  readonly values: readonly number[];
  /** Samples that it rests on, counted in tens of seconds. */
  readonly samples: number;
  /** How many of them are known only as PVE's averages over longer stretches. */
  readonly averaged: number;
}

export interface QuantilesResult {
  /** raw: from every sample · sketches: from histograms of whole days and of the hours since. */
  readonly source: "raw" | "sketches";
  readonly exact: boolean;
  /** What was covered: sketches begin with a whole UTC day and end with the newest closed hour. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How far a value may be off: half a bin, in the metric's unit or as a share of the value. Null when exact. */
  readonly error: { readonly kind: "absolute" | "relative"; readonly value: number } | null;
  /** Series without any sample are left out. */
  readonly rows: readonly QuantileRow[];
}

export interface TrendQuery extends FleetQuery {
  /** Only so many rows, those that grow most; all when left out. */
  readonly top?: number;
}

export interface TrendRow {
  readonly id: EntityId;
  /** Slope of the least-squares line, in the metric's unit per day. */
  readonly slopePerDay: number;
  /** What the line rises by between the first and the last point. */
  readonly growth: number;
  readonly mean: number;
  readonly points: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface TrendResult {
  /** The tier whose points the lines were fitted to. */
  readonly tier: Tier;
  /** False when some of the points were PVE's averages. */
  readonly exact: boolean;
  /** By growth, most first. Series with fewer than two moments are left out. */
  readonly rows: readonly TrendRow[];
}

export interface TotalsQuery extends FleetQuery {
  /** A metric of the same kind that each value is multiplied by: cpu_ratio by cpu_count gives cores. */
  readonly weightBy: MetricId | null;
  /** A whole multiple of 5 minutes, or of an hour above it. */
  readonly stepMs: number;
}

/** Sums over series, bucket by bucket: the mean, over the windows of the bucket, of what the series had together. */
export interface TotalsResult {
  readonly tier: RolledTier;
  readonly timeMs: readonly number[];
  readonly sums: readonly number[];
  /** The sum of the weights; without `weightBy` the number of series. sums / weights is the weighted mean. */
  readonly weights: readonly number[];
  /** False when some of it comes from PVE's averages. */
  readonly exact: boolean;
  /** Imported points wider than the windows; a total cannot use them. */
  readonly leftOut: number;
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
  /** Percentiles of each series: exact from its samples as far as that is affordable, else from sketches. */
  quantiles(query: QuantilesQuery): Promise<QuantilesResult>;
  /** Which series grow, and how fast. */
  trend(query: TrendQuery): Promise<TrendResult>;
  /** What series have together. Answers from closed windows only, so a total never seems to fall at its end. */
  totals(query: TotalsQuery): Promise<TotalsResult>;
  /** The newest point of every entity of a kind that has one after `sinceMs`. */
  latest(kind: EntityKind, sinceMs: number): Promise<readonly LatestValue[]>;
  stats(): Promise<StoreStats>;
  close(): Promise<void>;
}
