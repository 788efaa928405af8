import { beforeAll, describe, expect, it } from "vitest";
import type { KpiScope, KpisDocument, UtilizationDocument, UtilizationItem } from "../../src/model/kpis.ts";
import { noAnalysis } from "./no-analysis.ts";
import { aServer, type TestServer } from "./serve-fixture.ts";

const hourMs = 3_600_000;
const range = { fromMs: 0, toMs: 720 * hourMs };

const scope = (type: KpiScope["type"], key: string, used: number): KpiScope => ({
  type,
  key,
  guests: 1,
  measures: [
    {
      id: "efficiency",
      inputs: {
        used_core_hours: used,
        allocated_core_hours: 100,
        used_gib_hours: 0,
        allocated_gib_hours: 0,
        core_weight: 7.5,
        gib_weight: 1,
      },
      coverage: 1,
      state: null,
    },
  ],
});

const kpisOf = (...scopes: KpiScope[]): KpisDocument => ({
  ...range,
  timeZone: "UTC",
  weights: { perCoreHour: 7.5, perGibHour: 1, source: "" },
  scopes,
});

const use = { capacity: 4, allocated: 4, avg: 1, p50: 1, p95: 2, p99: 3, max: 4, businessP95: 2, of: "hours" } as const;

const item = (more: Partial<UtilizationItem> & Pick<UtilizationItem, "id" | "type" | "name">): UtilizationItem => ({
  cluster: "lab",
  node: null,
  guests: 1,
  coverage: 1,
  state: null,
  cpu: use,
  memory: use,
  memorySource: null,
  disk: { usedBytes: null, allocatedBytes: null },
  efficiency: 0.25,
  ...more,
});

const table: UtilizationDocument = {
  ...range,
  items: [
    item({ id: "lab/guest/100~1", type: "guest", name: "web" }),
    item({ id: "lab/guest/102~1", type: "guest", name: "other" }),
    item({ id: "lab/node/pve1", type: "node", name: "pve1" }),
    item({ id: "lab/cluster", type: "cluster", name: "lab" }),
    item({ id: "lab/scope/pool:prod", type: "pool", name: "prod" }),
    item({ id: "lab/scope/pool:secret", type: "pool", name: "secret" }),
  ],
};

let server: TestServer;

beforeAll(async () => {
  const documents = [
    {
      name: "kpis",
      cluster: "lab",
      key: "",
      body: kpisOf(scope("cluster", "", 50), scope("pool", "prod", 10), scope("pool", "secret", 5)),
    },
    { name: "kpis", cluster: "edge", key: "", body: kpisOf(scope("cluster", "", 30)) },
    { name: "utilization", cluster: "lab", key: "30d", body: table },
    { name: "utilization", cluster: "lab", key: "7d", body: { ...table, items: [] } },
  ].map((document) => ({ ...document, at: 0 }));
  const list: typeof noAnalysis.documents.list = ({ name, fromKey }) =>
    Promise.resolve(documents.filter((one) => one.name === name && (fromKey === undefined || one.key === fromKey)));
  server = await aServer({ deps: { analysis: { ...noAnalysis, documents: { list } } } });
});

interface Row {
  readonly scope: string;
  readonly value: number;
  readonly id: string;
  readonly type: string;
}

async function rowsOf(url: string, headers: Record<string, string>): Promise<readonly Row[]> {
  const answer = await server.app.inject({ url, headers });
  expect(answer.statusCode).toBe(200);
  return answer.json<{ items: Row[] }>().items;
}

const scopes = async (headers: Record<string, string>, query = ""): Promise<string[]> =>
  (await rowsOf(`/api/v1/kpis${query}`, headers)).map(({ scope: name }) => name);

describe("GET /api/v1/kpis", () => {
  it("gives each figure with its inputs, and the fleet's from the clusters' sums", async () => {
    const viewer = await server.token("viewer");

    const [fleet] = await rowsOf("/api/v1/kpis?scope=fleet", viewer);
    expect(fleet).toMatchObject({
      kpi: "efficiency",
      value: 80 / 200,
      is_on_target: true,
      coverage: 1,
      inputs: { used_core_hours: 80, allocated_core_hours: 200 },
    });
    expect(await scopes(viewer)).toEqual(["fleet", "cluster:edge", "cluster:lab", "pool:lab/prod", "pool:lab/secret"]);
  });

  it("shows clusters to those who see them, and a pool to those who see nothing else", async () => {
    expect(await scopes(await server.token("viewer", { pools: ["prod"] }))).toEqual(["pool:lab/prod"]);
    expect(await scopes(await server.token("viewer", { tags: ["web"] }))).toEqual([]);
    const ofEdge = await server.token("viewer", { clusters: ["edge"] });
    expect(await scopes(ofEdge)).toEqual(["fleet", "cluster:edge"]);
    expect((await rowsOf("/api/v1/kpis?scope=fleet", ofEdge))[0]?.value).toBe(0.3);
  });

  it("comes as a table", async () => {
    const headers = { ...(await server.token("viewer")), accept: "text/csv" };
    const { body } = await server.app.inject({ url: "/api/v1/kpis?scope=fleet", headers });

    expect(body.split("\r\n")[0] ?? "").toContain("kpi,title,unit,value");
  });
});

describe("GET /api/v1/utilization", () => {
  it("lists guests over thirty days unless another kind or window is asked for", async () => {
    const viewer = await server.token("viewer");
    const ids = async (query: string) => (await rowsOf(`/api/v1/utilization${query}`, viewer)).map(({ id }) => id);

    expect(await ids("")).toEqual(["lab/guest/102~1", "lab/guest/100~1"]);
    expect(await ids("?by=node")).toEqual(["lab/node/pve1"]);
    expect(await ids("?by=pool&sort=name")).toEqual(["lab/scope/pool:prod", "lab/scope/pool:secret"]);
    expect(await ids("?window=7d")).toEqual([]);
    const refused = await server.app.inject({ url: "/api/v1/utilization?window=2y", headers: viewer });
    expect(refused.statusCode).toBe(400);
  });

  it("names units in its fields, and divides what is used by what there is", async () => {
    const [row] = await rowsOf("/api/v1/utilization?by=node", await server.token("viewer"));

    expect(row).toMatchObject({
      cpu_capacity_cores: 4,
      cpu_p95_cores: 2,
      cpu_business_p95_cores: 2,
      cpu_used_ratio: 0.5,
      memory_p99_bytes: 3,
      efficiency_ratio: 0.25,
      from: "1970-01-01T00:00:00.000Z",
    });
  });

  it("shows a pool's own guests and the pool to those who see it alone", async () => {
    const ofProd = await server.token("viewer", { pools: ["prod"] });
    const ids = async (by: string) => (await rowsOf(`/api/v1/utilization?by=${by}`, ofProd)).map(({ id }) => id);

    expect(await ids("pool")).toEqual(["lab/scope/pool:prod"]);
    expect(await ids("cluster")).toEqual([]);
    expect(await ids("node")).toEqual([]);
    expect(await ids("guest")).toEqual(["lab/guest/100~1"]);
  });
});
