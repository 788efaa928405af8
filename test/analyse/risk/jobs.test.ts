// The jobs from stored series, facts and events to findings: what the watches read, and what they leave out.
import { beforeAll, describe, expect, it } from "vitest";
import type { JobContext, JobOutcome } from "../../../src/analyse/job.ts";
import { riskTrends } from "../../../src/analyse/jobs/risk-trends.ts";
import { risks } from "../../../src/analyse/jobs/risks.ts";
import { blocksFromRows, type Row } from "../../../src/model/batch.ts";
import type { Event } from "../../../src/model/event.ts";
import { aFact, type Fact, type FactChange } from "../../../src/model/facts.ts";
import { type Finding, findingId } from "../../../src/model/finding.ts";
import type { LiveEntity } from "../../../src/model/fleet.ts";
import { parseEntityId } from "../../../src/model/ids.ts";
import type { Entity } from "../../../src/model/inventory.ts";
import type { RiskWatch } from "../../../src/model/risks.ts";
import { MemoryStore } from "../../../src/store/index.ts";
import { aCluster, aGuest, aNode, aStorage } from "../../build.ts";
import { aContext } from "../a-fleet-context.ts";

const hour = 3_600_000;
const day = 24 * hour;
const gib = 2 ** 30;
const now = Date.UTC(2026, 5, 1, 12);

const rowsOf = (id: string, count: number, stepMs: number, values: (place: number) => Row["values"]): readonly Row[] =>
  Array.from({ length: count }, (_, place) => ({
    id,
    ts: now - (count - place) * stepMs,
    stepS: stepMs / 1000,
    origin: "rrd-avg",
    node: null,
    values: values(place),
  }));

const entities: readonly (readonly [entity: Entity, values?: Readonly<Record<string, number>>])[] = [
  [aCluster("lab", now)],
  [aNode("lab", "pve1", now)],
  [aNode("lab", "pve2", now)],
  [
    { ...aGuest("lab", 100, now), name: "leaky", type: "lxc" },
    { mem_source: 3, mem_total_bytes: 16 * gib },
  ],
  [
    { ...aGuest("lab", 101, now), name: "calm" },
    { mem_source: 1, mem_total_bytes: 16 * gib },
  ],
  [
    { ...aGuest("lab", 102, now), name: "host-view" },
    { mem_source: 2, mem_total_bytes: 16 * gib },
  ],
  [
    { ...aGuest("lab", 103, now), name: "by-agent" },
    { mem_source: 2, guest_mem_available_bytes: 9 * gib, guest_mem_total_bytes: 16 * gib },
  ],
  [aStorage("lab", null, "nfs-a", now)],
  [aStorage("lab", null, "nfs-b", now)],
  [{ ...aStorage("lab", null, "rbd", now), pluginType: "rbd" }],
  [aCluster("other", now)],
];

const noDisk = {
  size_bytes: null,
  usage: null,
  temperature_celsius: null,
  power_on_seconds: null,
  reallocated_sectors: null,
  pending_sectors: null,
  media_errors: null,
  reported_uncorrectable: null,
  command_timeouts: null,
  offline_uncorrectable: null,
  spare_percent: null,
  spare_threshold_percent: null,
  critical_warning: null,
  failing_attributes: null,
} as const;
const backing = (id: string, place: string, others: readonly string[]): Fact =>
  aFact("storage_backing", id, "", { backing: place, type: "nfs", identity: null, shared_with: others });
const pool = (name: string): Fact =>
  aFact("zfs_pool", "lab/node/pve1", name, {
    pool: name,
    health: "ONLINE",
    size_bytes: 100,
    allocated_bytes: 1,
    free_bytes: 99,
    fragmentation_percent: 5,
    scan: null,
    errors: "No known data errors",
    status: null,
    failing_devices: [],
  });

