// Entities and tasks for tests: only what matters is written in the test itself.
import type { Finding } from "../src/model/finding.ts";
import type { EntityId } from "../src/model/ids.ts";
import type { ClusterEntity, GuestEntity, NodeEntity, StorageEntity, Task } from "../src/model/inventory.ts";

const day = 86_400_000;

const base = (id: EntityId, name: string, at: number) => ({
  id,
  cluster: id.split("/")[0] ?? "",
  name,
  firstSeenAt: at - day,
  lastSeenAt: at,
  goneAt: null,
});

export const aCluster = (cluster: string, at: number, more: Partial<ClusterEntity> = {}): ClusterEntity => ({
  kind: "cluster",
  ...base(`${cluster}/cluster`, cluster, at),
  release: "9.2",
  quorate: true,
  simulated: true,
  webUrl: `https://${cluster}.example:8006/`,
  ...more,
});

export const aNode = (cluster: string, name: string, at: number, more: Partial<NodeEntity> = {}): NodeEntity => ({
  kind: "node",
  ...base(`${cluster}/node/${name}`, name, at),
  status: "online",
  haState: null,
  address: "192.0.2.1",
  version: "9.2.1",
  ...more,
});

export const aGuest = (cluster: string, vmid: number, at: number, more: Partial<GuestEntity> = {}): GuestEntity => ({
  kind: "guest",
  ...base(`${cluster}/guest/${vmid}~${more.generation ?? 1}`, `vm${vmid}`, at),
  vmid,
  generation: 1,
  type: "qemu",
  node: "pve1",
  status: "running",
  template: false,
  lock: null,
  tags: [],
  pool: null,
  haState: null,
  ...more,
});

export const aStorage = (cluster: string, node: string | null, storage: string, at: number): StorageEntity => ({
  kind: "storage",
  ...base(node === null ? `${cluster}/storage/@${storage}` : `${cluster}/storage/${node}:${storage}`, storage, at),
  storage,
  node,
  nodes: node === null ? ["pve1", "pve2"] : [node],
  shared: node === null,
  status: "available",
  pluginType: node === null ? "nfs" : "dir",
  content: ["images", "backup"],
});

export const aTask = (cluster: string, number: number, at: number, more: Partial<Task> = {}): Task => ({
  upid: `UPID:pve1:0000${number}:${cluster}:`,
  cluster,
  node: "pve1",
  type: "vzdump",
  subject: "100",
  guestId: `${cluster}/guest/100~1`,
  user: "root@pam",
  startedAt: at - number * 60_000,
  endedAt: at - number * 60_000 + 1_000,
  state: "ok",
  exitStatus: "OK",
  ...more,
});

/** A warning about a guest's memory, unless something else is said. */
export const aFinding = (more: Partial<Finding> = {}): Finding => ({
  kind: "memory-leak",
  cluster: "lab",
  subject: "lab/guest/100~1",
  key: "",
  severity: "warning",
  certainty: "rule",
  message: "web leaks 1.2 GiB a day and has 4 days left.",
  remedy: "Restart the service that grows.",
  evidence: [],
  formula: "days = free / slope",
  fields: { days: 4 },
  ...more,
});
