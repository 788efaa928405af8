// GET /api/v1/kpis: the key figures of the fleet, of clusters, pools and tags.
import { z } from "zod";
import { kpiCatalogue } from "../../model/kpi-catalogue.ts";
import { type ClusterKpis, type KpiLine, linesOfCluster, linesOfFleet } from "../../model/kpi-lines.ts";
import type { KpisDocument } from "../../model/kpis.ts";
import type { Routes, ServeContext } from "../context.ts";
import { seesScope } from "../items/kpi-scope.ts";
import { isoTime } from "../items/time.ts";
import { addList } from "../lists/list-route.ts";
import type { ScopedFleet } from "../scoped-fleet.ts";

const KpiItem = z
  .object({
    scope: z.string().describe("fleet, cluster:ID, pool:ID/NAME or tag:ID/NAME"),
    cluster: z.string().nullable().describe("null: of the fleet"),
    kpi: z.string(),
    title: z.string(),
    unit: z.enum(["ratio", "count", "hours", "seconds", "minutes"]),
    value: z.number().nullable().describe("null: `state` says why"),
    about: z.string().nullable().describe("What the value is about, as the resource that is most constrained"),
    state: z.string().nullable(),
    coverage: z.number().nullable().describe("Share of the window that is known; null for a figure of this moment"),
    better: z.enum(["higher", "lower", "between"]),
    target_min: z.number().nullable(),
    target_max: z.number().nullable(),
    is_on_target: z.boolean().nullable(),
    summary: z.string(),
    formula: z.string(),
    inputs: z.record(z.string(), z.number().nullable()).describe("The numbers of the formula"),
    series: z
      .object({ metric: z.string(), per: z.string().nullable() })
      .nullable()
      .describe("Its course: a metric of the entity CLUSTER/scope/…, or one divided by another"),
    from: z.string().nullable().describe("Begin of the window, ISO 8601, UTC"),
    to: z.string().nullable(),
  })
  .meta({ id: "Kpi" });
type KpiItem = z.infer<typeof KpiItem>;

export const kpis: Routes = (app, context) => {
  addList<KpiItem>(app, context, {
    name: "kpis",
    summary: "Key figures with their formulas, inputs, targets and coverage",
    permission: "analysis:read",
    item: KpiItem,
    items: async (fleet) => (await visibleLines(fleet, context)).map(kpiItem),
    id: ({ scope, kpi }) => `${scope}\n${kpi}`,
    searchable: ({ scope, kpi, title }) => [scope, kpi, title],
    filters: {
      scope: ({ scope }) => [scope],
      cluster: ({ cluster }) => [cluster],
      kpi: ({ kpi }) => [kpi],
      is_on_target: ({ is_on_target: is }) => [is === null ? null : String(is)],
    },
    sortKeys: {
      order_of_scope: ({ scope }) => scopeOrder.indexOf(scope.split(":")[0] ?? ""),
      order: ({ kpi }) => kpiCatalogue.findIndex(({ id }) => id === kpi),
    },
    defaultSort: "order_of_scope,scope,order",
  });
};

const scopeOrder = ["fleet", "cluster", "pool", "tag"];

async function visibleLines(fleet: ScopedFleet, { analysis }: ServeContext): Promise<readonly KpiLine[]> {
  const documents = (await analysis.documents.list({ name: "kpis" })).flatMap(({ cluster, body }): ClusterKpis[] =>
    cluster === null ? [] : [{ cluster, body: body as KpisDocument }],
  );
  const whole = documents.filter(({ cluster }) => fleet.sees({ cluster }));
  return [...linesOfFleet(whole), ...documents.flatMap((document) => linesOfCluster(onlySeen(fleet, document)))];
}

/** A whole cluster for those who see it; a pool or tag also for those who see nothing else. */
function onlySeen(fleet: ScopedFleet, { cluster, body }: ClusterKpis): ClusterKpis {
  return { cluster, body: { ...body, scopes: body.scopes.filter((scope) => seesScope(fleet, cluster, scope)) } };
}

const kpiItem = ({ kpi, fromMs, toMs, isOnTarget, inputs, ...line }: KpiLine): KpiItem => ({
  scope: line.scope,
  cluster: line.cluster,
  kpi: kpi.id,
  title: kpi.title,
  unit: kpi.unit,
  value: line.value,
  about: line.about,
  state: line.state,
  coverage: line.coverage,
  better: kpi.better,
  target_min: kpi.target?.min ?? null,
  target_max: kpi.target?.max ?? null,
  is_on_target: isOnTarget,
  summary: kpi.summary,
  formula: kpi.formula,
  inputs: { ...inputs },
  series: kpi.series,
  from: isoTime(fromMs),
  to: isoTime(toMs),
});
