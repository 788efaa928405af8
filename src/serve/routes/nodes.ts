// GET /api/v1/nodes
import { metricsByKind } from "../../model/metrics.ts";
import type { Routes } from "../context.ts";
import { nodeItem } from "../items/entity-item.ts";
import { NodeItem } from "../items/entity-schemas.ts";
import { addList } from "../lists/list-route.ts";

export const nodes: Routes = (app, context) => {
  addList<NodeItem>(app, context, {
    name: "nodes",
    summary: "Nodes with their latest values",
    permission: "fleet:read",
    item: NodeItem,
    gone: true,
    items: (fleet, options) =>
      fleet
        .list("node", options)
        .flatMap((live) => (live.entity.kind === "node" ? [nodeItem(live, live.entity, context.fleet)] : [])),
    id: (item) => item.id,
    searchable: (item) => [item.name, item.id, item.address, item.version],
    filters: {
      cluster: (item) => [item.cluster],
      node: (item) => [item.name],
      status: (item) => [item.status],
      ha_state: (item) => [item.ha_state],
    },
    defaultSort: "name",
    metrics: metricsByKind.node.map((metric) => metric.id),
  });
};
