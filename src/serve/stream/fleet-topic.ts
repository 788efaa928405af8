// The topic `fleet`: every cluster, node, guest and storage in the scope; deltas name only the fields that changed.
import type { Scope } from "../../model/access.ts";
import type { FleetView } from "../../model/fleet.ts";
import type { EntityId } from "../../model/ids.ts";
import { entityItem } from "../items/entity-item.ts";
import type { EntityItem } from "../items/entity-schemas.ts";
import { seesEntity } from "../scoped-fleet.ts";
import type { Topic } from "./topic.ts";

export const fleetTopic: Topic = {
  name: "fleet",
  permission: "fleet:read",
  open(fleet, scope) {
    const items = new Map<EntityId, EntityItem>();
    for (const kind of ["cluster", "node", "guest", "storage"] as const) {
      for (const live of fleet.list(kind))
        if (seesEntity(scope, live.entity)) items.set(live.entity.id, entityItem(live, fleet));
    }
    return {
      snapshot: () => ({ items: [...items.values()] }),
      update: ({ entities }) => updateItems(items, fleet, scope, entities),
    };
  },
};

function updateItems(
  items: Map<EntityId, EntityItem>,
  fleet: FleetView,
  scope: Scope,
  ids: ReadonlySet<EntityId>,
): object | undefined {
  const changed: object[] = [];
  const removed: EntityId[] = [];
  for (const id of withDependents(items, fleet, ids)) {
    const known = items.get(id);
    const item = visibleItem(fleet, scope, id);
    if (item !== undefined) {
      const change = known === undefined ? item : itemChange(known, item);
      if (change !== undefined) changed.push(change);
      items.set(id, item);
    } else if (known !== undefined) {
      removed.push(id);
      items.delete(id);
    }
  }
  return changed.length + removed.length === 0 ? undefined : { changed, removed };
}

/** Links lead to the cluster's own page: when its address changes, all that belongs to it changes. */
function withDependents(
  items: ReadonlyMap<EntityId, EntityItem>,
  fleet: FleetView,
  ids: ReadonlySet<EntityId>,
): ReadonlySet<EntityId> {
  const moved = new Set<string>();
  for (const id of ids) {
    const entity = id.endsWith("/cluster") ? fleet.get(id)?.entity : undefined;
    // Not every scope shows the cluster; any guest's link tells as well whether the address is still the same.
    if (entity?.kind === "cluster" && linksLeadElsewhere(items, entity.cluster, entity.webUrl))
      moved.add(entity.cluster);
  }
  if (moved.size === 0) return ids;
  return new Set([...ids, ...[...items.values()].filter((item) => moved.has(item.cluster)).map((item) => item.id)]);
}

function linksLeadElsewhere(items: ReadonlyMap<EntityId, EntityItem>, cluster: string, webUrl: string | null): boolean {
  for (const item of items.values()) {
    if (item.cluster !== cluster) continue;
    return webUrl === null ? item.web_url !== null : !(item.web_url ?? "").startsWith(webUrl.replace(/\/+$/, ""));
  }
  return false;
}

function visibleItem(fleet: FleetView, scope: Scope, id: EntityId): EntityItem | undefined {
  const live = fleet.get(id);
  const visible = live !== undefined && live.entity.goneAt === null && seesEntity(scope, live.entity);
  return visible ? entityItem(live, fleet) : undefined;
}

/** The fields of `now` that differ, `values` by metric (null: vanished); undefined when none does. */
export function itemChange(before: EntityItem, now: EntityItem): object | undefined {
  const change: Record<string, unknown> = { id: now.id };
  const known = before as Readonly<Record<string, unknown>>;
  for (const [field, value] of Object.entries(now)) {
    if (field !== "values" && !isSame(known[field], value)) change[field] = value;
  }
  const values = valueChanges(before.values, now.values);
  if (values !== undefined) change["values"] = values;
  return Object.keys(change).length === 1 ? undefined : change;
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, index) => one === b[index]);
  return a === b;
}

function valueChanges(before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>) {
  const changes: Record<string, number | null> = {};
  let any = false;
  for (const metric in now) {
    if (before[metric] === now[metric]) continue;
    changes[metric] = now[metric] ?? null;
    any = true;
  }
  for (const metric in before) {
    if (metric in now) continue;
    changes[metric] = null;
    any = true;
  }
  return any ? changes : undefined;
}
