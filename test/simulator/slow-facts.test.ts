// biome-ignore-all lint/style/noNonNullAssertion: a value that is missing fails the test where it is used.
// High availability, governance of nodes, the cluster log, and guest agents.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRunning } from "../../src/simulator/entities.ts";
import { type AgentKind, agentKind } from "../../src/simulator/guest-agent.ts";
import { aCluster, type Row, type TestCluster } from "./client.ts";

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await aCluster({ nodes: 3, guests: 90 });
});
afterAll(() => cluster.close());

const guests = () => [...cluster.state.guests.values()];

describe("high availability", () => {
  it("lists quorum, master, fencing, every node and every managed guest, and the guests say so themselves", async () => {
    const rows = await cluster.rows("/cluster/ha/status/current");
    const resources = await cluster.rows("/cluster/ha/resources");
    const [service] = rows.filter((row) => row.type === "service" && row["state"] === "started");
    const vmid = Number(String(service!["sid"]).split(":")[1]);
    const guest = cluster.state.guest(vmid);
    const current = await cluster.row(`/nodes/${guest.node}/${guest.type}/${vmid}/status/current`);
    const listed = (await cluster.rows("/cluster/resources?type=vm")).find((row) => row.vmid === vmid);

    const count = (type: string) => rows.filter((row) => row.type === type).length;
    expect([count("quorum"), count("master"), count("fencing"), count("lrm")]).toEqual([1, 1, 1, 3]);
    expect(rows.find((row) => row.type === "master")?.status).toMatch(/^pve1 \(active, Fri Nov 20 12:00:0\d 2026\)$/);
    expect(count("service")).toBe(resources.length);
    expect(resources.length).toBeGreaterThan(3);
    expect(current["ha"]).toEqual({ managed: 1, state: "started" });
    expect(listed).toMatchObject({ hastate: "started" });
  });

  it("has rules on 9 and a groups call that fails, groups on 8 and no call for rules", async () => {
    const eight = await aCluster({ release: "8.4", nodes: 3, guests: 60 });
    const rules = await cluster.rows("/cluster/ha/rules");
    const separation = await cluster.rows("/cluster/ha/rules?type=resource-affinity");
    const groups = await cluster.ask("/cluster/ha/groups");
    const oldGroups = await eight.rows("/cluster/ha/groups");
    const oldRules = await eight.ask("/cluster/ha/rules");
    const oldResources = await eight.rows("/cluster/ha/resources");
    await eight.close();

    expect(rules.map((rule) => rule.type)).toEqual(["node-affinity", "resource-affinity"]);
    expect(rules[0]).toMatchObject({ nodes: "pve1:2,pve2:1", strict: 0 });
    expect(separation).toMatchObject([{ affinity: "negative" }]);
    expect([groups.status, groups.reason]).toEqual([500, "cannot index groups: ha groups have been migrated to rules"]);
    expect(oldGroups[0]).toMatchObject({ group: "prefer-first", nodes: "pve1:2,pve2:1" });
    expect(oldRules.status).toBe(501);
    expect(oldResources[0]).toHaveProperty("group", "prefer-first");
    expect(oldResources[0]).not.toHaveProperty("failback");
  });

  it("shows the guests of a lost node as fenced", async () => {
    const fault = await cluster.state.faults.set({ kind: "dead-node", node: "pve3" });
    cluster.advance(60_000);
    const rows = await cluster.rows("/cluster/ha/status/current");
    await cluster.state.faults.clear(fault);
    cluster.advance(600_000);

    const there = rows.filter((row) => row.type === "service" && row.node === "pve3");
    expect(there.length).toBeGreaterThan(0);
    expect(there.every((row) => row["state"] === "fence")).toBe(true);
    expect(rows.find((row) => row.id === "lrm:pve3")?.status).toContain("old timestamp - dead?");
  });
});

describe("a node's governance", () => {
  it("shows the subscription's key only to those who may audit the node", async () => {
    const none = cluster.state.access.createToken({ user: "n@pve", token: "t" });
    const full = await cluster.row("/nodes/pve1/subscription");
    const short = await cluster.row("/nodes/pve1/subscription", { token: `${none.tokenId}=${none.tokenSecret}` });

    expect(full).toMatchObject({ status: "active", level: "c" });
    expect(full["key"]).toMatch(/^pve[12]c-[0-9a-f]{10}$/);
    expect(full["serverid"]).toHaveLength(32);
    expect(short).toEqual({ status: "active" });
  });

  it("lists packages, with the node that lags behind, services and devices", async () => {
    const packages = await cluster.rows("/nodes/pve1/apt/versions");
    const behind = await cluster.rows("/nodes/pve3/apt/versions");
    const services = await cluster.rows("/nodes/pve1/services");
    const lags = (rows: readonly Row[]) =>
      rows.filter((row) => row["Version"] !== row["OldVersion"]).map((row) => row["Package"]);

    expect(packages.find((row) => row["Package"] === "proxmox-ve")).toHaveProperty("RunningKernel");
    expect(lags(packages)).toEqual([]);
    expect(lags(behind)).toEqual(["qemu-server", "pve-container"]);
    expect(services.find((row) => row["service"] === "pvestatd")).toMatchObject({ state: "running" });
    expect((await cluster.rows("/nodes/pve1/hardware/pci")).length).toBe(2);
    expect((await cluster.row("/nodes/pve1/status"))["ksm"]).toMatchObject({ shared: expect.any(Number) as number });
  });
});

