// Makes the model of a cluster from the fleet, the slow facts and what the guests need.
import type { FactsView, HeldFact } from "../../model/facts.ts";
import type { FleetView, LiveEntity } from "../../model/fleet.ts";
import { type ClusterId, clusterEntityId, type EntityId } from "../../model/ids.ts";
import type { GuestEntity, NodeEntity, StorageEntity } from "../../model/inventory.ts";
import { cephOf, isOnCeph } from "./ceph-model.ts";
import { type Amount, type ClusterModel, type ModelGuest, type ModelNode, nothing } from "./cluster-model.ts";
import { disksOf, tieOf } from "./guest-disks.ts";
import { allocationOf, type GuestNeeds, unmeasuredNeed } from "./guest-needs.ts";
import { rulesOf, serviceOf } from "./placement-rules.ts";

export interface ModelInput {
  readonly cluster: ClusterId;
  readonly fleet: Pick<FleetView, "get" | "list">;
  readonly facts: FactsView;
  readonly needs: GuestNeeds;
  /** What each host needs for itself, by node. */
  readonly hosts: ReadonlyMap<string, Amount>;
}

type Live<Kind> = LiveEntity & { readonly entity: Kind };

export function buildModel({ cluster, fleet, facts, needs, hosts }: ModelInput): ClusterModel {
  const of = <Kind>(kind: "node" | "guest" | "storage"): readonly Live<Kind>[] =>
    fleet.list(kind).filter(({ entity }) => entity.cluster === cluster) as unknown as readonly Live<Kind>[];
  const nodes = of<NodeEntity>("node");
  const storages = of<StorageEntity>("storage").map(({ entity }) => entity);
  const shared = storages.filter((storage) => storage.shared);
  const known = factsOf(facts, cluster);
  const own = fleet.get(clusterEntityId(cluster))?.entity;
  return {
    cluster,
    clustered: nodes.length > 1 || (own?.kind === "cluster" && own.quorate !== null),
    nodes: nodes.map((node) => nodeOf(node, known, hosts)),
    guests: of<GuestEntity>("guest")
      .filter(({ entity }) => !entity.template && entity.status === "running")
      .map((guest) => guestOf(guest, { known, needs, shared: new Set(shared.map(({ storage }) => storage)) })),
    sharedStorages: Object.fromEntries(shared.map(({ storage, nodes: on }) => [storage, on])),
    cephStorages: storages.filter(isOnCeph).map(({ storage }) => storage),
    ceph: cephOf(
      facts,
      cluster,
      nodes.filter(({ entity }) => entity.status !== "online").map(({ entity }) => entity.name),
    ),
  };
}

interface KnownFacts {
  readonly hardware: ReadonlyMap<EntityId, HeldFact>;
  readonly configs: ReadonlyMap<EntityId, HeldFact>;
  readonly haNodes: ReadonlyMap<EntityId, HeldFact>;
  readonly haServices: ReadonlyMap<string, HeldFact>;
  readonly haRules: readonly HeldFact[];
  readonly replications: ReadonlyMap<EntityId, readonly HeldFact[]>;
}

function factsOf(facts: FactsView, cluster: ClusterId): KnownFacts {
  const mine = (kind: HeldFact["kind"]): readonly HeldFact[] =>
    facts.list(kind).filter(({ subject }) => subject.startsWith(`${cluster}/`));
  const bySubject = (kind: HeldFact["kind"]): ReadonlyMap<EntityId, HeldFact> =>
    new Map(mine(kind).map((fact) => [fact.subject, fact]));
  return {
    hardware: bySubject("hardware"),
    configs: bySubject("guest_config"),
    haNodes: bySubject("ha_node"),
    haServices: new Map(mine("ha_service").map((fact) => [fact.key, fact])),
    haRules: mine("ha_rule"),
    replications: listsBySubject(mine("replication")),
  };
}

function listsBySubject(facts: readonly HeldFact[]): ReadonlyMap<EntityId, readonly HeldFact[]> {
  const lists = new Map<EntityId, HeldFact[]>();
  for (const fact of facts) lists.set(fact.subject, [...(lists.get(fact.subject) ?? []), fact]);
  return lists;
}

function nodeOf(
  node: Live<NodeEntity>,
  { hardware, haNodes }: KnownFacts,
  hosts: ReadonlyMap<string, Amount>,
): ModelNode {
  const { entity, values } = node;
  const told = hardware.get(entity.id)?.fields;
  const threads = values["cpu_count"] ?? numberOf(told?.["cpu_threads"]);
  const memory = values["mem_total_bytes"] ?? numberOf(told?.["memory_bytes"]);
  const total = threads === undefined || memory === undefined ? null : { cpuCores: threads, memoryBytes: memory };
  const isOnline = entity.status === "online";
  const lrm = haNodes.get(entity.id)?.fields["state"];
  const inMaintenance = typeof lrm === "string" && /maintenance/.test(lrm);
  return {
    name: entity.name,
    online: isOnline,
    open: isOnline && !inMaintenance && total !== null,
    total,
    host: hosts.get(entity.name) ?? nothing,
    ksmBytes: values["ksm_shared_bytes"] ?? numberOf(told?.["ksm_shared_bytes"]) ?? 0,
  };
}

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

interface GuestContext {
  readonly known: KnownFacts;
  readonly needs: GuestNeeds;
  readonly shared: ReadonlySet<string>;
}

function guestOf(guest: Live<GuestEntity>, { known, needs, shared }: GuestContext): ModelGuest {
  const { entity } = guest;
  const config = known.configs.get(entity.id)?.fields;
  const isHa = isRestarted(known.haServices.get(serviceOf(entity)));
  const replicas = replicasOf(known.replications.get(entity.id) ?? []);
  return {
    id: entity.id,
    vmid: entity.vmid,
    name: entity.name,
    node: entity.node,
    need: needs.get(entity.id) ?? unmeasuredNeed(guest),
    allocated: allocationOf(guest),
    diskBytes: numberOf(config?.["disk_bytes"]) ?? null,
    disks:
      config === undefined
        ? null
        : disksOf(config, { node: entity.node, isShared: (storage) => shared.has(storage), replicas }),
    tie: config === undefined ? null : tieOf(config),
    ha: isHa,
    ...rulesOf(entity, known.haRules, isHa),
  };
}

/** A service that is ignored, stopped or in error is left alone by HA. */
function isRestarted(service: HeldFact | undefined): boolean {
  if (service === undefined) return false;
  const { state, requested } = service.fields;
  if (requested !== null && requested !== "started" && requested !== "enabled") return false;
  return state !== "error" && state !== "ignored" && state !== "disabled" && state !== "stopped";
}

function replicasOf(replications: readonly HeldFact[]): Readonly<Record<string, number>> {
  const copies: Record<string, number> = {};
  for (const { fields } of replications) {
    const { target, last_sync_at: at, enabled } = fields;
    if (typeof target === "string" && typeof at === "number" && at > 0 && enabled !== false) copies[target] = at;
  }
  return copies;
}
