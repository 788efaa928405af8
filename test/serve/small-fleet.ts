// Two clusters: lab (2 nodes, 5 guests, 3 storages) and other (1 node, 1 guest), with tasks, problems and jobs.
import type { Fleet } from "../../src/live/fleet.ts";
import { blocksFromRows, type Row } from "../../src/model/batch.ts";
import { type EntityId, parseEntityId } from "../../src/model/ids.ts";
import type { Entity } from "../../src/model/inventory.ts";
import type { MetricId } from "../../src/model/metrics.ts";
import { aCluster, aGuest, aNode, aStorage, aTask } from "../build.ts";

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
