// biome-ignore-all lint/style/noNonNullAssertion: a value that is missing fails the test where it is used.
// What a test can do to a running cluster: move, destroy and create guests, upgrade a node, and count its own requests.
import { afterEach, describe, expect, it } from "vitest";
import { isRunning } from "../../src/simulator/entities.ts";
import type { SimulatorOptions } from "../../src/simulator/index.ts";
import { aCluster, type TestCluster } from "./client.ts";

let cluster: TestCluster;
afterEach(() => cluster.close());

const open = async (options: SimulatorOptions = {}): Promise<void> => {
  cluster = await aCluster(options);
  cluster.state.access.grant({ path: "/vms", principal: "pilothouse@pve", role: "PVEVMAdmin", propagate: true });
  cluster.state.access.grant({ path: "/vms", principal: cluster.tokenId, role: "PVEVMAdmin", propagate: true });
};
const guests = () => [...cluster.state.guests.values()];
const post = (path: string) => cluster.ask(path, { method: "POST" });
const act = (body: unknown) =>
  cluster.ask("/simulator/actions", { method: "POST", body: JSON.stringify(body), token: "" });
const resource = async (id: string) => (await cluster.rows("/cluster/resources")).find((row) => row.id === id);

describe("a migration", () => {
  it("locks the guest, takes its time, and ends in a new process with small counters on the other node", async () => {
    await open();
    const guest = guests().find((one) => one.type === "qemu" && one.storage === "ceph-1" && isRunning(one))!;
    const from = guest.node;
    const target = [...cluster.state.nodes.keys()].find((node) => node !== from)!;
    const before = await resource(`qemu/${guest.vmid}`);

    const got = await post(`/nodes/${from}/qemu/${guest.vmid}/migrate?target=${target}&online=1`);
    const meanwhile = await resource(`qemu/${guest.vmid}`);
    cluster.advance(600_000);
    const task = await cluster.row(`/nodes/${from}/tasks/${encodeURIComponent(String(got.body.data))}/status`);
    const after = await resource(`qemu/${guest.vmid}`);

    expect(meanwhile).toMatchObject({ node: from, lock: "migrate" });
    expect(task).toMatchObject({ type: "qmigrate", exitstatus: "OK" });
    expect(after).toMatchObject({ node: target, status: "running" });
    expect(after).not.toHaveProperty("lock");
    expect(after!.uptime).toBeLessThan(600);
    expect(after!.netin).toBeLessThan(before!.netin);
  });

  it("refuses what PVE refuses, and a local disk ends on the target's own pool", async () => {
    await open();
    const local = guests().find((one) => one.type === "qemu" && one.storage === "local-zfs" && isRunning(one))!;
    const container = guests().find((one) => one.type === "lxc" && isRunning(one))!;
    const target = local.node === "pve2" ? "pve1" : "pve2";
    const base = `/nodes/${local.node}/qemu/${local.vmid}/migrate?target=`;

    const offline = await post(`${base}${target}`);
    const nowhere = await post(`${base}${local.node}&online=1`);
    const ct = await post(`/nodes/${container.node}/lxc/${container.vmid}/migrate?target=${target}`);
    await post(`${base}${target}&online=1&with-local-disks=1`);
    cluster.advance(3_600_000);

    expect(offline.reason).toBe("can't migrate running VM without --online");
    expect(nowhere.body.errors).toEqual({ target: "target is local node." });
    expect([ct.status, ct.reason]).toEqual([500, expect.stringContaining("without --online or --restart")]);
    expect(cluster.state.guest(local.vmid)).toMatchObject({ node: target, storage: "local-lvm" });
  });
});

describe("changes from another process", () => {
  it("moves, restarts, destroys and creates guests, and says what is wrong with a bad wish", async () => {
    await open();
    const guest = guests().find((one) => one.type === "qemu" && one.node === "pve1" && isRunning(one))!;

    await act({ do: "migrate", vmid: guest.vmid, target: "pve2" });
    const moved = cluster.state.guest(guest.vmid).node;
    await act({ do: "advance", ms: 60_000 });
    await act({ do: "restart", vmid: guest.vmid });
    await act({ do: "advance", ms: 20_000 });
    const restarted = await resource(`qemu/${guest.vmid}`);
    await act({ do: "destroy", vmid: guest.vmid });
    const [destroyed] = await cluster.rows("/cluster/tasks");
    const created = await act({ do: "create", node: "pve3", vmid: guest.vmid, type: "lxc", name: "new", start: true });
    await act({ do: "advance", ms: 20_000 });
    const young = await resource(`lxc/${guest.vmid}`);
    const bad = await act({ do: "destroy", vmid: 99_999 });

    expect(moved).toBe("pve2");
    expect(restarted?.uptime).toBeLessThan(21);
    expect(destroyed).toMatchObject({ type: "qmdestroy", id: String(guest.vmid), status: "OK" });
    expect(created.body).toMatchObject({ vmid: guest.vmid });
    expect(young).toMatchObject({ node: "pve3", name: "new", status: "running" });
    expect([bad.status, bad.text]).toEqual([400, expect.stringContaining("99999")]);
  });
});

describe("the simulator's counters", () => {
  it("tell the most requests per second and at once, by node and by who did the work, and begin again", async () => {
    await open();
    cluster.state.requests.clear();
    await cluster.state.faults.set({ kind: "delay", ms: 60, path: "/nodes/*/status" });
    const ask = (node: string, about: string) => cluster.ask(`/nodes/${about}/status`, { node });

    await Promise.all([ask("pve1", "pve1"), ask("pve1", "pve3"), ask("pve2", "pve3")]);
    await cluster.ask("/nodes/pve1/status");
    const { body } = await cluster.ask("/simulator/requests", { token: "" });
    await cluster.ask("/simulator/requests/clear", { method: "POST", token: "" });

    expect(body["in_flight"]).toEqual({
      total: 3,
      by_node: { pve1: 2, pve2: 1 },
      by_target: { pve1: 1, pve3: 2 },
    });
    expect(body).toMatchObject({ total: 4, by_path: { "GET /nodes/{node}/status": 4 }, per_second: { total: 4 } });
    expect(cluster.state.requests.peaks.per_second.total).toBe(0);
  });
});
