// What a cluster or node holds, in the same table as at home.
import { columnIds } from "../fleet/columns.ts";
import { sparkMeans } from "../fleet/home-view.ts";
import type { FleetItem } from "../fleet/item.ts";
import { isGuest, isNode, isStorage, tableRows } from "../fleet/table-rows.ts";
import { parseTableView, printTableView } from "../fleet/table-view.ts";
import { plural } from "../format.ts";
import { fleet } from "../live/live.ts";
import { query, setQuery } from "../location.ts";
import { FleetGrid } from "./fleet-grid.tsx";

export function Contents({ item }: { readonly item: FleetItem }) {
  if (item.kind !== "cluster" && item.kind !== "node") return null;
  const held = (fleet.value ?? []).filter((other) => other.id !== item.id && belongs(other, item));
  if (held.length === 0) return null;
  const view = {
    ...parseTableView(query.value),
    filter: "",
    grouped: false,
    shown: columnIds.filter((id) => id !== "name"),
    compact: false,
  };
  const { rows } = tableRows(held, view, sparkMeans.value);
  const title = item.kind === "cluster" ? "Nodes and shared storages" : "Guests and storages";
  const counts = [
    plural(held.filter(isNode).length, "node"),
    plural(held.filter(isGuest).length, "guest"),
    plural(held.filter(isStorage).length, "storage"),
  ];
  return (
    <section class="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <div class="panel-tools">
          <span class="dim">{counts.filter((text) => !text.startsWith("0 ")).join(" · ")}</span>
        </div>
      </header>
      <FleetGrid main label={title} rows={rows} view={view} onChange={(change) => setQuery(printTableView(change))} />
    </section>
  );
}

function belongs(other: FleetItem, item: FleetItem): boolean {
  if (other.cluster !== item.cluster) return false;
  if (item.kind === "cluster") return other.kind === "node" || (other.kind === "storage" && other.node === null);
  if (other.kind === "guest") return other.node === item.name;
  return other.kind === "storage" && (other.node === item.name || other.nodes.includes(item.name));
}
