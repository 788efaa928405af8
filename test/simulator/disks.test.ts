// biome-ignore-all lint/style/noNonNullAssertion: a value that is missing fails the test where it is used.
// Disks, SMART, ZFS pools and Ceph: shapes as PVE hands them on, and what is planted must show in them.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Truth } from "../../src/simulator/index.ts";
import { aCluster, type Row, type TestCluster } from "./client.ts";

let cluster: TestCluster;
let truth: Truth;
beforeAll(async () => {
  cluster = await aCluster({ nodes: 5, guests: 40 });
  truth = (await cluster.ask("/simulator/truth")).body as unknown as Truth;
});
afterAll(() => cluster.close());

interface Attribute {
  readonly id: string;
  readonly raw: string;
  readonly normalized: number;
  readonly threshold: number;
  readonly fail: string;
}
const smart = async (node: string, devpath: string, more = "") =>
  (await cluster.row(`/nodes/${node}/disks/smart?disk=${encodeURIComponent(devpath)}${more}`)) as Row & {
    readonly attributes?: readonly Attribute[];
    readonly text: string;
    readonly health: string;
  };
const raw = (report: { readonly attributes?: readonly Attribute[] }, id: number): number =>
  Number.parseInt(report.attributes!.find((attribute) => Number(attribute.id) === id)!.raw, 10);

describe("a node's disks", () => {
  it("are listed with SMART, or without it as unknown, and with partitions when asked", async () => {
    const full = await cluster.rows("/nodes/pve1/disks/list");
    const quick = await cluster.rows("/nodes/pve1/disks/list?skipsmart=1");
    const parts = await cluster.rows("/nodes/pve1/disks/list?include-partitions=1");

    expect(full.map((disk) => disk.type)).toEqual(expect.arrayContaining(["ssd", "hdd"]));
    expect(full.every((disk) => disk["health"] === "PASSED")).toBe(true);
    expect(full.find((disk) => disk.type === "hdd")?.["wearout"]).toBe("N/A");
    expect(full.find((disk) => disk.type === "ssd")?.["wearout"]).toBeTypeOf("number");
    expect(quick.every((disk) => disk["health"] === "UNKNOWN" && disk["wearout"] === "N/A")).toBe(true);
    expect(parts.length).toBeGreaterThan(full.length);
    expect(parts.find((row) => row.type === "partition")).toMatchObject({ parent: "/dev/sda" });
    expect(full.filter((disk) => disk["osdid"] !== -1)[0]).toMatchObject({ "osdid-list": ["0"], used: "LVM" });
  });

  it("tell SMART as attributes or, for NVMe, as text; of an unknown path nothing", async () => {
    const nvme = truth.disks.find((disk) => disk.kind === "nvme" && disk.node === "pve2")!;
    const ata = await smart("pve1", "/dev/sda");
    const text = await smart("pve2", nvme.devpath);
    const short = await smart("pve1", "/dev/sda", "&healthonly=1");
    const missing = await cluster.ask("/nodes/pve1/disks/smart?disk=/dev/sdz");

    expect(ata.type).toBe("ata");
    expect(ata.attributes?.find((one) => Number(one.id) === 9)).toMatchObject({ name: "Power_On_Hours", id: "  9" });
    expect(text.type).toBe("text");
    expect(text.text).toMatch(/^Percentage Used: +\d+%$/m);
    expect(text.text).toMatch(/^Data Units Written: +[\d,]+ \[[\d.]+ TB\]$/m);
    expect(short).not.toHaveProperty("attributes");
    expect([missing.status, missing.reason]).toEqual([500, "not a valid block device"]);
  });
});

