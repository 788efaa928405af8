// GET /api/v1/utilization: what every guest, node, cluster, pool or tag uses of what it has or was given.
import { parseEntityId } from "../../model/ids.ts";
import {
  type UtilizationItem as Item,
  type UtilizationDocument,
  type UtilizationType,
  type UtilizationWindow,
  utilizationTypes,
  utilizationWindows,
} from "../../model/kpis.ts";
import type { Routes, ServeContext } from "../context.ts";
import { seesScope } from "../items/kpi-scope.ts";
import { UtilizationItem, type UtilizationRow, utilizationRow } from "../items/utilization-item.ts";
import { addList } from "../lists/list-route.ts";
import type { ScopedFleet } from "../scoped-fleet.ts";

export const utilization: Routes = (app, context) => {
  addList<UtilizationRow>(app, context, {
    name: "utilization",
    summary: "Demand and allocation of guests, nodes, clusters, pools or tags, with percentiles",
    permission: "analysis:read",
    item: UtilizationItem,
    choices: {
      by: { values: utilizationTypes, usual: "guest", summary: "What the lines are about" },
      window: { values: utilizationWindows, usual: "30d", summary: "How far back" },
    },
    items: (fleet, { choices }) =>
      visibleItems(fleet, context, choices["by"] as UtilizationType, choices["window"] as UtilizationWindow),
    id: ({ id }) => id,
    searchable: ({ id, name, node }) => [id, name, node],
    filters: {
      cluster: ({ cluster }) => [cluster],
      node: ({ node }) => [node],
      id: ({ id }) => [id],
      memory_source: ({ memory_source: source }) => [source],
    },
    defaultSort: "-memory_used_ratio,name",
  });
};

async function visibleItems(
  fleet: ScopedFleet,
  { analysis }: ServeContext,
  by: UtilizationType,
  window: UtilizationWindow,
): Promise<readonly UtilizationRow[]> {
  const documents = await analysis.documents.list({ name: "utilization", fromKey: window, toKey: window });
  return documents.flatMap(({ body }) => {
    const { fromMs, toMs, items } = body as UtilizationDocument;
    return items
      .filter((item) => item.type === by && isSeen(fleet, item))
      .map((item) => utilizationRow(item, fromMs, toMs));
  });
}

/** Of things that exist; of pools and tags as of key figures. */
function isSeen(fleet: ScopedFleet, { type, id, cluster, name }: Item): boolean {
  if (type === "pool" || type === "tag") return seesScope(fleet, cluster, { type, key: name });
  return parseEntityId(id) !== undefined && fleet.find(id) !== undefined;
}
