// What was pushed before this start and no poll has passed yet. The polls are told, so that they do not bring it again.

import { markKey, type PushedMomentsOf, pushMark } from "../collect/index.ts";
import { inGroups } from "../lib/in-groups.ts";
import type { ClusterId, EntityId } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import type { MetricsStore } from "../model/store.ts";

/** A node remembers half an hour; older moments no poll brings. */
const rememberedMs = 35 * 60_000;
const mostIds = 200;
/** By kind the metric that every pushed row has. */
const telling = { node: "uptime_seconds", guest: "uptime_seconds", storage: "total_bytes" } as const;

/** Asks the store only when a push has been newer than the polls, as after a crash between two of them. */
export async function pushedBefore(
  store: Pick<MetricsStore, "marks" | "range">,
  cluster: ClusterId,
  known: readonly Entity[],
): Promise<readonly PushedMomentsOf[]> {
  const span = spanOf(await store.marks(cluster), known);
  if (span === null) return [];
  const moments: PushedMomentsOf[] = [];
  for (const [kind, metric] of Object.entries(telling)) {
    const ids = known.filter((entity) => entity.kind === kind && entity.cluster === cluster).map(({ id }) => id);
    for (const some of inGroups(ids, mostIds)) moments.push(...(await momentsOf(store, some, metric, span)));
  }
  return moments;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function spanOf(marks: Readonly<Record<string, number>>, known: readonly Entity[]): Span | null {
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, 0];
  for (const { kind, name } of known) {
    const pushed = marks[pushMark(name)] ?? 0;
    const polled = marks[markKey(name)] ?? 0;
    if (kind !== "node" || pushed <= polled) continue;
    fromMs = Math.min(fromMs, Math.max(polled, pushed - rememberedMs));
    toMs = Math.max(toMs, pushed + 1);
  }
  return toMs === 0 ? null : { fromMs, toMs };
}

async function momentsOf(
  store: Pick<MetricsStore, "range">,
  ids: readonly EntityId[],
  metric: string,
  span: Span,
): Promise<PushedMomentsOf[]> {
  const { frames } = await store.range({ ids, metric, aggregation: "last", ...span, stepMs: 0 });
  return frames.map(({ id, timeMs, origins }) => ({ id, ts: timeMs.filter((_, index) => origins[index] === "push") }));
}
