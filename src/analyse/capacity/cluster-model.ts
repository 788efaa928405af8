// A cluster as capacity questions see it: how much each node holds, what each guest needs, and where it could run.
// Plain data, so that a scenario is a copy with a few lines changed.
import type { ClusterId, EntityId } from "../../model/ids.ts";

/** p95: what is not passed in 95 of 100 samples; sums of it lie on the safe side, because peaks seldom coincide. */
export const sizings = ["p95", "mean"] as const;
export type Sizing = (typeof sizings)[number];

export interface Amount {
  /** Unshared cores: a guest that keeps one CPU busy needs one, and hyperthreads add a quarter to what a node has. */
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

export const nothing: Amount = { cpuCores: 0, memoryBytes: 0 };

export interface ModelNode {
  readonly name: string;
  /** It counts for the quorum now. */
  readonly online: boolean;
  /** It would take guests: online, not in maintenance, of known size. */
  readonly open: boolean;
  /** Null where the node never told. */
  readonly total: Amount | null;
  /** What the host itself needs. */
  readonly host: Amount;
  /** Memory that KSM saves here; merged pages come apart when their guests move. */
  readonly ksmBytes: number;
}

/** measured: from samples of the window · latest: from the newest sample alone · allocated: what it was given */
export type NeedBasis = "measured" | "latest" | "allocated";

export interface GuestNeed {
  readonly p95: Amount;
  readonly mean: Amount;
  readonly basis: NeedBasis;
}

export interface ModelGuest {
  readonly id: EntityId;
  readonly vmid: number;
  readonly name: string;
  readonly node: string;
  readonly need: GuestNeed;
  /** All its volumes; null where the configuration does not tell. */
  readonly diskBytes: number | null;
  /** Null when its configuration was not read: then nobody can say where else it could run. */
  readonly disks: GuestDisks | null;
  /** What holds it on its node besides disks, in words; null when nothing does. */
  readonly tie: string | null;
  /** HA restarts it after the loss of its node. */
  readonly ha: boolean;
  /** Strict rules and pins allow these nodes only; null: all. */
  readonly onlyNodes: readonly string[] | null;
  /** Names of groups whose members must not share a node. */
  readonly apart: readonly string[];
  /** Names of groups whose members must share a node. */
  readonly together: readonly string[];
}

export interface GuestDisks {
  /** Names of the shared storages it has disks on. */
  readonly shared: readonly string[];
  /** Names of the local storages it has disks on. */
  readonly local: readonly string[];
  /** Nodes with a replica of all its local disks, and from when that is (ms since the epoch). */
  readonly copies: Readonly<Record<string, number>>;
}

export interface ModelCeph {
  /** Bytes of the OSDs that are up, by host. */
  readonly hosts: Readonly<Record<string, number>>;
  /** Hosts whose OSDs are all down. */
  readonly hostsDown: readonly string[];
  readonly pools: readonly CephPoolRule[];
  /** Raw bytes in use; null where Ceph does not tell. */
  readonly usedBytes: number | null;
}

export interface CephPoolRule {
  readonly name: string;
  readonly copies: number;
  readonly minCopies: number;
}

export interface ClusterModel {
  readonly cluster: ClusterId;
  /** False for a host without a cluster: it has no quorum to lose. */
  readonly clustered: boolean;
  readonly nodes: readonly ModelNode[];
  /** Those that run; templates and stopped guests need no node. */
  readonly guests: readonly ModelGuest[];
  /** By name: the nodes that have the storage; a local one has a disk of its own on each. */
  readonly storages: Readonly<Record<string, readonly string[]>>;
  /** Names of the shared ones. */
  readonly shared: readonly string[];
  /** Names of the storages that lie on Ceph. */
  readonly cephStorages: readonly string[];
  readonly ceph: ModelCeph | null;
}

/** What guests may have of a node; null where its size is not known. */
export function roomOf({ total, host }: ModelNode): Amount | null {
  if (total === null) return null;
  return {
    cpuCores: Math.max(0, total.cpuCores - host.cpuCores),
    memoryBytes: Math.max(0, total.memoryBytes - host.memoryBytes),
  };
}

export const sum = (amounts: Iterable<Amount>): Amount => {
  let [cpuCores, memoryBytes] = [0, 0];
  for (const amount of amounts) {
    cpuCores += amount.cpuCores;
    memoryBytes += amount.memoryBytes;
  }
  return { cpuCores, memoryBytes };
};
