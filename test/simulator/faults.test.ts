import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

  it("takes all rights away and gives them back", async () => {
    const id = await set({ kind: "permissions-lost" });

    const rows = await cluster.rows("/cluster/resources");
    const permissions = await cluster.row("/access/permissions");
    const denied = await cluster.ask("/cluster/status");
    await cluster.state.faults.clear(id);

    expect([rows, permissions, denied.status]).toEqual([[], {}, 403]);
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