const facts: readonly Fact[] = [
  aFact("disk", "lab/node/pve1", "S1", {
    ...noDisk,
    device: "/dev/sda",
    model: "ST8000",
    serial: "S1",
    type: "hdd",
    smart: "PASSED",
    wear_percent: null,
  }),
  aFact("disk", "lab/node/pve1", "S2", {
    ...noDisk,
    device: "/dev/nvme0n1",
    model: null,
    serial: "S2",
    type: "nvme",
    smart: "PASSED",
    wear_percent: 84,
  }),
  backing("lab/storage/@nfs-a", "nfs:a", ["nfs-b"]),
  backing("lab/storage/@nfs-b", "nfs:a", ["nfs-a"]),
  pool("tank"),
  aFact("thin_pool", "lab/node/pve2", "pve/data", {
    pool: "data",
    volume_group: "pve",
    size_bytes: 100,
    used_bytes: 10,
    metadata_size_bytes: 10,
    metadata_used_bytes: 9,
  }),
  aFact("ceph", "lab/cluster", "", {
    health: "HEALTH_OK",
    checks: [],
    monitors: 3,
    osds: 3,
    osds_up: 3,
    osds_in: 3,
    raw_bytes: 1000,
    raw_used_bytes: 880,
    raw_available_bytes: 120,
    stored_bytes: 290,
  }),
];

const rows: readonly Row[] = [
  ...rowsOf("lab/disk/pve1:S1", 60, day / 2, (place) => ({ reallocated_sectors: place > 50 ? 8 : 0 })),
  ...rowsOf("lab/disk/pve1:S2", 60, day, (place) => ({ wear_percent: Math.floor(72 + place * 0.2), media_errors: 0 })),
  ...rowsOf("lab/storage/@nfs-a", 24 * 40, hour, (place) => ({
    used_bytes: (700 + place / 5) * gib,
    total_bytes: 1000 * gib,
  })),
  ...rowsOf("lab/storage/@nfs-b", 24 * 40, hour, (place) => ({
    used_bytes: (700 + place / 5) * gib,
    total_bytes: 1000 * gib,
  })),
  ...rowsOf("lab/storage/@rbd", 24 * 40, hour, () => ({ used_bytes: 990 * gib, total_bytes: 1000 * gib })),
  ...rowsOf("lab/pool/pve1:zfs:tank", 24, hour, () => ({ used_bytes: 85 * gib, total_bytes: 100 * gib })),
  ...rowsOf("lab/pool/pve2:lvmthin:pve/data", 24, hour, () => ({ metadata_used_percent: 91 })),
  ...rowsOf("lab/cluster", 24, hour, () => ({ ceph_raw_used_bytes: 880, ceph_raw_total_bytes: 1000 })),
  ...[100, 102].flatMap((vmid) =>
    rowsOf(`lab/guest/${vmid}~1`, 24 * 20, hour, (place) => ({ mem_used_bytes: (4 + place / 60) * gib })),
  ),
  ...rowsOf("lab/guest/101~1", 24 * 20, hour, (place) => ({ mem_used_bytes: (8 + (place % 24) / 24) * gib })),
  ...rowsOf("lab/guest/103~1", 24 * 20, hour, (place) => ({ guest_mem_available_bytes: (13 - place / 70) * gib })),
  // pve1 and pve2 were both started yesterday; pve2 was told to.
  ...["pve1", "pve2"].flatMap((name) =>
    rowsOf(`lab/node/${name}`, 24 * 4, hour, (place) => ({
      uptime_seconds: (place < 72 ? 500 + place : place - 71) * 3600,
    })),
  ),
  ...rowsOf("lab/node/pve1", 60, 60_000, (place) => ({ psi_io_full_percent: place > 20 ? 30 : 1 })),
];

const stopped: Event = {
  seq: 1,
  eventKey: "task/1",
  at: now - 24 * hour - 600_000,
  endedAt: now - 24 * hour,
  topic: "task",
  type: "stopall",
  cluster: "lab",
  subject: "lab/node/pve2",
  node: "pve2",
  user: "root@pam",
  state: "ok",
  text: "",
};
const fenced: FactChange = {
  kind: "ha_service",
  subject: "lab/guest/100~1",
  key: "ct:100",
  at: now - 25 * hour,
  change: "changed",
  before: { state: "started", node: "pve1" },
  after: { state: "fence" },
  by: null,
};

