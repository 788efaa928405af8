import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Truth } from "../../src/simulator/index.ts";
import { aCluster, type TestCluster } from "./client.ts";

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await aCluster();
});
afterAll(() => cluster.close());

describe("the simulated pveproxy", () => {
  it("answers with PVE's content type and envelope", async () => {
    const got = await cluster.ask("/version");

    expect(got.headers["content-type"]).toBe("application/json;charset=UTF-8");
    expect(got.reason).toBe("OK");
    expect(got.body).toMatchObject({ data: { release: "9.2", version: "9.2.3" } });
  });

  it("shows the certificate whose fingerprint it announces, with every node in it", async () => {
    const rows = await cluster.rows("/nodes/pve2/certificates/info");

    expect(rows.map((row) => row.filename)).toContain("pve-ssl.pem");
    expect(rows[0]?.["fingerprint"]).toBe(cluster.fingerprint);
    expect(rows[0]?.["san"]).toEqual(expect.arrayContaining(["pve1", "127.0.0.1", "pve3", "127.0.0.3"]));
  });

  it("compresses only when asked and only above 1024 bytes", async () => {
    const gzip = { "accept-encoding": "gzip" };

    const large = await cluster.ask("/cluster/resources", { headers: gzip });
    const small = await cluster.ask("/version", { headers: gzip });
    const plain = await cluster.ask("/cluster/resources");

    expect(large.headers["content-encoding"]).toBe("gzip");
    expect(large.wireBytes).toBeLessThan(large.text.length / 3);
    expect(small.headers["content-encoding"]).toBeUndefined();
    expect(plain.headers["content-encoding"]).toBeUndefined();
  });

  it("puts the text of an error into the status line and the body, and closes the connection", async () => {
    const got = await cluster.ask("/nodes/pve1/qemu/99999/config");

    const text = "Configuration file 'nodes/pve1/qemu-server/99999.conf' does not exist";
    expect([got.status, got.reason]).toEqual([500, text]);
    expect(got.body).toEqual({ data: null, message: `${text}\n` });
    expect(got.headers["connection"]).toBe("close");
  });

  it.each([
    ["/nodes/pve1/rrddata", { timeframe: "property is missing and it is not optional" }],
    [
      "/nodes/pve1/rrddata?timeframe=minute",
      { timeframe: "value 'minute' does not have a value in the enumeration 'hour, day, week, month, year, decade'" },
    ],
    ["/nodes/pve1/tasks?limit=many", { limit: "type check ('integer') failed - got 'many'" }],
    ["/nodes/pve1/qemu?full=perhaps", { full: "type check ('boolean') failed - got 'perhaps'" }],
    ["/nodes/pve1/qemu/99/config", { vmid: "value must have a minimum value of 100" }],
    ["/version?x=1", { x: "property is not defined in schema and the schema does not allow additional properties" }],
  ])("names the wrong parameter of %s", async (path, errors) => {
    const got = await cluster.ask(path);

    expect([got.status, got.reason]).toEqual([400, "Parameter verification failed."]);
    expect(got.body.errors).toEqual(errors);
  });

  it.each([
    ["", "No ticket"],
    ["nobody@pve!x=1", "no such user ('nobody@pve')"],
    ["pilothouse@pve!other=1", "no such token 'other' for user 'pilothouse@pve'"],
    ["pilothouse@pve!pilothouse=1", "invalid token value!"],
  ])("refuses the token %j", async (token, reason) => {
    const got = await cluster.ask("/version", { token });

    expect([got.status, got.reason]).toEqual([401, reason]);
  });

  it("answers 501 to unknown calls, to bodies on GET and to chunked bodies", async () => {
    const unknown = await cluster.ask("/cluster/sdn/zones");
    const method = await cluster.ask("/version", { method: "DELETE" });
    const body = await cluster.ask("/version", { headers: { "content-length": "2" }, body: "{}" });
    const chunked = await cluster.ask("/nodes/pve1/qemu/100/status/start", {
      method: "POST",
      headers: { "transfer-encoding": "chunked" },
      body: "timeout=3",
    });

    expect([unknown.status, unknown.reason]).toEqual([501, "Method 'GET /cluster/sdn/zones' not implemented"]);
    expect(method.status).toBe(501);
    expect([body.status, body.reason]).toEqual([501, "Unexpected content for method 'GET'"]);
    expect([chunked.status, chunked.reason]).toEqual([501, "chunked transfer encoding not supported"]);
  });

  it("lets a token without rights in and shows it nothing but which nodes there are", async () => {
    const { tokenId, tokenSecret } = cluster.state.access.createToken({ user: "poor@pve", token: "none" });
    const token = `${tokenId}=${tokenSecret}`;

    const resources = await cluster.rows("/cluster/resources", { token });
    const permissions = await cluster.row("/access/permissions", { token });
    const status = await cluster.ask("/cluster/status", { token });

    expect(resources.map(({ type, status, maxmem }) => [type, status, maxmem])).toEqual(
      Array.from({ length: 3 }, () => ["node", "online", undefined]),
    );
    expect(permissions).toEqual({});
    expect([status.status, status.reason]).toEqual([403, "Permission check failed (/, Sys.Audit)"]);
  });

  it("gives a privilege-separated token only what its user has too", async () => {
    const { access } = cluster.state;
    const { tokenId, tokenSecret } = access.createToken({ user: "half@pve", token: "t" });
    access.grant({ path: "/", principal: tokenId, role: "PVEAuditor", propagate: true });
    access.grant({ path: "/vms/100", principal: "half@pve", role: "PVEVMUser", propagate: true });

    const rows = await cluster.rows("/cluster/resources", { token: `${tokenId}=${tokenSecret}` });

    expect(rows.flatMap((row) => (row.type === "node" ? [] : [row.vmid]))).toEqual([100]);
  });

  it("shows the guests of a pool to a token that may audit the pool", async () => {
    const pooled = [...cluster.state.guests.values()].filter((guest) => guest.pool === "shop").map((g) => g.vmid);
    cluster.state.access.defineRole("Watch", ["VM.Audit", "Pool.Audit"]);
    const roles = [{ role: "Watch", path: "/pool/shop" }];
    const { tokenId, tokenSecret } = cluster.state.access.createToken({ user: "pool@pve", token: "t", roles });

    const rows = await cluster.rows("/cluster/resources?type=vm", { token: `${tokenId}=${tokenSecret}` });

    expect(rows.map((row) => row.vmid).sort()).toEqual(pooled.sort());
  });

  it("reaches every node at the address that cluster/status tells", async () => {
    const rows = await cluster.rows("/cluster/status", { node: "pve2" });

    const own = rows.find((row) => row["local"] === 1);
    expect(own).toMatchObject({ name: "pve2", ip: "127.0.0.2" });
    expect(cluster.nodeUrls["pve2"]).toBe(`https://127.0.0.2:${cluster.port}`);
  });

  it("logs what was asked and of which node", async () => {
    cluster.state.requests.clear();

    await cluster.ask("/nodes?", { node: "pve3" });

    expect(cluster.state.requests.list()).toEqual([
      expect.objectContaining({ method: "GET", path: "/nodes", node: "pve3" }),
    ]);
  });
});

describe("the simulator's own calls", () => {
  it("tells what was planted without a token", async () => {
    const truth = (await cluster.ask("/simulator/truth", { token: "" })).body as unknown as Truth;

    expect(truth.guests).toHaveLength(24);
    expect(new Set(truth.guests.map((guest) => guest.archetype)).size).toBeGreaterThan(7);
    expect(truth.gaps.length).toBeGreaterThan(0);
  });

  it("sets and clears faults and says what is wrong with a bad one", async () => {
    const post = (body: unknown) =>
      cluster.ask("/simulator/faults", { method: "POST", body: JSON.stringify(body), token: "" });

    const set = await post({ set: [{ kind: "status", status: 500, text: "no way", path: "/nodes" }] });
    const hit = await cluster.ask("/nodes");
    const cleared = await post({ clear: true });
    const bad = await post({ set: [{ kind: "earthquake" }] });

    expect(set.body).toHaveLength(1);
    expect([hit.status, hit.reason]).toEqual([500, "no way"]);
    expect(cleared.body).toEqual([]);
    expect(bad.status).toBe(400);
    expect((await cluster.ask("/nodes")).status).toBe(200);
  });
});
