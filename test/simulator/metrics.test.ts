// biome-ignore-all lint/style/noNonNullAssertion: a value that is missing fails the test where it is used.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCluster, noon, type TestCluster } from "./client.ts";

interface Point {
  readonly id: string;
  readonly metric: string;
  readonly timestamp: number;
  readonly type: string;
  readonly value: number;
}
type Row = Readonly<Record<string, number>>;

/** rrddata rows hold numbers only. */
const numbers = async (path: string, from: TestCluster = cluster): Promise<readonly Row[]> =>
  (await from.rows(path)) as readonly Row[];

const nowS = Math.floor(noon / 1000);
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await aCluster();
});
afterAll(() => cluster.close());

const exported = async (query: string, node = "pve1"): Promise<readonly Point[]> =>
  (await cluster.row(`/cluster/metrics/export?${query}`, { node })).data;
const series = (points: readonly Point[], id: string, metric: string): readonly Point[] =>
  points.filter((point) => point.id === id && point.metric === metric);
const runningOn = (node: string) =>
  [...cluster.state.guests.values()].filter((g) => g.node === node && g.lives.at(-1)?.toS === Number.POSITIVE_INFINITY);

describe("metrics/export", () => {
  it("gives the newest round only, of every node, unless history is asked for", async () => {
    const points = await exported("");

    const times = new Map(points.map((point) => [`${point.id} ${point.metric}`, point.timestamp]));
    expect(times.size).toBe(points.length);
    expect(new Set(points.filter((p) => p.id.startsWith("node/")).map((p) => p.id)).size).toBe(3);
  });

  it("answers for the called node alone with local-only", async () => {
    const points = await exported("local-only=1", "pve2");

    const nodes = points.filter((point) => point.id.startsWith("node/")).map((point) => point.id);
    expect(new Set(nodes)).toEqual(new Set(["node/pve2"]));
    expect(nodes).toHaveLength(15);
  });

  it("keeps 181 rounds of ten seconds", async () => {
    const points = series(await exported("local-only=1&history=1"), "node/pve1", "uptime");

    expect(points).toHaveLength(181);
    const steps = points.slice(1).map((point, index) => point.timestamp - (points[index]?.timestamp ?? 0));
    expect(new Set(steps)).toEqual(new Set([10]));
  });

  it("returns only what is strictly newer than start-time", async () => {
    const all = series(await exported("local-only=1&history=1"), "node/pve1", "uptime");
    const mark = all[all.length - 7]!.timestamp;

    const newer = series(await exported(`local-only=1&history=1&start-time=${mark}`), "node/pve1", "uptime");

    expect(newer.map((point) => point.timestamp)).toEqual(all.slice(-6).map((point) => point.timestamp));
  });

  it("knows node-list since 9.1 only", async () => {
    const old = await aCluster({ release: "8.4", guests: 3, nodes: 2 });

    const listed = await exported("node-list=pve3");
    const refused = await old.ask("/cluster/metrics/export?node-list=pve1");
    await old.close();

    expect(new Set(listed.filter((p) => p.id.startsWith("node/")).map((p) => p.id))).toEqual(new Set(["node/pve3"]));
    expect(refused.body.errors).toHaveProperty("node-list");
  });

  it("leaves gauges and counters of stopped guests out but not their limits", async () => {
    const off = [...cluster.state.guests.values()].find((guest) => guest.truth.archetype === "powered-off")!;

    const points = (await exported("")).filter((point) => point.id === `${off.type}/${off.vmid}`);

    expect(points.map((point) => point.metric)).toEqual(["uptime", "cpu_max", "mem_total", "disk_total"]);
    expect(points[0]?.value).toBe(0);
  });

  it("has counters that never fall while uptime grows, and that grow by the rate that rrddata shows", async () => {
    const points = await exported("local-only=1&history=1");

    for (const guest of runningOn("pve1")) {
      const counter = series(points, `${guest.type}/${guest.vmid}`, "net_in");
      for (const [index, point] of counter.slice(1).entries()) {
        expect(point.value).toBeGreaterThanOrEqual(counter[index]!.value);
      }
    }
  });

  it("agrees with rrddata of the same minutes", async () => {
    const points = await exported("local-only=1&history=1", "pve1");
    const guest = runningOn("pve1").find((candidate) => candidate.truth.archetype === "service")!;
    const id = `${guest.type}/${guest.vmid}`;

    const rows = await numbers(`/nodes/pve1/${id}/rrddata?timeframe=hour`);

    const recent = rows.filter((row) => row["time"]! > nowS - 1500);
    expect(recent.length).toBeGreaterThan(20);
    for (const row of recent) {
      const within = (metric: string): readonly Point[] =>
        series(points, id, metric).filter((p) => p.timestamp > row["time"]! - 60 && p.timestamp <= row["time"]! + 5);
      const cpu = within("cpu_current");
      const mean = cpu.reduce((sum, point) => sum + point.value, 0) / cpu.length;
      expect(Math.abs(mean - row["cpu"]!)).toBeLessThan(0.12 * row["cpu"]! + 0.002);
      const net = within("net_in");
      const rate = (net.at(-1)!.value - net[0]!.value) / (net.at(-1)!.timestamp - net[0]!.timestamp);
      expect(Math.abs(rate - row["netin"]!)).toBeLessThan(0.15 * row["netin"]! + 1);
    }
  });

  it("stamps rounds with the node's own, skewed clock", async () => {
    const fault = await cluster.state.faults.set({ kind: "clock-skew", node: "pve2", ms: 90_000 });
    cluster.advance(10_000);

    const points = await exported("");
    await cluster.state.faults.clear(fault);

    const at = (id: string): number => points.find((point) => point.id === id)!.timestamp;
    expect(at("node/pve2") - at("node/pve1")).toBeGreaterThan(80);
  });
});

