// What may fail: the kinds of findings that the list of risks is made of, and what is watched for each.

/** In the order in which the list groups them; the title is the group's heading. */
export const riskKinds = {
  "disk-failing": "Disks",
  "disk-wear": "Wear of SSDs",
  "zfs-degraded": "ZFS",
  "zfs-errors": "ZFS",
  "zfs-fragmented": "ZFS",
  "storage-full": "Storages",
  "memory-leak": "Memory",
  "io-pressure": "I/O pressure",
  "node-unstable": "Nodes",
} as const;
export type RiskKind = keyof typeof riskKinds;
export const riskKindNames = Object.keys(riskKinds) as readonly RiskKind[];
export const isRiskKind = (kind: string): kind is RiskKind => Object.hasOwn(riskKinds, kind);

/** The name of the documents that say what is watched: one per cluster and rule, whose key is the rule. */
export const riskWatchDocument = "risk-watch";

export interface RiskWatch {
  /** `disk-errors`, `memory-leak`, … */
  readonly rule: string;
  readonly title: string;
  /** What is watched, one sentence. */
  readonly summary: string;
  readonly kinds: readonly RiskKind[];
  /** Things that have data enough. */
  readonly watched: number;
  /** Things that have too little yet. */
  readonly waiting: number;
  /** "needs 14 days, has 3"; null when nothing waits. */
  readonly waitingFor: string | null;
  /** Milliseconds since the epoch; null when nothing waits or nobody knows. */
  readonly readyAt: number | null;
}
