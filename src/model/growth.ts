// What grows most, as the job `growth` leaves it behind, by cluster.
import type { EntityKind } from "./ids.ts";
import type { MetricId } from "./metrics.ts";
import type { TrendRow } from "./store.ts";

/** Document `growth`. */
export interface GrowthDocument {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lists: readonly GrowthList[];
}

export interface GrowthList {
  readonly kind: EntityKind;
  readonly metric: MetricId;
  /** What all that grew has grown by together, in the metric's unit. */
  readonly grown: number;
  /** Most growth first; the leaders only. */
  readonly rows: readonly GrowthRow[];
}

/** Slope and growth are of the Theil–Sen line through the daily means, which a spike or a bad day does not move. */
export interface GrowthRow extends TrendRow {
  /** Part of what all that grew has grown by. */
  readonly share: number;
}
