// Key figures and utilization of every cluster, its pools and tags, hour by hour.
import type { ClusterId } from "../../model/ids.ts";
import { scopeEntityId } from "../../model/ids.ts";
import {
  type KpiScope,
  type KpisDocument,
  type ResourceWeights,
  type UtilizationDocument,
  utilizationWindows,
  windowDays,
} from "../../model/kpis.ts";
import { defineJob, type JobContext } from "../job.ts";
import { cachedFacts } from "../kpis/cached-facts.ts";
import { measuresOf } from "../kpis/index.ts";
import { readNodeData, readPercentiles } from "../kpis/percentiles.ts";
import { scopeRows } from "../kpis/scope-rows.ts";
import { scopesOf } from "../kpis/scopes.ts";
import { type SummedScope, utilizationItems } from "../kpis/utilization-items.ts";
import { availabilityByGuest, readStaleness } from "../kpis/watched.ts";
import { weightsOf } from "../kpis/weights.ts";
import { type ClusterUsage, readClusterUsage } from "../usage/cluster-usage.ts";
import { endOfRange, hourMs, hoursBefore, readHours, type StepRange } from "../usage/read-hours.ts";
import { scopeHours } from "../usage/scope-hours.ts";
import { weekMask } from "../usage/week-hours.ts";

const windowOfDays = 30;

export const kpis = defineJob({
  id: "kpis",
  summary: "Utilization and key figures of clusters, pools, tags, nodes and guests",
  schedule: "7 * * * *",
  timeLimitMs: 600_000,
  async run(context) {
    const clusters = context.fleet.list("cluster").map(({ entity }) => entity.cluster);
    const results = [];
    for (const [number, cluster] of clusters.entries()) {
      context.progress(number, clusters.length);
      results.push(await clusterResults(context, cluster));
    }
    context.progress(clusters.length, clusters.length);
    const scopes = results.reduce((sum, { scopeCount }) => sum + scopeCount, 0);
    return {
      summary: `${scopes} scopes of ${clusters.length} clusters`,
      documents: results.flatMap(({ documents }) => documents),
      rows: results.flatMap(({ rows }) => rows),
    };
  },
});

/** Begin of the newest hour whose points are stored; other jobs have points of the same scopes, so one of ours is asked for. */
async function doneUntil({ store }: JobContext, cluster: ClusterId, range: StepRange): Promise<number> {
  const id = scopeEntityId(cluster, "cluster", "");
  const stored = await readHours(store, [id], { metric: "coverage_ratio", aggregation: "avg" }, range);
  const newest = stored.get(id)?.findLastIndex((value) => !Number.isNaN(value)) ?? -1;
  return range.fromMs + newest * hourMs;
}

async function clusterResults(context: JobContext, cluster: ClusterId) {
  const { settings, store } = context;
  const facts = cachedFacts(context.facts);
  const range = hoursBefore(context.nowMs, windowOfDays);
  const usage = await readClusterUsage({ ...context, facts }, cluster, range);
  const costModel = settings.clusters.find(({ id }) => id === cluster)?.costModel ?? null;
  const weights = weightsOf(costModel, context.nowMs);
  const availability = availabilityByGuest(usage, facts, settings);
  const scopes = scopesOf(usage.guests).map((scope) => ({
    ...scope,
    hours: scopeHours(scope.guests, usage.nodes, range.count),
  }));
  const given = {
    nowMs: context.nowMs,
    settings,
    facts,
    usage,
    weights,
    availability,
    businessHours: weekMask(range, [settings.businessHours], settings.timeZone),
    nodeData: await readNodeData(store, usage),
    measurable: measurableGuests(context, cluster),
    staleness: await readStaleness(store, usage),
  };
  const kpiScopes = scopes.map(
    ({ hours, ...scope }): KpiScope => ({
      type: scope.type,
      key: scope.key,
      guests: scope.guests.filter(({ entity }) => entity.goneAt === null).length,
      measures: measuresOf({ ...given, scope, hours }),
    }),
  );
  const body: KpisDocument = {
    fromMs: range.fromMs,
    toMs: endOfRange(range),
    weights,
    timeZone: settings.timeZone,
    scopes: kpiScopes,
  };
  return {
    scopeCount: scopes.length,
    documents: [
      { name: "kpis", cluster, key: "", body },
      ...(await utilizationDocuments(context, usage, scopes, given.businessHours, weights)),
    ],
    rows: scopeRows({ usage, scopes, availability, weights, doneUntilMs: await doneUntil(context, cluster, range) }),
  };
}

const measurableGuests = ({ fleet }: JobContext, cluster: ClusterId): ReadonlySet<string> =>
  new Set(
    fleet
      .list("guest")
      .filter(({ entity, values }) => entity.cluster === cluster && values["guest_mem_available_bytes"] !== undefined)
      .map(({ entity }) => entity.id),
  );

async function utilizationDocuments(
  { store }: JobContext,
  usage: ClusterUsage,
  scopes: readonly SummedScope[],
  businessHours: Uint8Array,
  weights: ResourceWeights,
) {
  const documents = [];
  const toMs = endOfRange(usage.range);
  for (const window of utilizationWindows) {
    const days = windowDays[window];
    const percentiles = await readPercentiles(store, usage, days);
    const items = utilizationItems({ usage, days, businessHours, weights, percentiles }, scopes);
    const body: UtilizationDocument = { fromMs: toMs - days * 86_400_000, toMs, items };
    documents.push({ name: "utilization", cluster: usage.cluster, key: window, body });
  }
  return documents;
}
