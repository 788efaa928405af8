// biome-ignore-all lint/style/noNonNullAssertion: a value that is missing fails the test where it is used.
import { afterEach, describe, expect, it } from "vitest";
import type { SimulatorOptions } from "../../src/simulator/index.ts";
import { aCluster, type TestCluster } from "./client.ts";

let cluster: TestCluster;
afterEach(() => cluster.close());

const open = async (options: SimulatorOptions = {}): Promise<void> => {
  cluster = await aCluster(options);
  cluster.state.access.grant({ path: "/vms", principal: "pilothouse@pve", role: "PVEVMAdmin", propagate: true });
  cluster.state.access.grant({ path: "/vms", principal: cluster.tokenId, role: "PVEVMAdmin", propagate: true });
};
const vms = () => [...cluster.state.guests.values()].filter((guest) => guest.type === "qemu" && !guest.template);
const running = () => vms().filter((guest) => guest.lives.at(-1)?.toS === Number.POSITIVE_INFINITY);
const aRunningVm = (node = "pve1") => running().find((guest) => guest.node === node)!;
const resource = async (id: string) => (await cluster.rows("/cluster/resources")).find((row) => row.id === id);
const post = (path: string) => cluster.ask(path, { method: "POST" });

describe("starting and stopping", () => {
  it("answers with a UPID, ends after its time, and shows in the resources within ten seconds more", async () => {
    await open();
    const guest = aRunningVm();
    const base = `/nodes/${guest.node}/qemu/${guest.vmid}`;

    const upid = String((await post(`${base}/status/stop`)).body.data);
    const task = `/nodes/${guest.node}/tasks/${encodeURIComponent(upid)}`;
    const before = await cluster.row(`${task}/status`);
    const recent = await cluster.rows("/cluster/tasks");
    cluster.advance(1500);
    const after = await cluster.row(`${task}/status`);
    const log = await cluster.rows(`${task}/log`);
    const direct = await cluster.row(`${base}/status/current`);
    const lagging = await resource(`qemu/${guest.vmid}`);
    cluster.advance(10_000);
    const caughtUp = await resource(`qemu/${guest.vmid}`);

    expect(upid).toMatch(/^UPID:pve\d:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:qmstop:\d+:pilothouse@pve!pilothouse:$/);
    expect(before).toMatchObject({ status: "running", upid, user: "pilothouse@pve", tokenid: "pilothouse" });
    expect(recent[0]).toMatchObject({ upid });
    expect(recent[0]).not.toHaveProperty("endtime");
    expect(after).toMatchObject({ status: "stopped", exitstatus: "OK" });
    expect(log.at(-1)?.t).toBe("TASK OK");
    expect(direct).toMatchObject({ status: "stopped", uptime: 0 });
    expect(lagging).toMatchObject({ status: "running" });
    expect(caughtUp).toMatchObject({ status: "stopped", cpu: 0, mem: 0, uptime: 0, netin: 0 });
  });

  it("begins counters and uptime again with each start", async () => {
    await open();
    const guest = aRunningVm();
    const base = `/nodes/${guest.node}/qemu/${guest.vmid}`;
    const old = await cluster.row(`${base}/status/current`);

    await post(`${base}/status/stop`);
    cluster.advance(60_000);
    await post(`${base}/status/start`);
    cluster.advance(62_000);
    const now = await cluster.row(`${base}/status/current`);

    expect(now.uptime).toBe(60);
    expect(now.netin).toBeLessThan(old.netin);
    expect(now.netin).toBeGreaterThan(0);
  });

  it("refuses what PVE refuses, in the answer or in the task", async () => {
    await open();
    const guest = aRunningVm();
    const container = [...cluster.state.guests.values()].find((g) => g.type === "lxc" && g.lives.length > 0)!;
    const template = [...cluster.state.guests.values()].find((candidate) => candidate.template)!;
    cluster.state.startGuest(container.vmid);
    const exit = async (node: string, vmid: number, action: string): Promise<string> => {
      const upid = String((await post(`/nodes/${node}/qemu/${vmid}/status/${action}`)).body.data);
      cluster.advance(10_000);
      return (await cluster.row(`/nodes/${node}/tasks/${encodeURIComponent(upid)}/status`)).exitstatus;
    };

    const again = await exit(guest.node, guest.vmid, "start");
    const ofTemplate = await exit(template.node, template.vmid, "start");
    cluster.state.changeGuest(guest.vmid, { lock: "migrate" });
    const locked = await exit(guest.node, guest.vmid, "stop");
    const ct = await post(`/nodes/${container.node}/lxc/${container.vmid}/status/start`);
    const root = await post(`/nodes/${guest.node}/qemu/${guest.vmid}/status/stop?skiplock=1`);

    expect(again).toBe(`VM ${guest.vmid} already running`);
    expect(ofTemplate).toBe("you can't start a vm if it's a template");
    expect(locked).toBe("VM is locked (migrate)");
    expect([ct.status, ct.reason]).toEqual([500, `CT ${container.vmid} already running`]);
    expect(root.body.errors).toEqual({ skiplock: "Only root may use this option." });
  });

  it("needs VM.PowerMgmt and quorum", async () => {
    await open();
    const guest = aRunningVm();
    const path = `/nodes/${guest.node}/qemu/${guest.vmid}/status/stop`;
    const auditor = cluster.state.access.createToken({ user: "a@pve", token: "t", roles: [{ role: "PVEAuditor" }] });

    const forbidden = await cluster.ask(path, { method: "POST", token: `${auditor.tokenId}=${auditor.tokenSecret}` });
    await cluster.state.faults.set({ kind: "no-quorum" });
    const alone = await post(path);

    expect([forbidden.status, forbidden.reason]).toEqual([
      403,
      `Permission check failed (/vms/${guest.vmid}, VM.PowerMgmt)`,
    ]);
    expect([alone.status, alone.reason]).toEqual([500, "cluster not ready - no quorum?"]);
    expect((await cluster.rows("/cluster/status"))[0]).toMatchObject({ quorate: 0 });
  });
});

