// The watches of all series, by metric. They live as long as the analysis thread does; after a restart they are learned
// again from stored history.
import type { EntityId } from "../../model/ids.ts";
import type { SeriesWatch } from "../anomaly/index.ts";
import type { WatchedMetric } from "./watched-metrics.ts";

/** Rows of five minutes where there are two weeks of them, else of half an hour: what PVE itself keeps for a month. */
export const fineStepMs = 300_000;
export const coarseStepMs = 1_800_000;

/** A series that cannot be watched yet, or only on half hours. */
export interface Later {
  /** When to look again. */
  readonly atMs: number;
  /** How long that was from the last look. */
  readonly waitMs: number;
  /** History that it has, in days. */
  readonly days: number;
}

export class WatchedSeries {
  readonly #watches = new Map<WatchedMetric, Map<EntityId, SeriesWatch>>();
  readonly #later = new Map<WatchedMetric, Map<EntityId, Later>>();
  /** Up to where the watches of a grid have been fed (epoch milliseconds). */
  readonly fedToMs = new Map<number, number>();

  of(metric: WatchedMetric): ReadonlyMap<EntityId, SeriesWatch> {
    return this.#watches.get(metric) ?? new Map<EntityId, SeriesWatch>();
  }

  later(metric: WatchedMetric): ReadonlyMap<EntityId, Later> {
    return this.#later.get(metric) ?? new Map<EntityId, Later>();
  }

  watch(metric: WatchedMetric, id: EntityId, watch: SeriesWatch): void {
    within(this.#watches, metric).set(id, watch);
  }

  postpone(metric: WatchedMetric, id: EntityId, later: Later): void {
    within(this.#later, metric).set(id, later);
  }

  settle(metric: WatchedMetric, id: EntityId): void {
    this.#later.get(metric)?.delete(id);
  }

  forget(metric: WatchedMetric, id: EntityId): void {
    this.#watches.get(metric)?.delete(id);
    this.#later.get(metric)?.delete(id);
  }

  /** Those of `ids` that are to be learned now: new ones, and those whose time to look again has come. */
  due(metric: WatchedMetric, ids: readonly EntityId[], nowMs: number): readonly EntityId[] {
    const watches = this.of(metric);
    const later = this.later(metric);
    return ids.filter((id) => {
      const postponed = later.get(id);
      return postponed === undefined ? !watches.has(id) : postponed.atMs <= nowMs;
    });
  }
}

function within<Value>(maps: Map<WatchedMetric, Map<EntityId, Value>>, metric: WatchedMetric): Map<EntityId, Value> {
  const known = maps.get(metric);
  if (known !== undefined) return known;
  const made = new Map<EntityId, Value>();
  maps.set(metric, made);
  return made;
}