let store: MemoryStore;
async function run(job: { run(context: JobContext): Promise<JobOutcome> }): Promise<JobOutcome> {
  const live = entities.map(([entity, values = {}]): LiveEntity => ({ entity, values, valuesAt: null, periodS: 10 }));
  const context = aContext({ store, entities: [], nowMs: now, events: [stopped], changes: [fenced] });
  return job.run({
    ...context,
    fleet: {
      get: (id) => live.find(({ entity }) => entity.id === id),
      list: (kind) => live.filter(({ entity }) => entity.kind === kind),
      tasks: () => [],
    },
    facts: {
      list: (kind) =>
        facts.filter((fact) => fact.kind === kind).map((fact) => ({ ...fact, readAt: now, changedAt: 0 })),
    },
  });
}

const byId = ({ findings = [] }: JobOutcome): Readonly<Record<string, Finding>> =>
  Object.fromEntries(findings.map((finding) => [findingId(finding), finding]));
const watchOf = ({ documents = [] }: JobOutcome, cluster: string, rule: string) =>
  documents.find((document) => document.cluster === cluster && document.key === rule)?.body as RiskWatch | undefined;

beforeAll(async () => {
  store = new MemoryStore();
  const blocks = blocksFromRows((id) => parseEntityId(id)?.kind ?? "node", rows);
  await store.append({ batchId: "01", cluster: "lab", source: "import", blocks, marks: {} });
});

describe("the hourly look", () => {
  it("finds the failing disk, the node that restarted by itself, and pressure; not what was shut down", async () => {
    const outcome = await run(risks);
    const found = byId(outcome);

    expect(Object.keys(found).sort()).toEqual([
      "disk-failing:lab/node/pve1:S1",
      "io-pressure:lab/node/pve1",
      "node-unstable:lab/node/pve1",
    ]);
    expect(found["disk-failing:lab/node/pve1:S1"]).toMatchObject({
      severity: "warning",
      evidence: [
        { series: { id: "lab/disk/pve1:S1", metric: "reallocated_sectors" } },
        { numbers: { verdict: "PASSED" } },
      ],
    });
    expect(found["node-unstable:lab/node/pve1"]?.fields).toMatchObject({ restarts: 1, fences: 1, score: 5 });
    expect(outcome.summary).toBe("3 risks, 2 of them urgent, by 8 looks at 2 clusters");
  });

  it("says for each cluster what is watched", async () => {
    const outcome = await run(risks);

    expect(watchOf(outcome, "lab", "disk-errors")).toMatchObject({ watched: 2, waiting: 0, waitingFor: null });
    expect(watchOf(outcome, "lab", "zfs-health")?.watched).toBe(1);
    expect(watchOf(outcome, "other", "disk-errors")?.watched).toBe(0);
  });
});

describe("the look at weeks of series", () => {
  it("finds what fills, leaks and wears: each space once, and what PVE tells of its own Ceph only as a whole", async () => {
    const found = byId(await run(riskTrends));

    expect(Object.keys(found).sort()).toEqual([
      "disk-wear:lab/node/pve1:S2",
      "memory-leak:lab/guest/100~1",
      "memory-leak:lab/guest/103~1",
      "storage-full:lab/cluster:ceph",
      "storage-full:lab/node/pve1:zfs:tank",
      "storage-full:lab/node/pve2:lvmthin:pve/data:metadata",
      "storage-full:lab/storage/@nfs-a",
    ]);
    expect(found["storage-full:lab/storage/@nfs-a"]?.message).toContain("nfs-a (one space with nfs-b) fills up in");
    expect(found["storage-full:lab/cluster:ceph"]?.message).toBe("Ceph is nearly full: 88 % of 1000 B is used.");
    expect(found["memory-leak:lab/guest/103~1"]?.evidence[0]?.series?.metric).toBe("guest_mem_available_bytes");
  });

  it("counts what has too little data, with the reason, and leaves out what cannot be judged", async () => {
    const outcome = await run(riskTrends);

    expect(watchOf(outcome, "lab", "memory-leak")).toMatchObject({ watched: 3, waiting: 0 });
    expect(watchOf(outcome, "lab", "storage-full")).toMatchObject({ watched: 4, waiting: 0 });
    expect(watchOf(outcome, "other", "storage-full")).toMatchObject({ watched: 0, waiting: 0 });
  });
});
