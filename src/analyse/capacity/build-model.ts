// Makes the model of a cluster from its supply (what nodes have and guests are given), the slow facts, and what the guests
// need.
import type { FactFields, HeldFact } from "../../model/facts.ts";
import type { FleetView } from "../../model/fleet.ts";
import { type ClusterId, clusterEntityId, type EntityId } from "../../model/ids.ts";
import type { StorageEntity } from "../../model/inventory.ts";
import type { ClusterSupply, GuestSupply, NodeSupply, Snapshot } from "../supply/index.ts";
import { cephOf, isOnCeph } from "./ceph-model.ts";
import { type ClusterModel, type ModelGuest, type ModelNode, nothing } from "./cluster-model.ts";
import { disksOf, tieOf } from "./guest-disks.ts";
import { type GuestNeeds, unmeasuredNeed } from "./guest-needs.ts";
import { rulesOf, serviceOf } from "./placement-rules.ts";

export interface ModelInput extends Snapshot {
  readonly fleet: Pick<FleetView, "get" | "list">;
  readonly supply: ClusterSupply;
  readonly needs: GuestNeeds;
}

export function buildModel({ supply, fleet, facts, needs }: ModelInput): ClusterModel {
  const { cluster } = supply;
  const own = fleet.get(clusterEntityId(cluster))?.entity;
  const known = factsOf(facts, cluster);
  const storages = storagesOf(fleet, cluster);
  const shared = new Set(storages.flatMap((storage) => (storage.shared ? [storage.storage] : [])));
  const away = supply.nodes.filter(({ online }) => !online).map(({ entity }) => entity.name);
  return {
    cluster,
    clustered: supply.nodes.length > 1 || (own?.kind === "cluster" && own.quorate !== null),
    nodes: supply.nodes.map((node) => nodeOf(node, known)),
    guests: supply.guests.filter(({ running }) => running).map((guest) => guestOf(guest, { known, needs, shared })),
    storages: nodesOfStorages(storages),
    shared: [...shared],
    cephStorages: storages.filter(isOnCeph).map(({ storage }) => storage),
    ceph: cephOf(facts, cluster, away),
  };
}

const storagesOf = (fleet: ModelInput["fleet"], cluster: ClusterId): readonly StorageEntity[] =>
  fleet
    .list("storage")
    .flatMap(({ entity }) => (entity.kind === "storage" && entity.cluster === cluster ? entity : []));

/** A local storage is a thing of its own on each node, under one name. */
function nodesOfStorages(storages: readonly StorageEntity[]): Readonly<Record<string, readonly string[]>> {
  const nodes: Record<string, string[]> = {};
  for (const { storage, nodes: on } of storages) nodes[storage] = [...(nodes[storage] ?? []), ...on];
  return nodes;
}

interface KnownFacts {
  readonly configs: ReadonlyMap<EntityId, FactFields>;
  readonly haNodes: ReadonlyMap<EntityId, FactFields>;
  readonly haServices: ReadonlyMap<string, FactFields>;
  readonly haRules: readonly HeldFact[];
  readonly replications: ReadonlyMap<EntityId, readonly FactFields[]>;
}

function factsOf(facts: Snapshot["facts"], cluster: ClusterId): KnownFacts {
  const mine = (kind: HeldFact["kind"]): readonly HeldFact[] =>
    facts.list(kind).filter(({ subject }) => subject.startsWith(`${cluster}/`));
  const bySubject = (kind: HeldFact["kind"]): ReadonlyMap<EntityId, FactFields> =>
    new Map(mine(kind).map(({ subject, fields }) => [subject, fields]));
  const replications = new Map<EntityId, FactFields[]>();
  for (const { subject, fields } of mine("replication")) {
    replications.set(subject, [...(replications.get(subject) ?? []), fields]);
  }
  return {
    configs: bySubject("guest_config"),
    haNodes: bySubject("ha_node"),
    haServices: new Map(mine("ha_service").map(({ key, fields }) => [key, fields])),
    haRules: mine("ha_rule"),
    replications,
  };
}

function nodeOf(node: NodeSupply, { haNodes }: KnownFacts): ModelNode {
  const { entity, cpuCapacityCores, memoryBytes, online } = node;
  const total = cpuCapacityCores === null || memoryBytes === null ? null : { cpuCores: cpuCapacityCores, memoryBytes };
  const lrm = haNodes.get(entity.id)?.["state"];
  const inMaintenance = typeof lrm === "string" && /maintenance/.test(lrm);
  return {
    name: entity.name,
    online,
    open: online && !inMaintenance && total !== null,
    total,
    host: total === null ? nothing : { cpuCores: node.overheadCores, memoryBytes: node.overheadMemoryBytes },
    ksmBytes: node.ksmSharedBytes,
  };
}

interface GuestContext {
  readonly known: KnownFacts;
  readonly needs: GuestNeeds;
  readonly shared: ReadonlySet<string>;
}

function guestOf(guest: GuestSupply, { known, needs, shared }: GuestContext): ModelGuest {
  const { entity } = guest;
  const config = known.configs.get(entity.id);
  const isHa = isRestarted(known.haServices.get(serviceOf(entity)));
  const replicas = replicasOf(known.replications.get(entity.id) ?? []);
  const isShared = (storage: string): boolean => shared.has(storage);
  return {
    id: entity.id,
    vmid: entity.vmid,
    name: entity.name,
    node: entity.node,
    need: needs.get(entity.id) ?? unmeasuredNeed(guest),
    diskBytes: guest.diskBytes,
    disks: config === undefined ? null : disksOf(config, { isShared, replicas }),
    tie: config === undefined ? null : tieOf(config),
    ha: isHa,
    ...rulesOf(entity, known.haRules, isHa),
  };
}

/** A service that is ignored, stopped or in error is left alone by HA. */
function isRestarted(service: FactFields | undefined): boolean {
  if (service === undefined) return false;
  const { state, requested } = service;
  if (requested !== null && requested !== "started" && requested !== "enabled") return false;
  return state !== "error" && state !== "ignored" && state !== "disabled" && state !== "stopped";
}

function replicasOf(replications: readonly FactFields[]): Readonly<Record<string, number>> {
  const copies: Record<string, number> = {};
  for (const { target, last_sync_at: at, enabled } of replications) {
    if (typeof target === "string" && typeof at === "number" && at > 0 && enabled !== false) copies[target] = at;
  }
  return copies;
}
