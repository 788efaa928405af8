import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRunning } from "../../src/simulator/entities.ts";
import type { FaultInput } from "../../src/simulator/index.ts";
import { aCluster, type TestCluster } from "./client.ts";

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await aCluster({ guests: 10 });
});
afterEach(() => cluster.close());

const set = (fault: FaultInput): Promise<string> => cluster.state.faults.set(fault);
const row = async (id: string) => (await cluster.rows("/cluster/resources")).find((candidate) => candidate.id === id);

describe("a fault", () => {
  it("strikes only the paths, nodes and number of times that it names", async () => {
    await set({ kind: "status", status: 500, text: "got timeout", path: "/nodes/*/status", node: "pve1", times: 1 });

    const other = await cluster.ask("/nodes/pve1/version");
    const elsewhere = await cluster.ask("/nodes/pve1/status", { node: "pve2" });
    const first = await cluster.ask("/nodes/pve1/status");
    const second = await cluster.ask("/nodes/pve1/status");

    expect([other.status, elsewhere.status, first.status, second.status]).toEqual([200, 200, 500, 200]);
    expect(first.reason).toBe("got timeout");
  });

  it("cuts a connection in the middle of a body", async () => {
    await set({ kind: "cut", path: "/cluster/resources", afterBytes: 500 });

    await expect(cluster.ask("/cluster/resources")).rejects.toThrow(/aborted|socket|ECONNRESET/);
    expect((await cluster.ask("/version")).status).toBe(200);
  });

  it("spoils bodies while status and type stay good", async () => {
    const bodies = new Map<string, string>();
    for (const body of ["truncated", "html", "null-data", "wrong-types", "nan"] as const) {
      const id = await set({ kind: "body", body, path: "/cluster/status" });
      const got = await cluster.ask("/cluster/status");
      bodies.set(body, got.text);
      expect(got.status).toBe(200);
      await cluster.state.faults.clear(id);
    }

    expect(() => JSON.parse(bodies.get("truncated") ?? "") as unknown).toThrow();
    expect(bodies.get("html")).toContain("<html>");
    expect(bodies.get("null-data")).toBe('{"data":null}');
    expect(bodies.get("wrong-types")).toContain('["1"]');
    expect(bodies.get("nan")).toContain("NaN");
  });

  it("makes a body of fifty megabytes, and one that is small only on the wire", async () => {
    await set({ kind: "body", body: "huge", path: "/version", times: 1 });
    const huge = await cluster.ask("/version");
    await set({ kind: "body", body: "gzip-bomb", path: "/version", times: 1 });
    const bomb = await cluster.ask("/version", { headers: { "accept-encoding": "gzip" } });

    expect(huge.wireBytes).toBeGreaterThan(50_000_000);
    expect(bomb.wireBytes).toBeLessThan(2_000_000);
    expect(bomb.text.length).toBeGreaterThan(200_000_000);
  });

  it("freezes a node whose pvestatd hangs, until its values expire", async () => {
    await set({ kind: "pvestatd-hung", node: "pve2" });
    const before = await row("node/pve2");
    cluster.advance(120_000);
    const frozen = await row("node/pve2");
    cluster.advance(200_000);
    const expired = await row("node/pve2");

    expect(frozen).toEqual(before);
    expect(expired).toEqual({
      id: "node/pve2",
      node: "pve2",
      type: "node",
      level: "c",
      "cgroup-mode": 2,
      status: "unknown",
    });
    expect((await row("node/pve1"))?.status).toBe("online");
  });

  it("hangs a storage: zero in the export, then unknown, inactive when asked", async () => {
    await set({ kind: "storage-hung", storage: "nfs-backup", node: "pve1" });
    cluster.advance(310_000);

    const { data } = await cluster.row("/cluster/metrics/export?local-only=1");
    const point = data.find((p) => p.id === "storage/pve1/nfs-backup");
    const status = await cluster.row("/nodes/pve1/storage/nfs-backup/status");

    expect(point).toMatchObject({ metric: "disk_total", value: 0 });
    expect(await row("storage/pve1/nfs-backup")).toMatchObject({ status: "unknown" });
    expect(await row("storage/pve2/nfs-backup")).toMatchObject({ status: "available" });
    expect(status).toMatchObject({ active: 0, total: 0 });
  });

  it("hangs a hard mount: calls that look into it, and the node's daemon, so that the whole node goes stale", async () => {
    const id = await set({ kind: "storage-hung", storage: "nfs-backup", node: "pve1", mode: "stalls" });
    const status = await cluster.ask("/nodes/pve1/storage/nfs-backup/status");
    const list = await cluster.ask("/nodes/pve1/storage");
    const other = await cluster.ask("/nodes/pve1/storage/local/status");
    const elsewhere = await cluster.ask("/nodes/pve2/storage/nfs-backup/status");
    cluster.advance(310_000);
    const stale = await row("node/pve1");
    await cluster.state.faults.clear(id);
    cluster.advance(200_000);
    const rrd = await cluster.rows("/nodes/pve1/rrddata?timeframe=hour");

    expect([status.status, list.status, other.status, elsewhere.status]).toEqual([596, 596, 200, 200]);
    expect(stale?.status).toBe("unknown");
    expect((await row("node/pve1"))?.status).toBe("online");
    expect(rrd.filter((one) => one["cpu"] === undefined).length).toBeGreaterThan(3);
    expect(rrd.at(-1)).toHaveProperty("cpu");
  });

  it("breaks the hop to a node whose own door is open", async () => {
    await set({ kind: "forward", node: "pve2", status: 599 });

    const through = await cluster.ask("/nodes/pve2/version");
    const direct = await cluster.ask("/nodes/pve2/version", { node: "pve2" });

    expect([through.status, through.reason]).toEqual([599, "Unexpected end-of-stream"]);
    expect(direct.status).toBe(200);
  });

  it("spoils a guest's counters while its uptime grows", async () => {
    const guest = [...cluster.state.guests.values()].find((one) => one.type === "qemu" && isRunning(one));
    if (guest === undefined) throw new Error("no running VM");
    const id = `qemu/${guest.vmid}`;
    const seen: Record<string, Awaited<ReturnType<typeof row>>> = { before: await row(id) };
    for (const mode of ["zero", "stuck", "backwards"] as const) {
      const fault = await set({ kind: "counters", vmid: guest.vmid, mode });
      cluster.advance(20_000);
      seen[mode] = await row(id);
      await cluster.state.faults.clear(fault);
      cluster.advance(20_000);
      seen[`after ${mode}`] = await row(id);
    }

    expect(seen["zero"]).toMatchObject({ diskread: 0, diskwrite: 0, mem: seen["zero"]?.["memhost"] });
    expect(seen["zero"]?.netin).toBeGreaterThan(seen["before"]?.netin ?? 0);
    expect(seen["zero"]?.uptime).toBeGreaterThan(seen["before"]?.uptime ?? 0);
    expect(seen["stuck"]?.netin).toBe(seen["after zero"]?.netin);
    expect(seen["backwards"]?.netin).toBeLessThan(seen["after stuck"]?.netin ?? 0);
    expect(seen["after backwards"]?.netin).toBeGreaterThan(seen["after stuck"]?.netin ?? 0);
  });

  it("takes all rights away and gives them back", async () => {
    const id = await set({ kind: "permissions-lost" });

    const rows = await cluster.rows("/cluster/resources");
    const permissions = await cluster.row("/access/permissions");
    const denied = await cluster.ask("/cluster/status");
    await cluster.state.faults.clear(id);

    // That there is a node, and whether it is up, everybody may know.
    expect(rows.map((one) => one.id)).toEqual(["node/pve1", "node/pve2", "node/pve3"]);
    expect(rows.filter((one) => "cpu" in one)).toEqual([]);
    expect([permissions, denied.status]).toEqual([{}, 403]);
    expect((await cluster.rows("/cluster/resources")).length).toBeGreaterThan(10);
  });

  it("shuts only the proxy of a node that lives on", async () => {
    const id = await set({ kind: "dead-proxy", node: "pve2" });

    await expect(cluster.ask("/version", { node: "pve2" })).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket/);
    cluster.advance(20_000);
    const seen = await row("node/pve2");
    await cluster.state.faults.clear(id);

    expect(seen?.status).toBe("online");
    expect((await cluster.ask("/version", { node: "pve2" })).status).toBe(200);
  });
});
