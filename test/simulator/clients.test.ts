// Two clients that others wrote for Proxmox VE, on the simulated cluster over TLS: what they rely on has to be there.
import cv4pve from "@corsinvest/cv4pve-api-javascript";
import { proxmoxApi } from "proxmox-api";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRunning } from "../../src/simulator/entities.ts";
import { aCluster, type TestCluster } from "./client.ts";

/** The parts of cv4pve that are used here; it is CommonJS and its own types leave most things open. */
interface Cv4Result {
  readonly response: { readonly data: unknown };
  readonly isSuccessStatusCode: boolean;
  readonly statusCode: number;
}
interface Cv4Client {
  apiToken: string;
  login(user: string, password: string, realm: string): Promise<boolean>;
  get(resource: string): Promise<Cv4Result>;
  create(resource: string, parameters?: object): Promise<Cv4Result>;
}
const { PveClient } = cv4pve as unknown as { PveClient: new (host: string, port: number) => Cv4Client };

const user = "builder@pve";
const password = "a word & another";
let cluster: TestCluster;
let agent: Agent;

beforeAll(async () => {
  cluster = await aCluster({ nodes: 2, guests: 10 });
  const { access } = cluster.state;
  access.createUser({ user, password, roles: [{ role: "PVEAuditor" }, { role: "PVEAdmin", path: "/vms" }] });
  access.grant({ path: "/vms", principal: "pilothouse@pve", role: "PVEAdmin", propagate: true });
  access.grant({ path: "/vms", principal: cluster.tokenId, role: "PVEAdmin", propagate: true });
  agent = new Agent({ connect: { ca: cluster.caPem } });
});
afterAll(async () => {
  await agent.close();
  await cluster.close();
});

const someGuest = (type: "qemu" | "lxc", running: boolean) => {
  const guest = [...cluster.state.guests.values()].find(
    (each) => each.type === type && isRunning(each) === running && !each.template,
  );
  if (guest === undefined) throw new Error(`no ${type} that is ${running ? "running" : "stopped"}`);
  return guest;
};
/** Tasks take a few seconds of the cluster's own time. */
const taskEnds = (): void => cluster.advance(60_000);
const running = (vmid: number): boolean => isRunning(cluster.state.guest(vmid));

describe.each(["token", "password"] as const)("proxmox-api, signed in by %s", (way) => {
  const connected = () => {
    const account =
      way === "token" ? { tokenID: cluster.tokenId, tokenSecret: cluster.tokenSecret } : { username: user, password };
    const secure = ((url: URL, init: object) => fetch(url, { ...init, dispatcher: agent })) as never;
    return proxmoxApi({ host: "127.0.0.1", port: cluster.port, fetch: secure, ...account });
  };

  it("lists nodes and guests and reads their status", async () => {
    const pve = connected();
    const guest = someGuest("qemu", true);

    const nodes = await pve.nodes.$get();
    const guests = await pve.cluster.resources.$get({ type: "vm" });
    const node: unknown = await pve.nodes.$(guest.node).status.$get();
    const status: unknown = await pve.nodes.$(guest.node).qemu.$(guest.vmid).status.current.$get();

    expect(nodes.map((each) => each.node).sort()).toEqual(["pve1", "pve2"]);
    expect(guests).toHaveLength(10);
    expect((node as { pveversion: string }).pveversion).toContain("pve-manager/9.2");
    expect(status).toMatchObject({ vmid: guest.vmid, status: "running" });
  });

  it("stops and starts a VM, and follows the tasks", async () => {
    const pve = connected();
    const guest = someGuest("qemu", true);
    const calls = pve.nodes.$(guest.node).qemu.$(guest.vmid).status;

    const stop = await calls.stop.$post();
    taskEnds();
    const stopped = running(guest.vmid);
    const start = await calls.start.$post();
    taskEnds();
    const task = await pve.nodes.$(guest.node).tasks.$(start).status.$get();

    expect([stopped, running(guest.vmid)]).toEqual([false, true]);
    expect([stop, start].every((upid) => upid.startsWith(`UPID:${guest.node}:`))).toBe(true);
    expect(task).toMatchObject({ status: "stopped", exitstatus: "OK" });
  });
});

describe.each(["token", "password"] as const)("cv4pve, signed in by %s", (way) => {
  const connected = async (): Promise<Cv4Client> => {
    const client = new PveClient("127.0.0.1", cluster.port);
    if (way === "token") client.apiToken = `${cluster.tokenId}=${cluster.tokenSecret}`;
    else expect(await client.login("builder", password, "pve")).toBe(true);
    return client;
  };

  it("lists nodes and guests and reads their status", async () => {
    const pve = await connected();
    const guest = someGuest("lxc", true);

    const nodes = (await pve.get("/nodes")).response.data as readonly { node: string }[];
    const guests = (await pve.get("/cluster/resources?type=vm")).response.data;
    const status = await pve.get(`/nodes/${guest.node}/lxc/${guest.vmid}/status/current`);

    expect(nodes.map((each) => each.node).sort()).toEqual(["pve1", "pve2"]);
    expect(guests).toHaveLength(10);
    expect(status.response.data).toMatchObject({ vmid: guest.vmid, status: "running" });
  });

  it("stops and starts a container", async () => {
    const pve = await connected();
    const guest = someGuest("lxc", true);
    const path = `/nodes/${guest.node}/lxc/${guest.vmid}/status`;

    const stop = await pve.create(`${path}/stop`);
    taskEnds();
    const stopped = running(guest.vmid);
    const start = await pve.create(`${path}/start`);
    taskEnds();

    expect([stop.isSuccessStatusCode, start.isSuccessStatusCode]).toEqual([true, true]);
    expect([stopped, running(guest.vmid)]).toEqual([false, true]);
  });

  it("is refused what its account may not do, in PVE's words", async () => {
    const pve = await connected();

    const refused = await pve.get("/storage/local");

    expect([refused.statusCode, refused.isSuccessStatusCode]).toEqual([403, false]);
  });
});

describe("a wrong password", () => {
  it("lets neither client in", async () => {
    const cv4pve = new PveClient("127.0.0.1", cluster.port);
    const secure = ((url: URL, init: object) => fetch(url, { ...init, dispatcher: agent })) as never;
    const other = proxmoxApi({
      host: "127.0.0.1",
      port: cluster.port,
      fetch: secure,
      username: user,
      password: "wrong",
    });

    expect(await cv4pve.login("builder", "wrong", "pve")).toBe(false);
    await expect(other.nodes.$get()).rejects.toThrow("Failed");
  });
});
