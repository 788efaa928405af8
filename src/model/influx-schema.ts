// How the catalogue looks in InfluxDB: one measurement per kind, a list of tags that never changes, a field per metric.
// InfluxDB 3 fixes a table's tags with its first point, so a tag cannot be added later. Names, pools and Proxmox tags are
// no tags here: a guest that is renamed would begin a new series.
import { type EntityKind, entityKinds, parseEntityId } from "./ids.ts";
import type { Entity } from "./inventory.ts";
import { metricsByKind } from "./metrics.ts";

export const influxTagKeys = ["cluster", "node", "vmid", "generation", "type", "storage", "scope"] as const;
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
  pool: ["cluster", "node", "type", "storage"],
  scope: ["cluster", "type", "scope"],
};

/** The tags that say which series a point is of; node and type of a guest only describe it. */
const identityByKind: Readonly<Record<EntityKind, readonly InfluxTagKey[]>> = {
  ...tagKeysByKind,
  guest: ["cluster", "vmid", "generation"],
  storage: ["cluster", "node", "storage"],
};

export const identityTagKeysOf = (kind: EntityKind): readonly InfluxTagKey[] => identityByKind[kind];

/** What happened, beside what was measured: a point per event, its words in fields. */
export const eventMeasurement = "pve_event";

/** A field of every point: how many seconds it stands for. */
export const stepField = "step_seconds";
/** A field of points that were averages before we had them (PVE's own history): always 1. */
export const averagedField = "averaged";
/** PVE's maximum of an interval stands beside its average. */
export const maximumFieldOf = (metric: string): string => `${metric}_max`;

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

/** What an entity id does not tell and a point's tags do; null when it is not known. */
export interface TagDetails {
  /** Where a guest ran. */
  readonly node: string | null;
  /** qemu or lxc of a guest, the plugin of a storage. */
  readonly type: string | null;
}

/** As `influxTagsOf`, of an entity that is known by its id only. Undefined when the text is no id. */
export function influxTagsOfId(id: string, { node, type }: TagDetails): InfluxTags | undefined {
  const ref = parseEntityId(id);
  if (ref === undefined) return undefined;
  const { cluster, key } = ref;
  const details = { ...(node === null ? {} : { node }), ...(type === null ? {} : { type }) };
  switch (ref.kind) {
    case "cluster":
      return { cluster };
    case "node":
    case "target":
      return { cluster, node: key };
    case "guest": {
      const [vmid = "", generation = "1"] = key.split("~");
      return { cluster, vmid, generation, ...details };
    }
    case "storage":
      return { cluster, ...placed(key), ...(type === null ? {} : { type }) };
    case "disk":
      return { cluster, ...placed(key) };
    case "pool": {
      const { node: where, storage } = placed(key);
      const [pool = "", ...rest] = storage.split(":");
      return { cluster, ...(where === undefined ? {} : { node: where }), type: pool, storage: rest.join(":") };
    }
    case "scope": {
      const [scopeType = "", ...rest] = key.split(":");
      return { cluster, type: scopeType, ...(rest.length === 0 ? {} : { scope: rest.join(":") }) };
    }
  }
}

/** `pve1:local` lies on a node, `@nfs` on none. */
function placed(key: string): { readonly node?: string; readonly storage: string } {
  if (key.startsWith("@")) return { storage: key.slice(1) };
  const colon = key.indexOf(":");
  return { node: key.slice(0, colon), storage: key.slice(colon + 1) };
}

/** The entity that a point's identity tags name; undefined when they name none of ours. An empty tag is a missing one. */
export function entityIdOfTags(kind: EntityKind, tags: InfluxTags): string | undefined {
  const { cluster = "", node = "", vmid = "", generation = "", type = "", storage = "", scope = "" } = tags;
  const place = node === "" ? "@" : `${node}:`;
  const keys: Readonly<Record<EntityKind, string>> = {
    cluster: `${cluster}/cluster`,
    node: `${cluster}/node/${node}`,
    target: `${cluster}/target/${node}`,
    guest: `${cluster}/guest/${vmid}~${generation}`,
    storage: `${cluster}/storage/${place}${storage}`,
    disk: `${cluster}/disk/${place}${storage}`,
    pool: `${cluster}/pool/${place}${type}:${storage}`,
    scope: `${cluster}/scope/${scope === "" ? type : `${type}:${scope}`}`,
  };
  return parseEntityId(keys[kind])?.id;
}
