// An entity with its latest values as one flat object in the API's words.
import type { FleetView, LiveEntity } from "../../model/fleet.ts";
import { clusterEntityId } from "../../model/ids.ts";
import type { ClusterEntity, Entity, GuestEntity, NodeEntity, StorageEntity } from "../../model/inventory.ts";
import type { ClusterItem, EntityItem, GuestItem, NodeItem, StorageItem } from "./entity-schemas.ts";
import { isoTime } from "./time.ts";

export function clusterItem(live: LiveEntity, entity: ClusterEntity, fleet: FleetView): ClusterItem {
  const { release, quorate, simulated, notes = [] } = entity;
  return { kind: "cluster", ...base(live, fleet), release, quorate, simulated, notes: [...notes] };
}

export function nodeItem(live: LiveEntity, entity: NodeEntity, fleet: FleetView): NodeItem {
  const { status, haState, address, version } = entity;
  return { kind: "node", ...base(live, fleet), status, ha_state: haState, address, version };
}

export function guestItem(live: LiveEntity, entity: GuestEntity, fleet: FleetView): GuestItem {
  const { vmid, generation, type, node, status, template, lock, tags, pool, haState } = entity;
  return {
    kind: "guest",
    ...base(live, fleet),
    vmid,
    generation,
    type,
    node,
    status,
    template,
    lock,
    tags: [...tags],
    pool,
    ha_state: haState,
    created_at: isoTime(entity.createdAt ?? null),
  };
}

export function storageItem(live: LiveEntity, entity: StorageEntity, fleet: FleetView): StorageItem {
  const { storage, node, nodes, shared, status, pluginType, content } = entity;
  return {
    kind: "storage",
    ...base(live, fleet),
    storage,
    node,
    nodes: [...nodes],
    shared,
    status,
    plugin_type: pluginType,
    content: [...content],
  };
}

export function entityItem(live: LiveEntity, fleet: FleetView): EntityItem {
  const { entity } = live;
  switch (entity.kind) {
    case "cluster":
      return clusterItem(live, entity, fleet);
    case "node":
      return nodeItem(live, entity, fleet);
    case "guest":
      return guestItem(live, entity, fleet);
    case "storage":
      return storageItem(live, entity, fleet);
  }
}

function base(live: LiveEntity, fleet: FleetView) {
  const { id, cluster, name, firstSeenAt, lastSeenAt, goneAt } = live.entity;
  return {
    id,
    cluster,
    name,
    first_seen_at: isoTime(firstSeenAt),
    last_seen_at: isoTime(lastSeenAt),
    gone_at: isoTime(goneAt),
    web_url: webUrl(live.entity, fleet),
    values: finite(live.values),
    values_at: isoTime(live.valuesAt),
    period_seconds: live.periodS,
  };
}

const finite = (values: LiveEntity["values"]): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));

/** `#v1:0:=qemu/100` is how PVE's page remembers the selected resource; null when the cluster has no page. */
function webUrl(entity: Entity, fleet: FleetView): string | null {
  const cluster = entity.kind === "cluster" ? entity : fleet.get(clusterEntityId(entity.cluster))?.entity;
  if (cluster?.kind !== "cluster" || cluster.webUrl === null || !/^https?:\/\//.test(cluster.webUrl)) return null;
  const page = cluster.webUrl.replace(/\/+$/, "");
  const resource = pveResource(entity);
  return resource === null ? page : `${page}/#v1:0:=${resource.map(encoded).join("/")}`;
}

/** A name may hold half a character, which cannot be encoded. */
const encoded = (name: string): string => encodeURIComponent(name.replaceAll(/\p{Surrogate}/gu, "\uFFFD"));

function pveResource(entity: Entity): readonly string[] | null {
  switch (entity.kind) {
    case "cluster":
      return null;
    case "node":
      return ["node", entity.name];
    case "guest":
      return [entity.type, String(entity.vmid)];
    case "storage": {
      const node = entity.node ?? entity.nodes[0];
      return node === undefined ? null : ["storage", node, entity.storage];
    }
  }
}
