// How the catalogue looks in InfluxDB: one measurement per kind, a list of tags that never changes, a field per metric.
// InfluxDB 3 fixes a table's tags with its first point, so a tag cannot be added later. Names, pools and Proxmox tags are
// no tags here: a guest that is renamed would begin a new series.
import { type EntityKind, entityKinds, parseEntityId } from "./ids.ts";
import type { Entity } from "./inventory.ts";
import { metricsByKind } from "./metrics.ts";

export const influxTagKeys = ["cluster", "node", "vmid", "generation", "type", "storage"] as const;
export type InfluxTagKey = (typeof influxTagKeys)[number];
export type InfluxTags = Readonly<Partial<Record<InfluxTagKey, string>>>;

export const measurementOf = (kind: EntityKind): string => `pve_${kind}`;

export const measurements: readonly string[] = entityKinds.map(measurementOf);

export const kindOfMeasurement = (measurement: string): EntityKind | undefined =>
  entityKinds.find((kind) => measurementOf(kind) === measurement);

const tagKeysByKind: Readonly<Record<EntityKind, readonly InfluxTagKey[]>> = {
  cluster: ["cluster"],
  node: ["cluster", "node"],
  guest: ["cluster", "node", "vmid", "generation", "type"],
  storage: ["cluster", "node", "storage", "type"],
  target: ["cluster", "node"],
  disk: ["cluster", "node", "storage"],
  pool: ["cluster", "node", "storage", "type"],
};

export const tagKeysOf = (kind: EntityKind): readonly InfluxTagKey[] => tagKeysByKind[kind];

export const fieldKeysOf = (kind: EntityKind): readonly string[] => metricsByKind[kind].map(({ id }) => id);

/** The tags of an entity's points. A shared storage has no node; a target is named by what we ask. */
export function influxTagsOf(entity: Entity): InfluxTags {
  const { cluster } = entity;
  switch (entity.kind) {
    case "cluster":
      return { cluster };
    case "node":
      return { cluster, node: entity.name };
    case "guest": {
      const { node, vmid, generation, type } = entity;
      return { cluster, node, vmid: String(vmid), generation: String(generation), type };
    }
    case "storage": {
      const { node, storage, pluginType } = entity;
      return {
        cluster,
        ...(node === null ? {} : { node }),
        storage,
        ...(pluginType === null ? {} : { type: pluginType }),
      };
    }
  }
}

/** The tags of our own measurement of a target, which is no entity of the inventory. */
export function influxTagsOfTarget(id: string): InfluxTags {
  const ref = parseEntityId(id);
  return ref === undefined ? {} : { cluster: ref.cluster, node: ref.key };
}

/**
 * The tags of what is measured but is no entity of the inventory, by its id: a target, a disk (`storage` is its serial
 * number) or a pool (`storage` is its name, `type` zfs, lvmthin or ceph; one of the whole cluster has no node).
 */
export function influxTagsOfPart(id: string): InfluxTags {
  const ref = parseEntityId(id);
  if (ref === undefined) return {};
  const { cluster, kind, key } = ref;
  if (kind === "target") return influxTagsOfTarget(id);
  const [, node = "", rest = ""] = /^(?:@|([^:]+):)(.+)$/s.exec(key) ?? [];
  const placed = { cluster, ...(node === "" ? {} : { node }) };
  const colon = rest.indexOf(":");
  return kind === "pool"
    ? { ...placed, storage: rest.slice(colon + 1), type: rest.slice(0, colon) }
    : { ...placed, storage: rest };
}