describe("a failing disk", () => {
  it("shows rising counters for at least seven days, then fails and degrades its pool; a noisy one stays well", async () => {
    const own = await aCluster({ nodes: 5, guests: 10 });
    const disks = ((await own.ask("/simulator/truth")).body as unknown as Truth).disks;
    const failing = disks.find((disk) => disk.fate === "failing")!;
    const noisy = disks.find((disk) => disk.fate === "noisy")!;
    const read = async (devpath: string) => {
      const report = (await own.row(`/nodes/pve1/disks/smart?disk=${devpath}`)) as Row & {
        readonly attributes: readonly Attribute[];
      };
      return { report, health: report["health"], reallocated: raw(report, 5), pending: raw(report, 197) };
    };
    const seen = [];
    for (let day = 0; day < 8; day++) {
      seen.push(await read(failing.devpath));
      own.advance(86_400_000);
    }
    const calm = await read(noisy.devpath);
    const pools = await own.rows("/nodes/pve1/disks/zfs");
    const tank = await own.row("/nodes/pve1/disks/zfs/tank");
    const first = await own.row("/nodes/pve1/disks/zfs/rpool");
    const none = await own.ask("/nodes/pve2/disks/zfs/rpool");
    await own.close();

    expect(failing.fails_at_s! - failing.precursor_at_s!).toBeGreaterThan(7 * 86_400);
    const counts = seen.map((one) => one.reallocated);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(seen[0]).toMatchObject({ health: "PASSED" });
    expect(seen[0]!.reallocated).toBeGreaterThan(0);
    expect(seen.at(-1)).toMatchObject({ health: "FAILED!" });
    expect(calm).toMatchObject({ health: "PASSED", reallocated: 3, pending: 0 });
    expect(pools.map((pool) => [pool.name, pool["health"]])).toEqual([
      ["rpool", "ONLINE"],
      ["tank", "DEGRADED"],
    ]);
    expect(tank["state"]).toBe("DEGRADED");
    expect(JSON.stringify(tank)).toContain('"state":"FAULTED"');
    expect(first).toMatchObject({ state: "ONLINE", errors: "No known data errors", leaf: 0 });
    expect(none.status).toBe(500);
  });
});

describe("Ceph", () => {
  it("is the same in status, tree and pools, and agrees with the storage on it", async () => {
    const status = (await cluster.row("/cluster/ceph/status")) as Row & {
      readonly health: { readonly status: string };
      readonly pgmap: { readonly bytes_total: number; readonly bytes_used: number; readonly data_bytes: number };
      readonly osdmap: { readonly num_osds: number };
    };
    const storage = await cluster.row("/nodes/pve1/storage/ceph-1/status");
    const pools = await cluster.rows("/nodes/pve3/ceph/pool");
    const tree = await cluster.row("/nodes/pve1/ceph/osd");

    expect(status.health.status).toBe("HEALTH_OK");
    expect(status.pgmap.data_bytes).toBe(storage["used"]);
    expect(status.pgmap.bytes_used).toBe(3 * status.pgmap.data_bytes);
    expect(status.pgmap.bytes_total).toBeGreaterThan(3 * Number(storage["total"]));
    expect(pools.find((pool) => pool["pool_name"] === "ceph-1")).toMatchObject({ size: 3, min_size: 2 });
    expect((JSON.stringify(tree).match(/"type":"osd"/g) ?? []).length).toBe(status.osdmap.num_osds);
  });

  it("complains when a host is gone, and is absent where it is not installed", async () => {
    const small = await aCluster({ nodes: 3, guests: 4 });
    const none = await small.ask("/cluster/ceph/status");
    await small.close();
    const fault = await cluster.state.faults.set({ kind: "dead-node", node: "pve4" });
    cluster.advance(20_000);
    const hurt = await cluster.row("/cluster/ceph/status");
    await cluster.state.faults.clear(fault);

    expect([none.status, none.reason]).toEqual([500, "binary not installed: /usr/bin/ceph-mon"]);
    expect(hurt["health"]).toMatchObject({ status: "HEALTH_WARN", checks: { OSD_DOWN: { severity: "HEALTH_WARN" } } });
  });
});
