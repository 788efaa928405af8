// The client against the truth: Proxmox's own schemas for what it asks, recorded answers for what it reads. Both lie
// beside the checkout; without them these tests say so and pass.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAnswer } from "../../src/pve/answer.ts";
import { readPermissions, readVersion } from "../../src/pve/calls/access.ts";
import { readClusterStatus, readNodes } from "../../src/pve/calls/cluster-status.ts";
import { readGuestConfig } from "../../src/pve/calls/guest.ts";
import { readNodeStatus } from "../../src/pve/calls/node.ts";
import { readTaskStatus, readTasks } from "../../src/pve/calls/task.ts";
import * as pveApi from "../../src/pve/index.ts";
import { aClient, asIs, pin } from "./client.ts";
import { type Certificate, makeCertificate, startServer, type TestServer } from "./https-server.ts";
import { checkRequest, oracleAbsent, oracleAvailable, type SchemaRelease } from "./schema-oracle.ts";
import { expectShape, type Shape, shapes } from "./shapes.ts";

const fixtures = fileURLToPath(new URL("../../../shared/fixtures/pve/", import.meta.url));
const haveFixtures = existsSync(fixtures);
if (!oracleAvailable) console.info(oracleAbsent);
if (!haveFixtures) console.info("no recorded answers beside the checkout (../shared/fixtures/pve): they are not read");

interface Recorded {
  readonly file: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly reason?: string;
  readonly body: unknown;
}

const recorded: readonly Recorded[] = !haveFixtures
  ? []
  : readdirSync(fixtures, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => readdirSync(`${fixtures}${name}`).map((file) => `${name}/${file}`))
      .map((file) => ({ file, ...(JSON.parse(readFileSync(`${fixtures}${file}`, "utf8")) as Omit<Recorded, "file">) }));

/** Which reader reads a recorded path. What has none is read as it is. */
const readers: readonly (readonly [RegExp, (data: unknown) => unknown, Shape])[] = [
  [/\/version$/, readVersion, shapes.version],
  [/\/access\/permissions$/, readPermissions, shapes.permissions],
  [/\/cluster\/status$/, readClusterStatus, shapes.clusterStatus],
  [/\/cluster\/resources$/, pveApi.readClusterResources, shapes.clusterResources],
  [/\/cluster\/metrics\/export$/, pveApi.readMetricsExport, shapes.metricsExport],
  [/\/nodes$/, readNodes, shapes.nodes],
  [/\/nodes\/[^/]+\/status$/, readNodeStatus, shapes.nodeStatus],
  [/\/(qemu|lxc)\/\d+\/config$/, readGuestConfig, shapes.guestConfig],
  [/\/rrddata$/, pveApi.readRrdData, shapes.rrdData],
  [/\/nodes\/[^/]+\/tasks$/, readTasks, shapes.tasks],
  [/\/tasks\/[^/]+\/status$/, readTaskStatus, shapes.taskStatus],
];
const readerOf = (path: string) => readers.find(([form]) => form.test(path.split("?")[0] ?? ""));

