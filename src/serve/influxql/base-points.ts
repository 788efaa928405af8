// Points of many series from the store, stretch by stretch, joined to one series each.
import type { EntityId } from "../../model/ids.ts";
import type { Aggregation, MetricId } from "../../model/metrics.ts";
import type { MetricsStore, SeriesFrame } from "../../model/store.ts";
import type { Points } from "./reduce.ts";
import { type Stretch, wholeRange } from "./stretches.ts";

export interface BaseQuestion {
  readonly ids: readonly EntityId[];
  readonly metric: MetricId;
  readonly aggregation: Aggregation;
  readonly stretches: readonly Stretch[];
}

/** What the store takes at once. */
const idsAtOnce = 200;

interface Growing {
  readonly timeMs: number[];
  readonly values: (number | null)[];
  /** Seconds that a point stands for: an average of an hour weighs twelve of five minutes. */
  readonly weights: number[];
}

export async function basePoints(
  store: Pick<MetricsStore, "range">,
  { ids, metric, aggregation, stretches }: BaseQuestion,
): Promise<ReadonlyMap<EntityId, Points>> {
  const found = new Map<EntityId, Growing>();
  const parts = Array.from({ length: Math.ceil(ids.length / idsAtOnce) }, (_, i) =>
    ids.slice(i * idsAtOnce, (i + 1) * idsAtOnce),
  );
  const asked = stretches.flatMap((stretch) => parts.map((part) => ({ stretch, part })));
  const answers = await Promise.all(
    asked.map(({ stretch, part }) => store.range({ ids: part, metric, aggregation, ...stretch })),
  );
  for (const [index, { frames }] of answers.entries()) {
    const stretch = asked[index]?.stretch;
    if (stretch !== undefined) for (const frame of frames) addFrame(found, frame, stretch);
  }
  return found;
}

function addFrame(found: Map<EntityId, Growing>, frame: SeriesFrame, { fromMs, toMs, stepMs }: Stretch): void {
  const points = found.get(frame.id) ?? { timeMs: [], values: [], weights: [] };
  found.set(frame.id, points);
  for (const [index, timeMs] of frame.timeMs.entries()) {
    // The one bucket of a whole range begins with the epoch.
    points.timeMs.push(Math.max(timeMs, fromMs));
    points.values.push(frame.values[index] ?? null);
    points.weights.push(stepMs === wholeRange ? (toMs - fromMs) / 1_000 : (frame.resolutionS[index] ?? 1));
  }
}
