// What grows most: robust lines through the last thirty days, for guests, storages and nodes, and each one's share of the
// growth of all.
import { TheilSenRegression } from "ml-regression";
import type { GrowthDocument, GrowthList, GrowthRow } from "../../model/growth.ts";
import type { EntityId, EntityKind } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";
import type { TrendRow } from "../../model/store.ts";
import { readGrids } from "../forecast/series-grids.ts";
import { defineJob, type JobContext } from "../job.ts";

const dayMs = 86_400_000;
const windowMs = 30 * dayMs;
const top = 20;
/** Least squares choose whom to look at closely, and may be wrong about some. */
const candidates = 2 * top;
/** A line through fewer days is chance. */
const fewestDays = 4;
/** What people run out of. */
const watched: readonly (readonly [kind: EntityKind, metric: MetricId])[] = [
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

async function growthOf(context: JobContext, cluster: string): Promise<GrowthDocument> {
  const { fleet, nowMs } = context;
  const lists: GrowthList[] = [];
  for (const [kind, metric] of watched) {
    const ids = fleet.list(kind).flatMap(({ entity }) => (entity.cluster === cluster ? [entity.id] : []));
    if (ids.length > 0) lists.push(await listOf(context, { kind, metric, ids }));
  }
  return { fromMs: nowMs - windowMs, toMs: nowMs, lists };
}

interface Wanted {
  readonly kind: EntityKind;
  readonly metric: MetricId;
  readonly ids: readonly EntityId[];
}

async function listOf({ store, nowMs }: JobContext, { kind, metric, ids }: Wanted): Promise<GrowthList> {
  const { rows } = await store.trend({ ids, metric, fromMs: nowMs - windowMs, toMs: nowMs });
  const close = rows.slice(0, candidates);
  const toMs = Math.floor(nowMs / dayMs) * dayMs;
  const grid = { fromMs: toMs - windowMs, toMs, stepMs: dayMs };
  const days = await readGrids(store, { ids: close.map(({ id }) => id), metric, grid });
  const robust = close.map((row) => robustRow(row, days.get(row.id) ?? new Float64Array()));
  const rising = [...robust, ...rows.slice(candidates)].filter(({ growth: risen }) => risen > 0);
  const grown = rising.reduce((sum, { growth: risen }) => sum + risen, 0);
  const leaders = rising.sort((a, b) => b.growth - a.growth).slice(0, top);
  return { kind, metric, grown, rows: leaders.map((row): GrowthRow => ({ ...row, share: row.growth / grown })) };
}

/** The line of Theil and Sen through the days; the one of least squares where there are too few. */
export function robustRow(row: TrendRow, days: Float64Array): TrendRow {
  const known = [...days.keys()].filter((day) => !Number.isNaN(days[day] ?? Number.NaN));
  if (known.length < fewestDays) return row;
  const { slope } = new TheilSenRegression(
    known,
    known.map((day) => days[day] ?? 0),
  );
  return { ...row, slopePerDay: slope, growth: (slope * (row.lastMs - row.firstMs)) / dayMs };
}
