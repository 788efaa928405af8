// Every night: how each series goes on for a month and for half a year, and why not where that cannot be said.
import { openThreads } from "../../lib/thread-pool.ts";
import type { ForecastsDocument } from "../../model/forecasts.ts";
import type { ClusterId } from "../../model/ids.ts";
import { knownBreaks } from "../forecast/known-breaks.ts";
import { type NewDocument, nightly } from "../forecast/nightly.ts";
import { type Part, partsOf } from "../forecast/parts.ts";
import { watchedFields, watchedIn, watchedPool } from "../forecast/watched.ts";
import { defineJob, type JobContext } from "../job.ts";

const dayMs = 86_400_000;
/** Steps further back than the longest history matter to nobody. */
const breaksMs = 730 * dayMs;
/** A pool that was not measured for so long is gone. */
const pooledMs = 7 * dayMs;

export const forecasts = defineJob({
  id: "forecasts",
  summary: "Forecasts every series for a month and half a year",
  schedule: "23 2 * * *",
  timeLimitMs: 3_600_000,
  async run(context) {
    const clusters = context.fleet.list("cluster").map(({ entity }) => entity.cluster);
    const pool = openThreads({
      module: "../forecast/nightly/worker.ts",
      base: import.meta.url,
      threads: context.threads,
    });
    try {
      const plans = await Promise.all(
        clusters.map(async (cluster) => ({ cluster, parts: await partsIn(context, cluster) })),
      );
      const total = plans.reduce((sum, { parts }) => sum + parts.length, 0);
      let done = 0;
      const onPart = (): void => context.progress(++done, total);
      const documents: NewDocument[] = [];
      for (const { cluster, parts } of plans) {
        const range = { cluster, fromMs: context.nowMs - breaksMs, toMs: context.nowMs };
        const breaks = await knownBreaks(context, range);
        documents.push(...(await nightly({ context, cluster, parts, breaks, pool, onPart })));
      }
      return { summary: summaryOf(documents, clusters.length), documents };
    } finally {
      await pool.close();
    }
  },
});

async function partsIn(context: JobContext, cluster: ClusterId): Promise<readonly Part[]> {
  const { fleet, store, nowMs } = context;
  const pools = (await store.latest("pool", nowMs - pooledMs)).flatMap(({ id }) =>
    id.startsWith(`${cluster}/`) ? [watchedPool(id)] : [],
  );
  const things = (["cluster", "node", "storage", "guest"] as const).flatMap((kind) =>
    partsOf(kind, watchedFields[kind], watchedIn(fleet, cluster, kind)),
  );
  return [...things, ...partsOf("pool", watchedFields.pool, pools)];
}

function summaryOf(documents: readonly NewDocument[], clusters: number): string {
  const lines = documents.flatMap(({ name, body }) => (name === "forecasts" ? (body as ForecastsDocument).lines : []));
  const sure = lines.filter(({ result }) => result.state === "forecast").length;
  return `${sure} of ${lines.length} series have a forecast, of ${clusters} cluster${clusters === 1 ? "" : "s"}`;
}
