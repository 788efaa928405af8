// A cluster of 32 nodes and 2,000 guests as capacity questions need it: sizes, newest values, configurations, HA, and what
// the hourly job has left behind. Tight enough that packing has work to do: three quarters of all memory is needed.
import type { FactBook } from "../src/live/fact-book.ts";
import type { CapacityNeeds, CapacityOutlook, SeriesOutlook } from "../src/model/capacity.ts";
import { aFact, type Fact } from "../src/model/facts.ts";
import { clusterEntityId, type EntityId, guestEntityId, nodeEntityId, storageEntityId } from "../src/model/ids.ts";
import type { Entity } from "../src/model/inventory.ts";
import type { LatestValue } from "../src/model/store.ts";
import { cluster, entitiesAt, guestCount, nodeCount } from "./analysis-data.ts";

const gib = 2 ** 30;
const dayMs = 86_400_000;

export interface WhatIfFleet {
  readonly entities: readonly Entity[];
  readonly latest: readonly LatestValue[];
  readonly needs: CapacityNeeds;
  readonly outlook: CapacityOutlook;
}

export const vmid = (number: number): number => 100 + number;
export const nodeName = (number: number): string => `pve${(number % nodeCount) + 1}`;

/** A fixed sequence, so that every run packs the same guests. */
function sequence(): () => number {
  let state = 7;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export function whatIfFleet(nowMs: number): WhatIfFleet {
  const random = sequence();
  const guests = Array.from({ length: guestCount }, (_, number) => {
    // Many small ones and a few large ones; on average 6 GiB and 0.6 cores.
    const memory = gib * (1 + 4 * random() + (random() < 0.1 ? 32 * random() : 0)) * 1.5;
    return { id: guestEntityId(cluster, vmid(number), 1), memory, cores: 0.1 + random() };
  });
  const values = (id: EntityId, of: Readonly<Record<string, number>>): LatestValue => ({
    id,
    ts: nowMs,
    stepS: 10,
    node: null,
    values: of,
  });
  const shared = storageEntityId(cluster, "nfs", null);
  return {
    entities: [...entitiesAt(nowMs), sharedStorage(nowMs)],
    latest: [
      ...Array.from({ length: nodeCount }, (_, number) =>
        values(nodeEntityId(cluster, nodeName(number)), {
          cpu_ratio: 0.5,
          cpu_count: 96,
          mem_total_bytes: 512 * gib,
          mem_used_bytes: 400 * gib,
        }),
      ),
      ...guests.map(({ id, memory, cores }) =>
        values(id, {
          running: 1,
          cpu_count: 4,
          cpu_ratio: cores / 4,
          mem_total_bytes: 2 * memory,
          mem_host_bytes: memory,
          mem_used_bytes: memory,
        }),
      ),
      values(shared, { total_bytes: 200_000 * gib, used_bytes: 100_000 * gib }),
    ],
    needs: {
      guests: guests.map(({ id, memory, cores }) => [id, cores, memory, cores / 2, 0.9 * memory, "measured"] as const),
    },
    outlook: {
      fromMs: Math.floor(nowMs / dayMs) * dayMs,
      series: { cpu: growing(1_200), memory: growing(12_000 * gib), [`storage/${shared}`]: growing(100_000 * gib) },
    },
  };
}

const sharedStorage = (nowMs: number): Entity => ({
  kind: "storage",
  id: storageEntityId(cluster, "nfs", null),
  cluster,
  name: "nfs",
  storage: "nfs",
  node: null,
  nodes: Array.from({ length: nodeCount }, (_, number) => nodeName(number)),
  shared: true,
  status: "available",
  pluginType: "nfs",
  content: ["images", "rootdir"],
  firstSeenAt: nowMs,
  lastSeenAt: nowMs,
  goneAt: null,
});

function growing(start: number): SeriesOutlook {
  const mean = Array.from({ length: 365 }, (_, day) => start * (1 + day / 1_000));
  return { none: null, mean, upper: mean.map((value) => 1.1 * value), recent: { p95: start, mean: 0.9 * start } };
}

/** One guest in eight has its disks on its node; two in three are under HA. */
export function tellFacts(book: FactBook, entities: readonly Entity[], nowMs: number): void {
  const facts: Fact[] = entities.flatMap((entity): Fact[] => {
    if (entity.kind !== "guest") return [];
    const service = `${entity.type === "qemu" ? "vm" : "ct"}:${entity.vmid}`;
    const config = aFact("guest_config", entity.id, "", { ...noConfig, disks: [diskOf(entity.vmid)] });
    if (entity.vmid % 3 === 0) return [config];
    return [config, aFact("ha_service", entity.id, service, { ...noService, service, node: entity.node })];
  });
  const hardware = { ...noHardware, cpu_cores: 48, cpu_threads: 96, memory_bytes: 512 * gib };
  const nodes = entities.filter(({ kind }) => kind === "node").map(({ id }) => aFact("hardware", id, "", hardware));
  book.apply({
    cluster,
    reader: "bench",
    about: clusterEntityId(cluster),
    at: nowMs,
    error: null,
    failures: 0,
    kinds: ["guest_config", "ha_service", "hardware"],
    facts: [...facts, ...nodes],
  });
}

const diskOf = (id: number): string =>
  id % 8 === 0 ? `scsi0: local:vm-${id}-disk-0,size=32G` : `scsi0: nfs:vm-${id}-disk-0,size=32G`;

const noConfig = {
  digest: null,
  cores: 4,
  memory_bytes: null,
  balloon_bytes: null,
  disk_bytes: null,
  networks: null,
  os_type: "l26",
  start_at_boot: null,
  agent: null,
  protection: null,
  snapshot: null,
  settings: null,
};
const noService = {
  state: "started",
  requested: "started",
  max_restart: null,
  max_relocate: null,
  failback: null,
};
const noHardware = {
  cpu_model: null,
  cpu_sockets: 2,
  pve_version: null,
  kernel: null,
  boot_mode: null,
  ksm_shared_bytes: null,
};
