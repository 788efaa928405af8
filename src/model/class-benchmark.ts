// How each node and guest stands among others of its class, and against itself four weeks ago.
import type { EntityId } from "./ids.ts";
import type { MetricId } from "./metrics.ts";

/** Document `class-benchmark` of a cluster. */
export interface ClassBenchmarkDocument {
  /** The stretch that was looked at, and the one of the past it is compared with (milliseconds since the epoch). */
  readonly fromMs: number;
  readonly toMs: number;
  readonly pastFromMs: number;
  readonly pastToMs: number;
  readonly rows: readonly BenchmarkRow[];
}
export const classBenchmarkName = "class-benchmark";

export interface BenchmarkRow {
  readonly subject: EntityId;
  readonly name: string;
  readonly kind: "guest" | "node";
  /** With `share`: as a share of the subject's own memory. */
  readonly metric: MetricId;
  readonly share: boolean;
  /** Which percentile of the samples is compared, 0.5 or 0.95. */
  readonly percentile: number;
  readonly value: number;
  /** In words: "VMs named web-*"; null when no class has enough members. */
  readonly class: string | null;
  /** Members with a value, the subject among them; without a class, those of the largest that it could be in. */
  readonly members: number;
  /** Share of the members that are lower, ties counted by half; from 0 to 1. */
  readonly rank: number | null;
  /** Median of the members. */
  readonly classMedian: number | null;
  /** The same percentile four weeks ago; null when that is not known. */
  readonly past: number | null;
}