describe("recorded answers", () => {
  it("are all read, with the declared types and without a rejected row", () => {
    for (const { file, path, method, body } of recorded) {
      const [, read, shape] = (method === "GET" ? readerOf(path) : undefined) ?? [undefined, asIs.read, undefined];
      const data = parseAnswer(Buffer.from(JSON.stringify(body)), { read });
      if (shape === undefined) continue;
      expect(() => expectShape(data, shape), `${file} ${path}`).not.toThrow();
      expect((data as { rejected?: number }).rejected ?? 0, file).toBe(0);
    }
  });

  it("keep their numbers: what one answer gives as a string is the number it stands for", () => {
    const rows = recorded.filter(({ path }) => path.endsWith("/cluster/resources"));
    for (const { body } of rows) {
      const raw = (body as { data: Record<string, unknown>[] }).data.filter(
        ({ type }) => type === "qemu" || type === "lxc",
      );
      const { guests } = pveApi.readClusterResources((body as { data: unknown }).data);
      expect(guests.map(({ vmid, maxdisk, cpu }) => ({ vmid, maxdisk, cpu }))).toEqual(
        raw.map(({ vmid, maxdisk, cpu }) => ({
          vmid: Number(vmid),
          maxdisk: maxdisk === undefined ? undefined : Number(maxdisk),
          cpu: cpu === undefined ? undefined : Number(cpu),
        })),
      );
    }
  });

  it("have task ids that are parsed and printed unchanged", () => {
    const upids = new Set(JSON.stringify(recorded).match(/UPID:[^"/\\ ]+:/g) ?? []);
    for (const upid of upids) {
      const parsed = pveApi.parseUpid(upid);
      expect(parsed, upid).toBeDefined();
      if (parsed !== undefined) expect(pveApi.printUpid(parsed)).toBe(upid);
    }
    expect(upids.size >= 5 || !haveFixtures).toBe(true);
  });
});

describe("over the wire", () => {
  let certificate: Certificate;
  let server: TestServer;
  beforeAll(async () => {
    certificate = await makeCertificate();
    server = await startServer(certificate, (_, response) => {
      response.writeHead(200, { "content-type": "application/json;charset=UTF-8" });
      response.end('{"data":[]}');
    });
  });
  afterAll(() => server.close());

  it("every recorded answer is received as it was recorded", async () => {
    const pve = aClient({ endpoints: [server.url], trust: pin(certificate), limits: { requestsPerSecond: 100_000 } });
    for (const { path, method, status, reason, body } of recorded.filter((answer) => answer.method === "GET")) {
      server.handler = (seen, response) => {
        expect(`${seen.method} ${decodeURIComponent(seen.url)}`).toBe(`${method} ${path}`);
        response.writeHead(status, reason ?? "OK", { "content-type": "application/json;charset=UTF-8" });
        response.end(JSON.stringify(body));
      };
      const [bare = "", query = ""] = path.replace("/api2/json", "").split("?");
      const spec = { path: bare, query: Object.fromEntries(new URLSearchParams(query)) };
      const answer = await pve.get({ ...spec, read: readerOf(path)?.[1] ?? asIs.read });
      expect(answer.bodyBytes).toBe(Buffer.byteLength(JSON.stringify(body)));
    }
    await pve.close();
  });
});

/** Every call that the client has, as it is made of a release. */
async function askEverything(pve: pveApi.PveReader, capabilities: pveApi.Capabilities): Promise<void> {
  const upid = "UPID:pve1:0000ABCD:00112233:65000000:qmstart:100:root@pam!token:";
  const calls: (() => Promise<unknown>)[] = [
    () => pveApi.version(pve),
    () => pveApi.permissions(pve),
    () => pveApi.nodeVersion(pve, "pve1"),
    () => pveApi.clusterStatus(pve),
    () => pveApi.clusterResources(pve),
    () => pveApi.nodes(pve),
    () => pveApi.nodeStatus(pve, "pve1"),
    () => pveApi.certificates(pve, "pve1"),
    () => pveApi.storages(pve),
    () => pveApi.pools(pve),
    () => pveApi.clusterTasks(pve),
    () => pveApi.nodeTasks(pve, "pve1"),
    () => pveApi.nodeTasks(pve, "pve1", { source: "all", sinceS: 1.5, untilS: 9.5, vmid: 100, limit: 500, start: 0 }),
    () => pveApi.taskStatus(pve, upid),
    () => pveApi.taskLog(pve, upid, { start: 10, limit: 50 }),
    () => pveApi.guestConfig(pve, { node: "pve1", type: "qemu", vmid: 100 }),
    () => pveApi.guestConfig(pve, { node: "pve1", type: "lxc", vmid: 101 }),
    () => pveApi.metricsExport(pve, { node: "pve1", history: true, localOnly: true, startTime: 1_700_000_000.5 }),
    () => pveApi.metricsExport(pve, { history: false, localOnly: false }),
    () => pveApi.nodeTasks(pve, "pve1", { type: "vzdump", sinceS: 1 }),
    () => pveApi.subscription(pve, "pve1"),
    () => pveApi.packages(pve, "pve1"),
    () => pveApi.disks(pve, "pve1"),
    () => pveApi.smart(pve, "pve1", "/dev/nvme0n1"),
    () => pveApi.zfsPools(pve, "pve1"),
    () => pveApi.zfsDetail(pve, "pve1", "rpool"),
    () => pveApi.thinPools(pve, "pve1"),
    () => pveApi.cephStatus(pve),
    () => pveApi.cephPools(pve, "pve1"),
    () => pveApi.cephOsds(pve, "pve1"),
    () => pveApi.backupJobs(pve),
    () => pveApi.uncoveredGuests(pve),
    () => pveApi.backupVolumes(pve, "pve1", "nfs-backup"),
    () => pveApi.replication(pve, "pve1"),
    () => pveApi.haStatus(pve),
    () => (capabilities.major >= 9 ? pveApi.haRules(pve) : pveApi.haGroups(pve)),
    () => pveApi.clusterLog(pve, 500),
    () => pveApi.storageBackings(pve),
    () => pveApi.guestFileSystems(pve, "pve1", 100),
    () => pveApi.guestMeminfo(pve, "pve1", 100),
  ];
  if (capabilities.storageIdentity) calls.push(() => pveApi.storageIdentity(pve, "pve1", "local-lvm"));
  if (capabilities.exportNodeList) {
    calls.push(() =>
      pveApi.metricsExport(pve, { history: true, localOnly: false, nodeList: ["pve1", "pve2"], startTime: 0 }),
    );
  }
  for (const cf of ["AVERAGE", "MAX"] as const) {
    for (const { name: timeframe } of capabilities.rrdOfNodes) {
      calls.push(() => pveApi.rrdData(pve, { node: "pve1", timeframe, cf }));
    }
    for (const { name: timeframe } of capabilities.rrdOfOthers) {
      calls.push(() => pveApi.rrdData(pve, { node: "pve1", guest: { type: "qemu", vmid: 100 }, timeframe, cf }));
      calls.push(() => pveApi.rrdData(pve, { node: "pve1", guest: { type: "lxc", vmid: 101 }, timeframe, cf }));
      calls.push(() => pveApi.rrdData(pve, { node: "pve1", storage: "local-lvm", timeframe, cf }));
    }
  }
  for (const call of calls) await call().catch((error: unknown) => expect(error).toBeInstanceOf(pveApi.PveError));
}

describe("requests", () => {
  const releases = [
    ["8.4", "8.4.1"],
    ["9.1", "9.1.5"],
    ["9.2", "9.2.11"],
  ] as const satisfies readonly (readonly [SchemaRelease, string])[];

  it.each(releases)("are all in the schema of %s, with every parameter", async (release, version) => {
    const emitted: pveApi.EmittedRequest[] = [];
    const certificate = await makeCertificate();
    const server = await startServer(certificate, (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"data":null}');
    });
    const pve = aClient({
      endpoints: [server.url],
      trust: pin(certificate),
      limits: { requestsPerSecond: 100_000 },
      onRequest: (request) => emitted.push(request),
    });
    pve.learn([{ name: "pve1", address: null, online: true, local: true }], server.url);

    await askEverything(pve, pveApi.capabilitiesOf(version));
    await pve.close();
    await server.close();

    expect(emitted.length).toBeGreaterThan(30);
    expect(emitted.flatMap((request) => checkRequest(release, request))).toEqual([]);
  });

  it.skipIf(!oracleAvailable)("that no schema allows are complained about", () => {
    const get = (path: string, query: Record<string, string> = {}) => ({ method: "GET", path, query });

    expect(checkRequest("8.4", get("/cluster/metrics/export", { "node-list": "pve1" }))).toHaveLength(1);
    expect(checkRequest("9.2", get("/cluster/metrics/export", { history: "true" }))).toHaveLength(1);
    expect(checkRequest("9.2", get("/cluster/metrics/export", { "start-time": "1.5" }))).toHaveLength(1);
    expect(checkRequest("8.4", get("/nodes/pve1/rrddata", { timeframe: "decade" }))).toHaveLength(1);
    expect(checkRequest("9.2", get("/nodes/pve1/rrddata"))).toHaveLength(1);
    expect(checkRequest("9.2", get("/nodes/pve1/qemu/5/config"))).not.toEqual([]);
    expect(checkRequest("9.2", get("/no/such/path"))).toHaveLength(1);
    expect(checkRequest("9.2", { method: "DELETE", path: "/version", query: {} })).toHaveLength(1);
  });
});