describe("changes from inside a test", () => {
  it("moves a guest: another node, a younger process, smaller counters", async () => {
    await open();
    const guest = aRunningVm("pve1");
    const id = `qemu/${guest.vmid}`;
    const before = await resource(id);

    cluster.state.migrateGuest(guest.vmid, "pve3");
    cluster.advance(20_000);
    const after = await resource(id);
    const wrongNode = await cluster.ask(`/nodes/pve1/qemu/${guest.vmid}/config`);

    expect(after).toMatchObject({ node: "pve3", status: "running" });
    expect(after?.uptime).toBeLessThan(21);
    expect(after?.netin).toBeLessThan(before!.netin);
    expect(wrongNode.reason).toBe(`Configuration file 'nodes/pve1/qemu-server/${guest.vmid}.conf' does not exist`);
  });

  it("keeps a node's counters growing when a guest leaves or is deleted", async () => {
    await open();
    const netIn = async (): Promise<number> =>
      (await cluster.row("/cluster/metrics/export?local-only=1")).data.find((point) => point.metric === "net_in")!
        .value;
    const before = await netIn();

    cluster.state.migrateGuest(aRunningVm("pve1").vmid, "pve2");
    cluster.state.deleteGuest(aRunningVm("pve1").vmid);
    cluster.advance(10_000);

    expect(await netIn()).toBeGreaterThanOrEqual(before);
  });

  it("uses a vmid again for another machine with another creation time", async () => {
    await open();
    const guest = aRunningVm();
    const old = await cluster.row(`/nodes/${guest.node}/qemu/${guest.vmid}/config`);

    cluster.state.deleteGuest(guest.vmid);
    cluster.advance(30_000);
    const gone = await resource(`qemu/${guest.vmid}`);
    cluster.state.createGuest({ node: "pve2", vmid: guest.vmid, type: "qemu", name: "reborn" });
    const young = await resource(`qemu/${guest.vmid}`);
    cluster.advance(10_000);
    const known = await resource(`qemu/${guest.vmid}`);
    const config = await cluster.row(`/nodes/pve2/qemu/${guest.vmid}/config`);

    expect(gone).toBeUndefined();
    expect(young).toMatchObject({ status: "unknown" });
    expect(young).not.toHaveProperty("name");
    expect(known).toMatchObject({ name: "reborn", status: "stopped" });
    expect(config["meta"]).not.toBe(old["meta"]);
  });
});

