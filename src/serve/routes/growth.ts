// GET /api/v1/growth: what has grown most in thirty days, as the last run saw it.
import type { GrowthDocument } from "../../model/growth.ts";
import type { Routes } from "../context.ts";
import { GrowthItem, growthItems } from "../items/growth-item.ts";
import { addList } from "../lists/list-route.ts";

export const growth: Routes = (app, context) => {
  addList<GrowthItem>(app, context, {
    name: "growth",
    summary: "What has grown most in thirty days, with its share of all growth",
    permission: "analysis:read",
    item: GrowthItem,
    items: async (fleet) => {
      const found = await context.analysis.documents.list({ name: "growth" });
      return found.flatMap(({ body }) => growthItems(body as GrowthDocument, (id) => fleet.find(id)?.entity.name));
    },
    id: ({ id, field }) => JSON.stringify([id, field]),
    searchable: (item) => [item.name, item.id, item.field],
    filters: {
      id: (item) => [item.id],
      cluster: (item) => [item.cluster],
      kind: (item) => [item.kind],
      field: (item) => [item.field],
    },
    defaultSort: "kind,field,-growth",
  });
};
