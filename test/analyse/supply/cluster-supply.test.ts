import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  capacityCores,
  clusterSupply,
  coresInUse,
  hostOverheadBytes,
  nodeMemoryDemand,
} from "../../../src/analyse/supply/index.ts";
import { aFact } from "../../../src/model/facts.ts";
import type { StorageEntity } from "../../../src/model/inventory.ts";
import { aGuest, aNode, aStorage } from "../../build.ts";
import { aSnapshot, live } from "./a-snapshot.ts";

const gib = 2 ** 30;
const reserve = { reserveNodes: 1 };

const hardware = (node: string, cores: number, threads: number) =>
  aFact("hardware", `a/node/${node}`, "", {
    cpu_model: null,
    cpu_sockets: 1,
    cpu_cores: cores,
    cpu_threads: threads,
    memory_bytes: null,
    pve_version: null,
    kernel: null,
    boot_mode: null,
    ksm_shared_bytes: null,
  });

const backing = (storage: StorageEntity, place: string) =>
  aFact("storage_backing", storage.id, "", { backing: place, type: null, identity: null, shared_with: null });

describe("Hyperthreads", () => {
  const cpu = { cores: 8, threads: 16 };

  it("count a quarter: half the threads busy is 80 % of what the node can do", () => {
    expect(capacityCores(cpu)).toBe(10);
    expect(coresInUse(cpu, 8) / capacityCores(cpu)).toBeCloseTo(0.8);
    expect(coresInUse(cpu, 16) / capacityCores(cpu)).toBeCloseTo(1);
  });

  it("follow the formula at every load", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), fc.double({ min: 0, max: 1, noNaN: true }), (cores, b) => {
        const node = { cores, threads: 2 * cores };
        const k = 1.25;
        const expected = (Math.min(1, 2 * b) + (k - 1) * Math.max(0, 2 * b - 1)) / k;
        expect(coresInUse(node, b * node.threads) / capacityCores(node)).toBeCloseTo(expected, 9);
      }),
    );
  });

  it("are none where there are as many cores as threads", () => {
    expect(capacityCores({ cores: 8, threads: 8 })).toBe(8);
    expect(coresInUse({ cores: 8, threads: 8 }, 4)).toBe(4);
  });
});

describe("Memory demand of a node", () => {
  const values = { mem_total_bytes: 64 * gib, mem_used_bytes: 40 * gib };

  it("leaves out what the ZFS ARC would give back", () => {
    const demand = nodeMemoryDemand({ ...values, arc_size_bytes: 20 * gib, arc_min_bytes: 4 * gib });

    expect(demand).toEqual({ bytes: 24 * gib, arc: "measured" });
  });

  it("takes ZFS's own default for the least size when no node told it, and says so", () => {
    expect(nodeMemoryDemand({ ...values, arc_size_bytes: 20 * gib })).toEqual({ bytes: 22 * gib, arc: "estimated" });
  });

  it("never grows by an ARC that is below its least size", () => {
    const demand = nodeMemoryDemand({ ...values, arc_size_bytes: gib, arc_min_bytes: 4 * gib });

    expect(demand.bytes).toBe(40 * gib);
  });

  it("is absent when nothing was measured", () => {
    expect(nodeMemoryDemand({ mem_total_bytes: gib }).bytes).toBeNull();
  });
});

