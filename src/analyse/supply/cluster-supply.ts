// Supply and demand of one cluster: usable = total − N+1 reserve − host overhead. Pure: from the fleet and the facts.
import type { FactFields, FactsView, HeldFact } from "../../model/facts.ts";
import type { FactKind } from "../../model/facts-catalogue.ts";
import type { FleetView, LiveEntity } from "../../model/fleet.ts";
import type { ClusterId, EntityId, EntityKind } from "../../model/ids.ts";
import type { Entity } from "../../model/inventory.ts";
import { type GuestSupply, guestSupply } from "./guest-supply.ts";
import { type MeasuredOverhead, type NodeSupply, nodeSupply } from "./node-supply.ts";
import { defaultSmtGain } from "./smt.ts";
import { type BackingSupply, storageSupplies } from "./storage-supply.ts";

export interface SupplyOptions {
  /** How many nodes may be lost; the largest are kept free per resource, of one node none. */
  readonly reserveNodes: number;
  readonly smtGain?: number;
  /** By node; see node-supply.ts. Without it the overhead is that of this moment. */
  readonly overheads?: ReadonlyMap<EntityId, MeasuredOverhead>;
}

export interface Capacity {
  /** Of the nodes that are online. */
  readonly total: number;
  readonly reserve: number;
  readonly overhead: number;
  /** Never below 0. */
  readonly usable: number;
}

export interface ClusterSupply {
  readonly cluster: ClusterId;
  readonly nodes: readonly NodeSupply[];
  /** Templates included (disk alone). */
  readonly guests: readonly GuestSupply[];
  readonly storages: readonly BackingSupply[];
  /** Unshared cores; null while a node that is online does not tell. */
  readonly cpu: Capacity | null;
  /** Bytes; null likewise. */
  readonly memory: Capacity | null;
}

export interface Snapshot {
  readonly fleet: Pick<FleetView, "list">;
  readonly facts: FactsView;
}

export function clusterSupply(snapshot: Snapshot, cluster: ClusterId, options: SupplyOptions): ClusterSupply {
  const { fleet, facts } = snapshot;
  const of = <Kind extends Entity["kind"]>(kind: Kind) => membersOf(fleet, cluster, kind);
  const factsOf = (kind: FactKind) => facts.list(kind).filter(({ subject }) => subject.startsWith(`${cluster}/`));
  const configs = bySubject(factsOf("guest_config"));
  const guests = of("guest").map((live) => guestSupply(live, configs.get(live.entity.id)));
  const hardware = bySubject(factsOf("hardware"));
  const osds = factsOf("ceph_osd");
  const sums = demandByNode(guests);
  const nodes = of("node").map((live) =>
    nodeSupply({
      live,
      hardware: hardware.get(live.entity.id),
      osds: osds.filter(({ fields }) => fields["host"] === live.entity.name).length,
      smtGain: options.smtGain ?? defaultSmtGain,
      overhead: options.overheads?.get(live.entity.id),
      guests: sums.get(live.entity.name) ?? { memoryBytes: 0, cpuCores: 0 },
    }),
  );
  const storages = storageSupplies(of("storage"), {
    backings: factsOf("storage_backing"),
    zfsPools: factsOf("zfs_pool"),
    thinPools: factsOf("thin_pool"),
    cephOsds: osds,
    cephPools: factsOf("ceph_pool"),
  });
  return { cluster, nodes, guests, storages, ...capacities(nodes, options.reserveNodes) };
}

const capacities = (nodes: readonly NodeSupply[], reserveNodes: number): Pick<ClusterSupply, "cpu" | "memory"> => ({
  cpu: capacityOf(
    nodes,
    reserveNodes,
    (node) => node.cpuCapacityCores,
    (node) => node.overheadCores,
  ),
  memory: capacityOf(
    nodes,
    reserveNodes,
    (node) => node.memoryBytes,
    (node) => node.overheadMemoryBytes,
  ),
});

/**
 * A node that is lost already has used up its place in the reserve. The overhead of a node in reserve is not taken off a
 * second time: the reserve is what the largest nodes give guests.
 */
export function capacityOf(
  nodes: readonly NodeSupply[],
  reserveNodes: number,
  sizeOf: (node: NodeSupply) => number | null,
  overheadOf: (node: NodeSupply) => number,
): Capacity | null {
  const online = nodes.filter((node) => node.online);
  const [shares, overheads]: [number[], number[]] = [[], []];
  let total = 0;
  for (const node of online) {
    const size = sizeOf(node);
    if (size === null) return null;
    const overhead = Math.min(size, overheadOf(node));
    total += size;
    overheads.push(overhead);
    shares.push(size - overhead);
  }
  if (online.length === 0) return null;
  const kept = nodes.length === 1 ? 0 : Math.max(0, reserveNodes - (nodes.length - online.length));
  const reserve = sum(shares.sort((a, b) => b - a).slice(0, Math.min(kept, online.length)));
  const overhead = sum(overheads);
  return { total, reserve, overhead, usable: Math.max(0, total - reserve - overhead) };
}

/** What guests take on each node, by its name; null as soon as one that runs does not tell. */
function demandByNode(guests: readonly GuestSupply[]) {
  const sums = new Map<string, { memoryBytes: number | null; cpuCores: number | null }>();
  for (const { entity, cpuDemandCores, memoryDemandBytes } of guests) {
    const sofar = sums.get(entity.node) ?? { memoryBytes: 0, cpuCores: 0 };
    sums.set(entity.node, {
      memoryBytes: plus(sofar.memoryBytes, memoryDemandBytes),
      cpuCores: plus(sofar.cpuCores, cpuDemandCores),
    });
  }
  return sums;
}

type Member<Kind extends EntityKind> = LiveEntity & { readonly entity: Extract<Entity, { kind: Kind }> };

function membersOf<Kind extends Entity["kind"]>(
  fleet: Snapshot["fleet"],
  cluster: ClusterId,
  kind: Kind,
): readonly Member<Kind>[] {
  return fleet
    .list(kind)
    .filter((live): live is Member<Kind> => live.entity.kind === kind && live.entity.cluster === cluster);
}

const bySubject = (facts: readonly HeldFact[]): ReadonlyMap<EntityId, FactFields> =>
  new Map(facts.map(({ subject, fields }) => [subject, fields]));

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
