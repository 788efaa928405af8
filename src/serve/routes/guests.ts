// GET /api/v1/guests
import { metricsByKind } from "../../model/metrics.ts";
import type { Routes } from "../context.ts";
import { guestItem } from "../items/entity-item.ts";
import { GuestItem } from "../items/entity-schemas.ts";
import { addList } from "../lists/list-route.ts";

export const guests: Routes = (app, context) => {
  addList<GuestItem>(app, context, {
    name: "guests",
    summary: "Virtual machines and containers with their latest values",
    permission: "fleet:read",
    item: GuestItem,
    gone: true,
    items: (fleet, options) =>
      fleet
        .list("guest", options)
        .flatMap((live) => (live.entity.kind === "guest" ? [guestItem(live, live.entity, context.fleet)] : [])),
    id: (item) => item.id,
    searchable: (item) => [item.name, item.id, item.vmid, item.node, item.pool, ...item.tags],
    filters: {
      cluster: (item) => [item.cluster],
      node: (item) => [item.node],
      vmid: (item) => [String(item.vmid)],
      status: (item) => [item.status],
      type: (item) => [item.type],
      pool: (item) => [item.pool],
      tag: (item) => item.tags,
      template: (item) => [String(item.template)],
      lock: (item) => [item.lock],
      ha_state: (item) => [item.ha_state],
    },
    defaultSort: "name",
    metrics: metricsByKind.guest.map((metric) => metric.id),
  });
};
