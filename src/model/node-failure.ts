// What happens when a node is lost: by guest, in four lists, with quorum and Ceph counted.
import type { EntityId } from "./ids.ts";

/**
 * yes: all its guests restart by themselves and lose nothing · with-work: all can run again, but somebody has to act, or
 * data since the last replication is lost · no: guests are stranded, or quorum or Ceph goes · unknown: it cannot be said
 */
export const failureVerdicts = ["yes", "with-work", "no", "unknown"] as const;
export type FailureVerdict = (typeof failureVerdicts)[number];

export interface FailedGuest {
  readonly id: EntityId;
  readonly vmid: number;
  readonly name: string;
  /** A node with room for it in the placement that was found; HA may choose another. */
  readonly to: string | null;
  /** Why it does not restart by itself; null where it does. */
  readonly why: string | null;
  /** What was written after this moment is lost (ms since the epoch); null where nothing is. */
  readonly losesSince: number | null;
}

export interface QuorumAfter {
  readonly votesLeft: number;
  readonly votesNeeded: number;
  readonly kept: boolean;
}

export interface CephAfter {
  readonly survives: boolean;
  /** One sentence on copies and self-healing. */
  readonly sentence: string;
  /** Running guests of the other nodes whose disks stop with it. */
  readonly alsoStops: number;
}

export interface UnplacedGuest {
  readonly id: EntityId;
  readonly name: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

export interface NodeFailure {
  readonly node: string;
  readonly verdict: FailureVerdict;
  /** One sentence with numbers. */
  readonly sentence: string;
  readonly restarts: readonly FailedGuest[];
  readonly restartsWithLoss: readonly FailedGuest[];
  readonly needsHand: readonly FailedGuest[];
  readonly stranded: readonly FailedGuest[];
  /** Of those nobody can say where their disks are. */
  readonly unknown: readonly FailedGuest[];
  /** Null for a host without a cluster. */
  readonly quorum: QuorumAfter | null;
  /** Null where the node's cluster has no Ceph of its own, or it is not known. */
  readonly ceph: CephAfter | null;
  /** The largest guest that no other node has room for, by memory; at the 95th percentile of what all need. */
  readonly largestUnplaced: UnplacedGuest | null;
  /** True when all would have room at what guests need on average. */
  readonly roomOnAverage: boolean;
}
