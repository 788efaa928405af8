// GET /api/v1/forecasts: how every series goes on, as the last night saw it.
import { clusterTotals, type ForecastsDocument } from "../../model/forecasts.ts";
import { type EntityKind, parseEntityId } from "../../model/ids.ts";
import { findMetric } from "../../model/metrics.ts";
import type { Routes, ServeContext } from "../context.ts";
import { ForecastItem, forecastItem } from "../items/forecast-item.ts";
import { addList } from "../lists/list-route.ts";
import type { ScopedFleet } from "../scoped-fleet.ts";

export const forecasts: Routes = (app, context) => {
  addList<ForecastItem>(app, context, {
    name: "forecasts",
    summary: "How every series goes on for a month and half a year, with its evidence, or why that is not known",
    permission: "analysis:read",
    item: ForecastItem,
    items: (fleet) => itemsOf(fleet, context),
    id: ({ id, field, outlook }) => JSON.stringify([id, field, outlook]),
    searchable: (item) => [item.name, item.id, item.field, item.reason],
    filters: {
      id: (item) => [item.id],
      cluster: (item) => [item.cluster],
      kind: (item) => [item.kind],
      field: (item) => [item.field],
      outlook: (item) => [item.outlook],
      state: (item) => [item.state],
      code: (item) => [item.code],
    },
    defaultSort: "name,field,outlook",
  });
};

/** Document by document, with a pause for others between two: a large fleet has twenty thousand lines. */
async function itemsOf(fleet: ScopedFleet, { analysis }: ServeContext): Promise<readonly ForecastItem[]> {
  const items: ForecastItem[] = [];
  for (const { body } of await analysis.documents.list({ name: "forecasts" })) {
    for (const line of (body as ForecastsDocument).lines) {
      const ref = parseEntityId(line.id);
      if (ref === undefined || fleet.findId(line.id) === undefined) continue;
      const name = fleet.find(line.id)?.entity.name ?? ref.key;
      items.push(forecastItem(line, { ...ref, name, unit: unitOf(ref.kind, line.field) }));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return items;
}

function unitOf(kind: EntityKind, field: string): string {
  const total = kind === "cluster" ? clusterTotals.find((each) => each.field === field) : undefined;
  return total?.unit ?? findMetric(kind, field)?.unit ?? "";
}
