// What grows most: the steepest lines through the last thirty days, for guests, storages and nodes.
import type { EntityKind } from "../../model/ids.ts";
import type { TrendRow } from "../../model/store.ts";
import { defineJob, type JobContext } from "../job.ts";

export interface GrowthDocument {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lists: readonly GrowthList[];
}
export interface GrowthList {
  readonly kind: EntityKind;
  readonly metric: string;
  readonly rows: readonly TrendRow[];
}

const windowMs = 30 * 86_400_000;
const top = 20;
/** What people run out of. */
const watched: readonly (readonly [kind: EntityKind, metric: string])[] = [
  ["storage", "used_bytes"],
  ["node", "mem_used_bytes"],
  ["node", "cpu_ratio"],
  ["guest", "mem_used_bytes"],
  ["guest", "disk_used_bytes"],
];

export const growth = defineJob({
  id: "growth",
  summary: "Finds what has grown most in thirty days",
  schedule: "41 * * * *",
  timeLimitMs: 300_000,
  async run(context) {
    const clusters = context.fleet.list("cluster").map(({ entity }) => entity.cluster);
    const documents = await Promise.all(
      clusters.map(async (cluster) => ({ name: "growth", cluster, key: "", body: await growthOf(context, cluster) })),
    );
    const count = documents.reduce(
      (sum, { body }) => sum + body.lists.reduce((all, { rows }) => all + rows.length, 0),
      0,
    );
    return { summary: `${count} series that grow, of ${clusters.length} clusters`, documents };
  },
});

async function growthOf({ fleet, store, nowMs }: JobContext, cluster: string): Promise<GrowthDocument> {
  const range = { fromMs: nowMs - windowMs, toMs: nowMs };
  const lists: GrowthList[] = [];
  for (const [kind, metric] of watched) {
    const ids = fleet.list(kind).flatMap(({ entity }) => (entity.cluster === cluster ? [entity.id] : []));
    if (ids.length === 0) continue;
    const { rows } = await store.trend({ ids, metric, ...range, top });
    lists.push({ kind, metric, rows: rows.filter(({ growth: risen }) => risen > 0) });
  }
  return { ...range, lists };
}
