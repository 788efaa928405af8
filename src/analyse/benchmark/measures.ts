// What guests and nodes are compared by: percentiles of a week, and of the week four weeks before.
import type { EntityId } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";
import type { SeriesStore } from "../context.ts";

export interface Measure {
  readonly kind: "guest" | "node";
  readonly metric: MetricId;
  /** Divided by the subject's memory, so that large and small can be compared. */
  readonly share: boolean;
  readonly percentile: number;
}

const memory = { metric: "mem_used_bytes", share: true, percentile: 0.5 } as const;
const highest = (metric: MetricId) => ({ metric, share: false, percentile: 0.95 }) as const;

export const measures: readonly Measure[] = [
  { kind: "node", ...highest("cpu_ratio") },
  { kind: "node", ...memory },
  { kind: "node", ...highest("iowait_ratio") },
  { kind: "node", ...highest("psi_io_full_percent") },
  { kind: "node", ...highest("psi_cpu_some_percent") },
  { kind: "guest", ...highest("cpu_ratio") },
  { kind: "guest", ...memory },
  { kind: "guest", ...highest("net_in_bytes_per_second") },
  { kind: "guest", ...highest("net_out_bytes_per_second") },
  { kind: "guest", ...highest("disk_read_bytes_per_second") },
  { kind: "guest", ...highest("disk_write_bytes_per_second") },
];

/** Half of the stretch has to be measured, or a guest that ran for an hour would be the best of its class. */
const neededShare = 0.5;
const samplesPerMs = 1 / 10_000;

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** In the unit of the metric; what was measured less than half of the time is left out. */
export async function percentilesOf(
  store: Pick<SeriesStore, "quantiles">,
  ids: readonly EntityId[],
  { metric, percentile }: Measure,
  stretch: Stretch,
): Promise<ReadonlyMap<EntityId, number>> {
  if (ids.length === 0) return new Map<EntityId, number>();
  const { rows, fromMs, toMs } = await store.quantiles({ ids, metric, ...stretch, ps: [percentile] });
  // Sketches cover whole days only: what matters is how much of what was covered is known.
  const needed = Math.max(1, neededShare * samplesPerMs * Math.min(toMs - fromMs, stretch.toMs - stretch.fromMs));
  return new Map(
    rows.flatMap(({ id, values, samples }): readonly (readonly [EntityId, number])[] => {
      const [value] = values;
      return value === undefined || samples < needed ? [] : [[id, value]];
    }),
  );
}
