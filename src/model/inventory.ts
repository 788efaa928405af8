// What exists: the descriptions of clusters, nodes, guests, storages and tasks, as the collector last saw them.
// Descriptions change rarely; the numbers that change every poll travel as batches (batch.ts).
import type { ClusterId, EntityId } from "./ids.ts";

interface EntityBase {
  readonly id: EntityId;
  readonly cluster: ClusterId;
  /** What people call it: the guest's name, the node, the storage id. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly firstSeenAt: number;
  /** To within five minutes while it exists; exact once it is gone. */
  readonly lastSeenAt: number;
  /** Set when it was deleted (or replaced under the same vmid); it stays in history, cost and reports. */
  readonly goneAt: number | null;
}

export interface ClusterEntity extends EntityBase {
  readonly kind: "cluster";
  /** PVE's release, for instance "9.2"; null until the first answer. */
  readonly release: string | null;
  /** null for a standalone host, which has no quorum. */
  readonly quorate: boolean | null;
  /** True for the simulated cluster of the demo. */
  readonly simulated: boolean;
  /** Address of PVE's own page, for links. */
  readonly webUrl: string | null;
  /** What this release cannot give, one sentence each. Missing in descriptions of older versions of Pilothouse. */
  readonly notes?: readonly string[];
}

export interface NodeEntity extends EntityBase {
  readonly kind: "node";
  /** offline: corosync says gone; unknown: no fresh data. */
  readonly status: "online" | "offline" | "unknown";
  readonly haState: string | null;
  readonly address: string | null;
  readonly version: string | null;
}

export interface GuestEntity extends EntityBase {
  readonly kind: "guest";
  readonly vmid: number;
  readonly generation: number;
  readonly type: "qemu" | "lxc";
  readonly node: string;
  /** PVE's own word: running, stopped, paused, suspended, prelaunch, io-error, unknown, … */
  readonly status: string;
  readonly template: boolean;
  /** backup, clone, create, migrate, rollback, snapshot, … or null. */
  readonly lock: string | null;
  readonly tags: readonly string[];
  readonly pool: string | null;
  readonly haState: string | null;
  /**
   * When it was created, by its configuration (of VMs; containers do not tell); null while that was not read. It tells
   * guests apart that had the same vmid one after the other. Missing in descriptions of older versions of Pilothouse.
   */
  readonly createdAt?: number | null;
}

export interface StorageEntity extends EntityBase {
  readonly kind: "storage";
  readonly storage: string;
  /** null for a shared storage. */
  readonly node: string | null;
  /** The nodes that list it. */
  readonly nodes: readonly string[];
  readonly shared: boolean;
  readonly status: string;
  /** PVE's storage plugin: dir, lvmthin, zfspool, rbd, nfs, pbs, … */
  readonly pluginType: string | null;
  readonly content: readonly string[];
}

export type Entity = ClusterEntity | NodeEntity | GuestEntity | StorageEntity;

export interface Task {
  readonly upid: string;
  readonly cluster: ClusterId;
  readonly node: string;
  /** qmstart, vzdump, qmigrate, … */
  readonly type: string;
  /** What it works on, in PVE's own words (a vmid, a storage, or empty). */
  readonly subject: string;
  /** The guest it works on, where the subject is a vmid that we know. */
  readonly guestId: EntityId | null;
  readonly user: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** "WARNINGS: n" is a success with warnings. */
  readonly state: "running" | "ok" | "warning" | "failed" | "unknown";
  /** PVE's own text when it ended, for instance "OK" or the error. */
  readonly exitStatus: string | null;
}
