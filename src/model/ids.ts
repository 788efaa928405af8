// The names of things. An entity id stays the same for as long as the thing is the same thing: a guest keeps its id
// when it migrates or is renamed, and gets a new one (the next generation) when its vmid is given to another guest.
import { z } from "zod";

export const ClusterId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, "a cluster id is 1–31 of a-z 0-9 -, beginning with a letter");
export type ClusterId = z.infer<typeof ClusterId>;

/**
 * `<cluster>/cluster` · `<cluster>/node/pve1` · `<cluster>/guest/100~1` (`~1` is the generation) ·
 * `<cluster>/storage/pve1:local` (one disk per node) · `<cluster>/storage/@nfs` (shared: one for all nodes) ·
 * `<cluster>/target/pve1` (our own measurement of an endpoint that we ask; `@cluster` for the cluster-wide calls) ·
 * `<cluster>/disk/pve1:SERIAL` (a physical disk) · `<cluster>/pool/pve1:zfs:rpool` (a ZFS or thin pool of a node) ·
 * `<cluster>/pool/@ceph:rbd` (a Ceph pool) · `<cluster>/scope/cluster`, `<cluster>/scope/tag:web` (what analysis computes
 * of everything in a scope; see scopeEntityId)
 */
export type EntityId = string;

export const entityKinds = ["cluster", "node", "guest", "storage", "target", "disk", "pool", "scope"] as const;
export type EntityKind = (typeof entityKinds)[number];

export const clusterEntityId = (cluster: ClusterId): EntityId => `${cluster}/cluster`;
export const nodeEntityId = (cluster: ClusterId, node: string): EntityId => `${cluster}/node/${node}`;
export const guestEntityId = (cluster: ClusterId, vmid: number, generation: number): EntityId =>
  `${cluster}/guest/${vmid}~${generation}`;
export const targetEntityId = (cluster: ClusterId, node: string): EntityId => `${cluster}/target/${node}`;

export const diskEntityId = (cluster: ClusterId, node: string, disk: string): EntityId =>
  `${cluster}/disk/${node}:${disk}`;
/** `node` is null for a pool of the whole cluster (Ceph). */
export const poolEntityId = (cluster: ClusterId, node: string | null, type: string, pool: string): EntityId =>
  `${cluster}/pool/${node === null ? "@" : `${node}:`}${type}:${pool}`;

export const scopeTypes = ["cluster", "node", "guest", "storage", "pool", "tag"] as const;
export type ScopeType = (typeof scopeTypes)[number];

/** What analysis sums up: `key` is a node, `100~1`, `pve1:local`, a pool's or a tag's name; empty for the cluster. */
export const scopeEntityId = (cluster: ClusterId, type: ScopeType, key: string): EntityId =>
  `${cluster}/scope/${type === "cluster" ? type : `${type}:${key}`}`;

/** Kinds that are measured but are not things of the inventory: they have series, and no page of their own. */
export const partKinds: readonly EntityKind[] = ["target", "disk", "pool", "scope"];

/** `node` is null for a shared storage, which is one thing however many nodes mount it. */
export function storageEntityId(cluster: ClusterId, storage: string, node: string | null): EntityId {
  return node === null ? `${cluster}/storage/@${storage}` : `${cluster}/storage/${node}:${storage}`;
}

export interface EntityRef {
  readonly id: EntityId;
  readonly cluster: ClusterId;
  readonly kind: EntityKind;
  /** The part after the kind: node name, `100~1`, `pve1:local`, `@nfs`; empty for the cluster itself. */
  readonly key: string;
}

/** Takes an entity id apart; undefined when it is none. A guest id without generation means generation 1. */
export function parseEntityId(text: string): EntityRef | undefined {
  const match = /^([a-z][a-z0-9-]{0,30})\/(cluster|node|guest|storage|target|disk|pool|scope)(?:\/(.+))?$/s.exec(text);
  if (match === null) return undefined;
  const [, cluster = "", kind = "", rawKey = ""] = match;
  if ((kind === "cluster") !== (rawKey === "")) return undefined;
  if (kind === "guest" && !/^\d{1,9}(~\d{1,6})?$/.test(rawKey)) return undefined;
  const key = kind === "guest" && !rawKey.includes("~") ? `${rawKey}~1` : rawKey;
  const id = key === "" ? `${cluster}/${kind}` : `${cluster}/${kind}/${key}`;
  return { id, cluster, kind: kind as EntityKind, key };
}
