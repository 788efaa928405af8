// GET /api/v1/storages
import { metricsByKind } from "../../model/metrics.ts";
import type { Routes } from "../context.ts";
import { storageItem } from "../items/entity-item.ts";
import { StorageItem } from "../items/entity-schemas.ts";
import { addList } from "../lists/list-route.ts";

export const storages: Routes = (app, context) => {
  addList<StorageItem>(app, context, {
    name: "storages",
    summary: "Storages with their latest values; a shared one is listed once",
    permission: "fleet:read",
    item: StorageItem,
    gone: true,
    items: (fleet, options) =>
      fleet
        .list("storage", options)
        .flatMap((live) => (live.entity.kind === "storage" ? [storageItem(live, live.entity, context.fleet)] : [])),
    id: (item) => item.id,
    searchable: (item) => [item.name, item.id, item.plugin_type, ...item.nodes],
    filters: {
      cluster: (item) => [item.cluster],
      node: (item) => item.nodes,
      storage: (item) => [item.storage],
      status: (item) => [item.status],
      type: (item) => [item.plugin_type],
      content: (item) => item.content,
      shared: (item) => [String(item.shared)],
    },
    defaultSort: "name",
    metrics: metricsByKind.storage.map((metric) => metric.id),
  });
};
