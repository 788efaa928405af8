// GET /api/v1/sinks
import type { Routes } from "../context.ts";
import { SinkItem, sinkItem } from "../items/sink-item.ts";
import { addList } from "../lists/list-route.ts";

export const sinks: Routes = (app, context) => {
  addList<SinkItem>(app, context, {
    name: "sinks",
    summary: "Where samples go behind the journal, and how far each of them is; for administrators",
    permission: "system:read",
    item: SinkItem,
    items: async () => (await context.store.stats()).sinks.map(sinkItem),
    id: (item) => item.name,
    searchable: (item) => [item.name, item.kind, item.state, item.reason],
    filters: { state: (item) => [item.state], kind: (item) => [item.kind] },
    defaultSort: "name",
  });
};