describe("rrddata", () => {
  const steps = async (path: string): Promise<{ rows: number; step: number; aligned: boolean; newest: number }> => {
    const rows = await numbers(path);
    const times = rows.map((row) => row["time"]!);
    const step = times[1]! - times[0]!;
    expect(new Set(times.slice(1).map((time, index) => time - times[index]!))).toEqual(new Set([step]));
    return { rows: rows.length, step, aligned: times.every((time) => time % step === 0), newest: times.at(-1)! };
  };

  it.each([
    ["hour", 60, 60],
    ["day", 1440, 60],
    ["week", 336, 1800],
    ["month", 1440, 1800],
    ["year", 1440, 21_600],
  ])("has the steps of 9 for %s", async (timeframe, rows, step) => {
    const got = await steps(`/nodes/pve1/qemu/${aVm()}/rrddata?timeframe=${timeframe}`);

    expect(got).toMatchObject({ rows, step, aligned: true });
    expect(got.newest).toBeLessThanOrEqual(cluster.now() / 1000);
  });

  it("has a decade for nodes, with nothing before the cluster was there", async () => {
    const rows = await numbers("/nodes/pve1/rrddata?timeframe=decade");

    expect(rows).toHaveLength(570);
    expect(Object.keys(rows[0]!)).toEqual(["time"]);
    expect(rows.at(-1)).toHaveProperty("memused");
  });

  it.each([
    ["hour", 60],
    ["day", 1800],
    ["week", 10_800],
    ["month", 43_200],
    ["year", 604_800],
  ])("has the steps and fields of 8 for %s", async (timeframe, step) => {
    const old = await aCluster({ release: "8.4", nodes: 1, guests: 8 });
    const rows = await numbers(`/nodes/pve1/rrddata?timeframe=${timeframe}`, old);
    await old.close();

    expect(rows).toHaveLength(70);
    expect(rows[1]!["time"]! - rows[0]!["time"]!).toBe(step);
    expect(rows.at(-1)).not.toHaveProperty("memavailable");
  });

  it("has averages of a coarse step that are the means of the fine ones", async () => {
    const path = `/nodes/pve1/qemu/${aVm()}/rrddata`;
    const fine = await numbers(`${path}?timeframe=day`);
    const coarse = await numbers(`${path}?timeframe=week`);

    for (const row of coarse.slice(-20)) {
      const parts = fine.filter((part) => part["time"]! > row["time"]! - 1800 && part["time"]! <= row["time"]!);
      if (parts.length < 30) continue;
      for (const field of ["cpu", "mem", "netin", "diskwrite"]) {
        const mean = parts.reduce((sum, part) => sum + part[field]!, 0) / parts.length;
        expect(row[field]! / mean).toBeCloseTo(1, 6);
      }
    }
  });

  it("has maxima that are not below the averages and close to the highest minute", async () => {
    const path = `/nodes/pve1/qemu/${aVm()}/rrddata`;
    const fine = await numbers(`${path}?timeframe=day`);
    const average = await numbers(`${path}?timeframe=week&cf=AVERAGE`);
    const maximum = await numbers(`${path}?timeframe=week&cf=MAX`);

    for (const [index, row] of maximum.entries()) {
      expect(row["cpu"]!).toBeGreaterThanOrEqual(average[index]!["cpu"]!);
    }
    const last = maximum.at(-2)!;
    const minutes = fine.filter((part) => part["time"]! > last["time"]! - 1800 && part["time"]! <= last["time"]!);
    const highest = Math.max(...minutes.map((part) => part["cpu"]!));
    expect(last["cpu"]! / highest).toBeGreaterThan(0.9);
    expect(last["cpu"]! / highest).toBeLessThan(1.02);
  });

  it("shows only limits while a guest was off, and only the time in a planted gap", async () => {
    const off = [...cluster.state.guests.values()].find((guest) => guest.truth.archetype === "powered-off")!;
    const gap = cluster.state.gaps.all[1]!;

    const stopped = await numbers(`/nodes/${off.node}/${off.type}/${off.vmid}/rrddata?timeframe=hour`);
    const node = await numbers(`/nodes/${gap.node}/rrddata?timeframe=week`);

    expect(Object.keys(stopped[0]!).sort()).toEqual(["disk", "maxcpu", "maxdisk", "maxmem", "time"]);
    const within = node.filter((row) => row["time"]! - 1800 >= gap.fromS && row["time"]! <= gap.toS);
    expect(within.length).toBeGreaterThan(5);
    for (const row of within) expect(Object.keys(row)).toEqual(["time"]);
  });

  it("shows a planted level shift where the truth says", async () => {
    const shifted = [...cluster.state.guests.values()].find((guest) => guest.truth.archetype === "level-shift")!;
    const { at_s, factor } = shifted.truth.level_shifts[0]!;

    const rows = await numbers(`/nodes/${shifted.node}/${shifted.type}/${shifted.vmid}/rrddata?timeframe=year`);

    const weekS = 7 * 86_400;
    const mean = (fromS: number, toS: number): number => {
      const part = rows.filter((row) => row["time"]! > fromS && row["time"]! <= toS && row["cpu"] !== undefined);
      return part.reduce((sum, row) => sum + row["cpu"]!, 0) / part.length;
    };
    const endS = cluster.now() / 1000 - 7200;
    const lengthS = Math.max(1, Math.floor((endS - at_s) / weekS)) * weekS;
    const ratio = mean(at_s, at_s + lengthS) / mean(at_s - lengthS, at_s);
    expect(Math.abs(ratio / factor - 1)).toBeLessThan(0.2);
  });

  it("counts a shared storage the same on every node", async () => {
    const one = await numbers("/nodes/pve1/storage/ceph-1/rrddata?timeframe=day");
    const two = await numbers("/nodes/pve2/storage/ceph-1/rrddata?timeframe=day");

    expect(one).toEqual(two);
    expect(one[100]).toHaveProperty("total");
  });

  function aVm(): number {
    return runningOn("pve1").find((guest) => guest.type === "qemu" && guest.vmid % 9 !== 0)!.vmid;
  }
});