describe("nightly work", () => {
  it("backs the guests up under a lock, all of a node in one task, one fails, and the task lists can be filtered", async () => {
    await open({ startAt: Date.UTC(2026, 10, 20, 0, 59, 0) });
    cluster.advance(8 * 60_000);

    const tasks = await cluster.rows("/cluster/tasks");
    const dump = tasks.find((task) => task.type === "vzdump" && task["endtime"] === undefined)!;
    const locked = (await cluster.rows("/cluster/resources?type=vm")).filter((row) => row["lock"] === "backup");
    cluster.advance(5 * 3_600_000);
    const failed = await Promise.all(
      ["pve1", "pve2", "pve3"].map((node) => cluster.rows(`/nodes/${node}/tasks?statusfilter=error&limit=500`)),
    );
    const truth = (await cluster.ask("/simulator/truth")).body;
    const vmid = Number(truth["failing_backup_vmid"]);
    const { node } = cluster.state.guest(vmid);
    const [newest] = failed.flat();
    const log = await cluster.rows(`/nodes/${node}/tasks/${encodeURIComponent(newest!.upid)}/log?limit=0`);
    const since = Math.floor(cluster.now() / 1000) - 6 * 3600;
    const until = since + 3600;
    const lately = await cluster.rows(`/nodes/pve1/tasks?typefilter=vzdump&since=${since}`);
    const early = await cluster.rows(`/nodes/pve1/tasks?typefilter=vzdump&since=${since}&until=${until}`);

    expect(dump.id).toBe("");
    expect(locked.length).toBeGreaterThan(0);
    expect(locked.length).toBeLessThan(4);
    expect(new Set(failed.flat().map((task) => task.node))).toEqual(new Set([node]));
    expect(newest?.status).toBe("job errors");
    expect(log.filter((line) => line.t.startsWith("ERROR: Backup of")).map((line) => line.t)).toEqual([
      expect.stringMatching(new RegExp(`^ERROR: Backup of (VM|CT) ${vmid} failed - `)),
    ]);
    expect(log.at(-1)?.t).toBe("TASK ERROR: job errors");
    expect(lately.length).toBeGreaterThan(early.length);
    expect((await cluster.rows("/cluster/tasks")).length).toBe(25);
  });
});

describe("a dead node", () => {
  it("is noticed, its values expire after five minutes, and it comes back rebooted", async () => {
    await open();
    const guest = aRunningVm("pve2");
    const fault = await cluster.state.faults.set({ kind: "dead-node", node: "pve2" });

    await expect(cluster.ask("/version", { node: "pve2" })).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket/);
    const early = await resource("node/pve2");
    cluster.advance(10_000);
    const offline = await resource("node/pve2");
    const stillShown = await resource(`qemu/${guest.vmid}`);
    const forwarded = await cluster.ask("/nodes/pve2/status");
    const own = await cluster.ask("/nodes/pve2/rrddata?timeframe=hour");
    cluster.advance(300_000);
    const expired = await resource(`qemu/${guest.vmid}`);
    await cluster.state.faults.clear(fault);
    cluster.advance(200_000);
    const back = await resource("node/pve2");
    const restarted = await resource(`qemu/${guest.vmid}`);
    const history = (await cluster.row("/cluster/metrics/export?history=1&local-only=1", { node: "pve2" })).data;

    expect(early).toMatchObject({ status: "online" });
    expect(offline).toMatchObject({ status: "offline" });
    expect(offline).not.toHaveProperty("cpu");
    expect(stillShown).toMatchObject({ status: "running" });
    expect([forwarded.status, forwarded.reason]).toEqual([595, "Connection refused"]);
    expect(own.status).toBe(200);
    expect(expired).toMatchObject({ status: "unknown" });
    expect(expired).not.toHaveProperty("name");
    expect(back?.uptime).toBeLessThan(201);
    expect(restarted).toMatchObject({ status: "running" });
    expect(restarted?.uptime).toBeLessThan(180);
    expect(new Set(history.map((point) => point.timestamp)).size).toBeLessThan(21);
  });

  it("that is silent makes other nodes answer 596", async () => {
    await open();
    await cluster.state.faults.set({ kind: "dead-node", node: "pve3", mode: "hang" });

    const got = await cluster.ask("/nodes/pve3/version");

    expect([got.status, got.reason]).toEqual([596, "Connection timed out"]);
  });

  it("is missing from the cluster-wide export while the answer stays 200", async () => {
    await open();
    await cluster.state.faults.set({ kind: "dead-node", node: "pve3", mode: "hang" });

    const { data } = await cluster.row("/cluster/metrics/export");

    const nodes = data.map((point) => point.id).filter((id) => id.startsWith("node/"));
    expect(new Set(nodes)).toEqual(new Set(["node/pve1", "node/pve2"]));
  });
});
