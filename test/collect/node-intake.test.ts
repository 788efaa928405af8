import { describe, expect, it } from "vitest";
import { Drops } from "../../src/collect/drops.ts";
import { gatherPoints } from "../../src/collect/export-points.ts";
import { type ExportFacts, markKey, NodeIntake } from "../../src/collect/node-intake.ts";
import { RateTracker } from "../../src/collect/rates.ts";
import { RowTarget } from "../../src/collect/row-target.ts";
import { rowsOf } from "../../src/model/batch.ts";
import { exportColumns } from "../../src/pve/index.ts";

const t0 = 1_760_000_000;

const facts: ExportFacts = {
  iowaitTrusted: true,
  nodeId: (node) => `c/node/${node}`,
  guest: (vmid) => ({ id: `c/guest/${vmid}~1`, memSource: "guest", memHostBytes: 7_000 }),
  storageId: (node, storage) =>
    storage === "nfs" ? (node === "pve1" ? "c/storage/@nfs" : null) : `c/storage/${node}:${storage}`,
};

function guestPoints(s: number, netIn: number) {
  const values = { uptime: s - t0 + 500, cpu_current: 0.25, mem_used: 4_000, net_in: netIn };
  return Object.entries(values).map(([metric, value]) => ({
    id: "qemu/100",
    metric,
    timestamp: s,
    type: "gauge",
    value,
  }));
}

function intake(mark = 0) {
  const drops = new Drops();
  const node = new NodeIntake("pve1", mark, new RateTracker(), drops);
  const take = (points: unknown[]) => {
    const target = new RowTarget();
    const { samples, values } = gatherPoints(exportColumns(points), drops);
    node.take(samples, values, facts, target);
    const batch = target.batch("b", "c", "poll");
    return { rows: [...rowsOf(batch)], marks: batch.marks };
  };
  return { node, take, drops };
}

describe("one node's export", () => {
  it("becomes rows with rates and the guest's facts from the listing", () => {
    const { take } = intake();

    const { rows, marks } = take([...guestPoints(t0, 1_000), ...guestPoints(t0 + 10, 3_000)]);

    expect(rows.map((row) => row.ts)).toEqual([t0 * 1000, (t0 + 10) * 1000]);
    expect(rows[1]).toMatchObject({ id: "c/guest/100~1", stepS: 10, origin: "export", node: "pve1" });
    expect(rows[1]?.values).toMatchObject({
      running: 1,
      cpu_ratio: 0.25,
      net_in_bytes_total: 3_000,
      net_in_bytes_per_second: 200,
      mem_source: 1,
      mem_host_bytes: 7_000,
    });
    expect(rows[0]?.values).not.toHaveProperty("mem_host_bytes");
    expect(marks).toEqual({ [markKey("pve1")]: (t0 + 10) * 1000 });
  });

  it("takes every sample once, however often the node repeats it", () => {
    const { take } = intake();
    take(guestPoints(t0, 1_000));

    const { rows } = take([...guestPoints(t0, 1_000), ...guestPoints(t0 + 10, 2_000)]);

    expect(rows.map((row) => row.ts)).toEqual([(t0 + 10) * 1000]);
    expect(rows[0]?.values["net_in_bytes_per_second"]).toBe(100);
  });

  it("does not repeat after a restart what the store already holds, but uses it for the first rate", () => {
    const { take } = intake(t0 * 1000);

    const { rows } = take([...guestPoints(t0, 1_000), ...guestPoints(t0 + 10, 2_000)]);

    expect(rows).toHaveLength(1);
    expect(rows[0]?.values["net_in_bytes_per_second"]).toBe(100);
  });

  it("says that a stopped guest does not run, and gives it no CPU and no memory", () => {
    const { take } = intake();

    const { rows } = take([
      { id: "lxc/101", metric: "uptime", timestamp: t0, type: "gauge", value: 0 },
      { id: "lxc/101", metric: "mem_total", timestamp: t0, type: "gauge", value: 1_024 },
    ]);

    expect(rows[0]?.values).toEqual({ running: 0, uptime_seconds: 0, mem_total_bytes: 1_024 });
  });

  it("drops an inactive storage, and a shared one that another node reports", () => {
    const { take, drops } = intake();
    const storage = (id: string, total: number) =>
      ["disk_total", "disk_used"].map((metric) => ({
        id,
        metric,
        timestamp: t0,
        type: "gauge",
        value: metric === "disk_total" ? total : total / 2,
      }));

    const { rows } = take([
      ...storage("storage/pve1/nfs", 100),
      ...storage("storage/pve2/nfs", 100),
      ...storage("storage/pve1/dead", 0),
    ]);

    expect(rows.map((row) => row.id)).toEqual(["c/storage/@nfs"]);
    expect(drops.counts["inactive storage"]).toBe(1);
  });

  it("ignores iowait where PVE gives a cumulative value for it", () => {
    const target = new RowTarget();
    const points = [
      { id: "node/pve1", metric: "cpu_iowait", timestamp: t0, type: "gauge", value: 0.5 },
      { id: "node/pve1", metric: "cpu_current", timestamp: t0, type: "gauge", value: 0.5 },
    ];

    const { samples, values } = gatherPoints(exportColumns(points), new Drops());
    const node = new NodeIntake("pve1", 0, new RateTracker(), new Drops());
    node.take(samples, values, { ...facts, iowaitTrusted: false }, target);

    expect([...rowsOf(target.batch("b", "c", "poll"))][0]?.values).toEqual({ cpu_ratio: 0.5 });
  });
});
