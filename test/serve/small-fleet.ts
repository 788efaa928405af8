// Two clusters: lab (2 nodes, 5 guests, 3 storages) and other (1 node, 1 guest), with tasks, problems and jobs.
import type { Fleet } from "../../src/live/fleet.ts";
import { blocksFromRows, type Row } from "../../src/model/batch.ts";
import { type EntityId, parseEntityId } from "../../src/model/ids.ts";
import type { ClusterEntity, Entity, GuestEntity, NodeEntity, StorageEntity, Task } from "../../src/model/inventory.ts";
import type { MetricId } from "../../src/model/metrics.ts";

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

const entities = (at: number): Entity[] => [
  aCluster("lab", at),
  aCluster("other", at, { webUrl: null }),
  aNode("lab", "pve1", at),
  aNode("lab", "pve2", at),
  aNode("other", "pve1", at),
  aGuest("lab", 100, at, { name: "web", pool: "prod", tags: ["web", "team-a"] }),
  aGuest("lab", 101, at, { name: "db", pool: "prod", tags: ["db"], node: "pve2" }),
  aGuest("lab", 102, at, { name: "ct", type: "lxc", pool: "test", status: "stopped" }),
  aGuest("lab", 103, at, { name: "old", goneAt: at - 1_000 }),
  aGuest("lab", 103, at, { name: "new", generation: 2 }),
  aGuest("other", 100, at, { name: "foreign", pool: "prod", tags: ["web"] }),
  aStorage("lab", "pve1", "local", at),
  aStorage("lab", "pve2", "local", at),
  aStorage("lab", null, "nfs", at),
];

export function fillFleet(fleet: Fleet, at: number): void {
  for (const cluster of ["lab", "other"]) {
    const changed = entities(at).filter((entity) => entity.cluster === cluster);
    fleet.applyEvent({ type: "inventory", cluster, changed });
    fleet.applyEvent({
      type: "tasks",
      cluster,
      tasks: [1, 2, 3].map((number) => aTask(cluster, number, at)),
    });
    fleet.applyEvent({
      type: "problem",
      problem: {
        code: "node_unreachable",
        subject: `${cluster}/node/pve1`,
        severity: "critical",
        message: "It is gone.",
        remedy: "Look.",
      },
    });
    fleet.setJob(aJob(`import/${cluster}`));
  }
  fleet.applyEvent({
    type: "problem",
    problem: {
      code: "disk_full",
      subject: "pilothouse",
      severity: "warning",
      message: "The disk is full.",
      remedy: "Make room.",
    },
  });
  fleet.setJob(aJob("rollup"));
  setValues(fleet, at, {
    "lab/node/pve1": { cpu_ratio: 0.5, mem_used_bytes: 8e9 },
    "lab/node/pve2": { cpu_ratio: 0.25 },
  });
  setValues(fleet, at, {
    "lab/guest/100~1": { cpu_ratio: 0.75, running: 1 },
    "lab/guest/101~1": { cpu_ratio: 1.5, running: 1 },
  });
}

const aJob = (id: string) => ({
  id,
  summary: "Does its work.",
  schedule: "* * * * *",
  state: "idle" as const,
  lastStartedAt: null,
  lastDurationMs: null,
  lastResult: null,
  progress: { done: 1, total: 2 },
});

let batches = 0;

/** One poll's values; what is left out is absent. */
export function setValues(
  fleet: Fleet,
  ts: number,
  values: Readonly<Record<EntityId, Readonly<Record<MetricId, number>>>>,
): void {
  const rows = Object.entries(values).map(
    ([id, own]): Row => ({ id, ts, stepS: 10, origin: "export", node: "pve1", values: own }),
  );
  const blocks = blocksFromRows((id) => parseEntityId(id)?.kind ?? "node", rows);
  fleet.applyBatch({ batchId: `test-${++batches}`, cluster: "lab", source: "poll", blocks, marks: {} });
}