describe("Usable capacity", () => {
  const nodes = (...sizes: number[]) =>
    sizes.map((size, n) =>
      live(aNode("a", `pve${n + 1}`, 0), { mem_total_bytes: size * gib, mem_used_bytes: 2 * gib }),
    );

  it("is the total less the largest node less what the hosts take", () => {
    const { memory } = clusterSupply(aSnapshot(nodes(64, 32, 32)), "a", reserve);

    expect(memory).toEqual({ total: 128 * gib, reserve: 62 * gib, overhead: 6 * gib, usable: 60 * gib });
  });

  it("keeps nothing free on a single node", () => {
    expect(clusterSupply(aSnapshot(nodes(64)), "a", reserve).memory).toMatchObject({ reserve: 0, usable: 62 * gib });
  });

  it("counts a node that is lost as the one that was kept free for", () => {
    const [first, second, third] = nodes(64, 64, 64);
    if (first === undefined || second === undefined || third === undefined) throw new Error("three nodes");
    const lost = live(aNode("a", "pve3", 0, { status: "offline" }), third.values);

    const before = clusterSupply(aSnapshot([first, second, third]), "a", reserve).memory;
    const after = clusterSupply(aSnapshot([first, second, lost]), "a", reserve).memory;

    expect(after).toMatchObject({ total: 128 * gib, reserve: 0 });
    expect(after?.usable).toBe(before?.usable);
  });

  it("is not known while a node does not tell its size", () => {
    expect(clusterSupply(aSnapshot([...nodes(64), live(aNode("a", "pve2", 0))]), "a", reserve).memory).toBeNull();
  });

  it("of CPU counts cores by the hardware, and threads as cores where only they are known", () => {
    const entities = [1, 2].map((n) => live(aNode("a", `pve${n}`, 0), { cpu_count: 16, cpu_ratio: 0 }));

    const known = clusterSupply(aSnapshot(entities, [hardware("pve1", 8, 16), hardware("pve2", 8, 16)]), "a", reserve);
    expect(known.cpu).toMatchObject({ total: 20, usable: 10 });
    expect(clusterSupply(aSnapshot(entities), "a", reserve).cpu).toMatchObject({ total: 32 });
  });

  it("never falls below nothing, and its parts add up", () => {
    const size = fc.integer({ min: 1, max: 4096 });
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 20 }), fc.nat(25), (sizes, lost) => {
        const { memory } = clusterSupply(aSnapshot(nodes(...sizes)), "a", { reserveNodes: lost });
        if (memory === null) throw new Error("all sizes are known");
        expect(memory.usable).toBeGreaterThanOrEqual(0);
        expect(memory.usable).toBeCloseTo(Math.max(0, memory.total - memory.reserve - memory.overhead));
      }),
    );
  });
});

describe("Host overhead", () => {
  it("is the 99th percentile of what a node takes beyond its guests, and at least 4 GiB per OSD", () => {
    const differences = Array.from({ length: 100 }, (_, n) => (n + 1) * gib);

    expect(hostOverheadBytes(differences, 2)).toBe(99 * gib);
    expect(hostOverheadBytes(differences.slice(0, 3), 2)).toBe(8 * gib);
    expect(hostOverheadBytes([-gib], 0)).toBe(0);
  });

  it("is this moment's as long as nothing was measured, and only the floor when a guest does not tell", () => {
    const node = live(aNode("a", "pve1", 0), { mem_total_bytes: 64 * gib, mem_used_bytes: 20 * gib });
    const guest = (values: Record<string, number>) => live(aGuest("a", 100, 0), values);
    const overhead = (values: Record<string, number>) =>
      clusterSupply(aSnapshot([node, guest(values)]), "a", reserve).nodes[0];

    expect(overhead({ mem_host_bytes: 15 * gib })).toMatchObject({
      overheadMemoryBytes: 5 * gib,
      overheadFrom: "now",
    });
    expect(overhead({})).toMatchObject({ overheadMemoryBytes: 0, overheadFrom: "floor" });
  });
});

