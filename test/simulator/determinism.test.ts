import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startSimulatorWorker } from "../../src/simulator/index.ts";
import { aCluster } from "./client.ts";

const paths = [
  "/cluster/resources",
  "/cluster/tasks",
  "/cluster/metrics/export?history=1",
  "/nodes/pve1/rrddata?timeframe=week&cf=MAX",
  "/nodes/pve2/storage",
];

describe("the simulated cluster", () => {
  it("serves the same bytes for the same seed and time, and others for another seed", async () => {
    const one = await aCluster({ seed: 7 });
    const two = await aCluster({ seed: 7 });
    const other = await aCluster({ seed: 8 });
    for (const cluster of [one, two, other]) cluster.advance(3_600_000);

    for (const path of paths) {
      const [a, b, c] = await Promise.all([one.ask(path), two.ask(path), other.ask(path)]);
      expect(a.text).toBe(b.text);
      expect(c.text).not.toBe(a.text);
    }
    await Promise.all([one.close(), two.close(), other.close()]);
  });

  it("is the same cluster after a restart with the same anchor", async () => {
    const anchorAt = Date.UTC(2026, 10, 20);
    const first = await aCluster({ anchorAt });
    const later = await aCluster({ anchorAt, startAt: Date.UTC(2026, 10, 23, 6) });
    first.advance(Date.UTC(2026, 10, 23, 6) - first.now());

    expect((await later.ask("/cluster/resources")).text).toBe((await first.ask("/cluster/resources")).text);
    await Promise.all([first.close(), later.close()]);
  });

  it("fits itself: nodes between a quarter and four fifths of their memory, one of them hottest", async () => {
    const cluster = await aCluster({ nodes: 6, guests: 120 });

    const rows = await cluster.rows("/cluster/resources?type=node");
    await cluster.close();

    const use = rows.map((row) => row.mem / row.maxmem);
    for (const share of use) {
      expect(share).toBeGreaterThan(0.25);
      expect(share).toBeLessThan(0.8);
    }
    expect(rows[use.indexOf(Math.max(...use))]?.node).toBe("pve2");
  });

  it("runs faster than real time when asked to", async () => {
    const cluster = await aCluster({ speed: 1000 });
    const before = cluster.now();

    await pause(30);

    expect(cluster.now() - before).toBeGreaterThan(20_000);
    await cluster.close();
  });

  it("gives every node a port of its own when asked to", async () => {
    const cluster = await aCluster({ perNodePorts: true });

    const rows = await cluster.rows("/cluster/status", { node: "pve3" });
    const urls = Object.values(cluster.nodeUrls);
    await cluster.close();

    expect(rows.find((row) => row["local"] === 1)?.name).toBe("pve3");
    expect(new Set(urls).size).toBe(3);
    expect(urls.every((url) => url.startsWith("https://127.0.0.1:"))).toBe(true);
  });

  it("starts in a thread of its own and says where it is", async () => {
    const worker = await startSimulatorWorker({ nodes: 2, guests: 4 });

    expect(worker.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(worker.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(Object.keys(worker.nodeUrls)).toEqual(["pve1", "pve2"]);
    await worker.close();
  });
});
