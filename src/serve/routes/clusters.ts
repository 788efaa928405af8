// GET /api/v1/clusters
import { metricsByKind } from "../../model/metrics.ts";
import type { Routes } from "../context.ts";
import { clusterItem } from "../items/entity-item.ts";
import { ClusterItem } from "../items/entity-schemas.ts";
import { addList } from "../lists/list-route.ts";

export const clusters: Routes = (app, context) => {
  addList<ClusterItem>(app, context, {
    name: "clusters",
    summary: "Clusters with their latest values",
    permission: "fleet:read",
    item: ClusterItem,
    gone: true,
    items: (fleet, options) =>
      fleet
        .list("cluster", options)
        .flatMap((live) => (live.entity.kind === "cluster" ? [clusterItem(live, live.entity, context.fleet)] : [])),
    id: (item) => item.id,
    searchable: (item) => [item.name, item.id, item.release],
    filters: {
      cluster: (item) => [item.cluster],
      release: (item) => [item.release],
    },
    defaultSort: "name",
    metrics: metricsByKind.cluster.map((metric) => metric.id),
  });
};
