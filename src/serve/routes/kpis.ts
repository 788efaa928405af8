// GET /api/v1/kpis: the key figures of the fleet, of clusters, pools and tags.
import { kpiCatalogue } from "../../model/kpi-catalogue.ts";
import { type ClusterKpis, clusterKpis, type KpiLine, linesOfCluster, linesOfFleet } from "../../model/kpi-lines.ts";
import type { Routes, ServeContext } from "../context.ts";
import { KpiItem, kpiItem } from "../items/kpi-item.ts";
import { seesScope } from "../items/kpi-scope.ts";
import { addList } from "../lists/list-route.ts";
import type { ScopedFleet } from "../scoped-fleet.ts";

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
  const documents = clusterKpis(await analysis.documents.list({ name: "kpis" }));
  const whole = documents.filter(({ cluster }) => fleet.sees({ cluster }));
  return [...linesOfFleet(whole), ...documents.flatMap((document) => linesOfCluster(onlySeen(fleet, document)))];
}

/** A whole cluster for those who see it; a pool or tag also for those who see nothing else. */
function onlySeen(fleet: ScopedFleet, { cluster, body }: ClusterKpis): ClusterKpis {
  return { cluster, body: { ...body, scopes: body.scopes.filter((scope) => seesScope(fleet, cluster, scope)) } };
}