describe("Storage", () => {
  const sized = (storage: StorageEntity, total: number, used: number) =>
    live(storage, { total_bytes: total * gib, used_bytes: used * gib });
  const storagesOf = (entities: ReturnType<typeof sized>[], facts: Parameters<typeof aSnapshot>[1] = []) =>
    clusterSupply(aSnapshot(entities, facts), "a", reserve).storages;

  it("counts once per backing, whatever it is called and on however many nodes", () => {
    const [one, two] = [aStorage("a", null, "nfs-a", 0), aStorage("a", null, "nfs-b", 0)];

    const supplies = storagesOf(
      [sized(one, 100, 40), sized(two, 100, 40)],
      [backing(one, "nfs:nas:/x"), backing(two, "nfs:nas:/x")],
    );

    expect(supplies).toHaveLength(1);
    expect(supplies[0]).toMatchObject({ totalBytes: 100 * gib, usedBytes: 40 * gib, usableBytes: 100 * gib });
  });

  it("of ZFS is full at 80 %, and datasets of one pool share its free space", () => {
    const data = { ...aStorage("a", "pve1", "zfs-a", 0), pluginType: "zfspool" };
    const more = { ...aStorage("a", "pve1", "zfs-b", 0), pluginType: "zfspool" };
    const pool = aFact("zfs_pool", "a/node/pve1", "tank", {
      pool: "tank",
      health: "ONLINE",
      size_bytes: 160 * gib,
      allocated_bytes: 60 * gib,
      free_bytes: 100 * gib,
      fragmentation_percent: 60,
      scan: null,
      errors: null,
      status: null,
      failing_devices: null,
    });
    const places = [backing(data, "pve1 zfs:tank"), backing(more, "pve1 zfs:tank")];

    const [supply] = storagesOf([sized(data, 60, 10), sized(more, 70, 20)], [...places, pool]);

    expect(supply?.totalBytes).toBeCloseTo(80 * gib);
    expect(supply?.usedBytes).toBeCloseTo(30 * gib);
    expect(supply?.usableBytes).toBeCloseTo(64 * gib);
    expect(supply?.notes.join(" ")).toContain("60 %");
  });

  it("of a thin pool is full at 80 % of data, or sooner when metadata fills first", () => {
    const thin = { ...aStorage("a", "pve1", "local-lvm", 0), pluginType: "lvmthin" };
    const pool = (metadataUsed: number) =>
      aFact("thin_pool", "a/node/pve1", "pve/data", {
        pool: "data",
        volume_group: "pve",
        size_bytes: 100 * gib,
        used_bytes: 30 * gib,
        metadata_size_bytes: gib,
        metadata_used_bytes: metadataUsed * gib,
      });
    const usable = (metadataUsed: number) =>
      storagesOf([sized(thin, 100, 30)], [backing(thin, "pve1 lvmthin:pve/data"), pool(metadataUsed)])[0]?.usableBytes;

    expect(usable(0.1)).toBeCloseTo(80 * gib);
    expect(usable(0.6)).toBeCloseTo(40 * gib);
  });

  describe("of Ceph", () => {
    const rbd = { ...aStorage("a", null, "rbd", 0), pluginType: "rbd" };
    const osd = (number: number, host: string, size: number) =>
      aFact("ceph_osd", `a/node/${host}`, `osd.${number}`, {
        osd: `osd.${number}`,
        host,
        device_class: "ssd",
        status: "up",
        in: true,
        total_bytes: size * gib,
        used_percent: 30,
      });
    const pool = aFact("ceph_pool", "a/cluster", "rbd", {
      pool: "rbd",
      type: "replicated",
      replicas: 3,
      min_replicas: 2,
      placement_groups: 128,
      crush_rule: "replicated_rule",
      used_bytes: null,
      used_percent: null,
    });
    const supplyWith = (hosts: number) => {
      const osds = Array.from({ length: hosts }, (_, n) => osd(n, `pve${n + 1}`, 300));
      return storagesOf([sized(rbd, 50, 10)], [backing(rbd, "ceph:own"), pool, ...osds])[0];
    };

    it("keeps the largest host free and counts replicas once", () => {
      expect(supplyWith(4)).toMatchObject({ totalBytes: 400 * gib, usedBytes: 120 * gib, usableBytes: 255 * gib });
    });

    it("keeps nothing free with as many hosts as replicas, and says that it cannot heal", () => {
      const supply = supplyWith(3);

      expect(supply?.usableBytes).toBeCloseTo(255 * gib);
      expect(supply?.notes.join(" ")).toContain("cannot heal");
    });
  });
});