describe("the cluster log", () => {
  it("tells begin and end of tasks, newest first, to those who may read it", async () => {
    const hidden = await cluster.rows("/cluster/log");
    cluster.state.access.defineRole("Syslog", ["Sys.Syslog"]);
    const { tokenId, tokenSecret } = cluster.state.access.createToken({
      user: "l@pve",
      token: "t",
      roles: [{ role: "Syslog" }],
    });
    const ask = (query: string) => cluster.rows(`/cluster/log${query}`, { token: `${tokenId}=${tokenSecret}` });
    const lines = await ask("?max=400");
    const few = await ask("?max=3");

    expect(hidden).toEqual([]);
    expect(few).toEqual(lines.slice(0, 3));
    expect(lines.map((line) => line["time"])).toEqual(
      [...lines].map((line) => line["time"]).sort((a, b) => Number(b) - Number(a)),
    );
    expect(lines.some((line) => String(line["msg"]).endsWith(": job errors") && line["pri"] === 3)).toBe(true);
    expect(new Set(lines.map((line) => line["uid"])).size).toBeGreaterThan(10);
  });
});

describe("a guest agent", () => {
  const find = (kind: AgentKind, ostype = "l26") =>
    guests().find(
      (guest) => guest.type === "qemu" && guest.ostype === ostype && isRunning(guest) && agentKind(guest) === kind,
    )!;
  const ask = (guest: { readonly node: string; readonly vmid: number }, call: string) =>
    cluster.ask(`/nodes/${guest.node}/qemu/${guest.vmid}/agent/${call}`);

  it("tells file systems with the odd ones, that grow as planted", async () => {
    const guest = find("works");
    const mounts = async () =>
      ((await ask(guest, "get-fsinfo")).body.data as { readonly result: readonly Row[] }).result;
    const before = await mounts();
    cluster.advance(86_400_000);
    const after = await mounts();
    const root = (rows: readonly Row[]): number => Number(rows.find((row) => row["mountpoint"] === "/")!["used-bytes"]);

    expect(before.map((row) => row["mountpoint"])).toEqual(
      expect.arrayContaining(["/", "/boot/efi", "/snap/core22/1621"]),
    );
    expect(before.filter((row) => row.name === "sda1").length).toBe(2);
    expect(root(after) - root(before)).toBeCloseTo(guest.truth.disk_growth_bytes_per_day, -2);
  });

  it("tells memory without cache, which the privilege to look does not allow", async () => {
    const guest = find("works");
    cluster.state.access.defineRole("ReadFiles", ["VM.GuestAgent.Unrestricted"]);
    const { tokenId, tokenSecret } = cluster.state.access.createToken({
      user: "f@pve",
      token: "t",
      roles: [{ role: "ReadFiles" }],
    });
    const path = `/nodes/${guest.node}/qemu/${guest.vmid}/agent/file-read?file=/proc/meminfo`;
    const refused = await cluster.ask(path);
    const text = String((await cluster.row(path, { token: `${tokenId}=${tokenSecret}` }))["content"]);
    const kib = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1]);

    expect([refused.status, refused.reason]).toEqual([
      403,
      `Permission check failed (/vms/${guest.vmid}, VM.GuestAgent.FileRead|VM.GuestAgent.Unrestricted)`,
    ]);
    expect(kib("MemTotal") * 1024).toBe(guest.memoryBytes);
    expect(kib("MemAvailable")).toBeGreaterThan(kib("MemFree"));
    expect(kib("MemAvailable")).toBeLessThan(kib("MemTotal"));
  });

  it("that is absent, silent, hanging or just booting fails with PVE's words", async () => {
    const reasons = new Map<string, string>();
    for (const kind of ["absent", "silent", "hangs"] as const) {
      reasons.set(kind, (await ask(find(kind), "get-osinfo")).reason);
    }
    const guest = find("works");
    cluster.state.restartGuest(guest.vmid);
    const booting = await ask(guest, "get-osinfo");
    cluster.advance(60_000);
    const booted = await ask(guest, "get-osinfo");
    const config = await cluster.row(`/nodes/${find("absent").node}/qemu/${find("absent").vmid}/config`);

    expect(reasons.get("absent")).toBe("No QEMU guest agent configured");
    expect(reasons.get("silent")).toBe("QEMU guest agent is not running");
    expect(reasons.get("hangs")).toMatch(/^VM \d+ qmp command 'guest-get-osinfo' failed - got timeout$/);
    expect([booting.status, booting.reason]).toEqual([500, "QEMU guest agent is not running"]);
    expect(booted.status).toBe(200);
    expect(config).not.toHaveProperty("agent");
  });
});
