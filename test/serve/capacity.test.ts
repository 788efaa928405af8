// Capacity and scenarios by the API, with the questions of analysis themselves behind them.
import { beforeAll, describe, expect, it } from "vitest";
import { capacityDocument } from "../../src/analyse/capacity/cluster-capacity.ts";
import { knownCluster } from "../../src/analyse/capacity/cluster-data.ts";
import { noPlan } from "../../src/analyse/capacity/day-effects.ts";
import { type AnalysisContext, questions } from "../../src/analyse/index.ts";
import type { AnalysisPort } from "../../src/model/analysis.ts";
import { defaultAnalysisChoices } from "../../src/model/analysis-settings.ts";
import { packDocument } from "../../src/store/index.ts";
import { noAnalysis } from "./no-analysis.ts";
import { aServer, start, type TestServer } from "./serve-fixture.ts";
import { waveStore } from "./wave-store.ts";

let server: TestServer;
const ran: string[] = [];

const contextOf = ({ fleet, book, state }: TestServer): AnalysisContext => ({
  nowMs: start,
  fleet,
  facts: book,
  settings: { ...defaultAnalysisChoices, clusters: [] },
  store: waveStore(),
  events: state.events,
  history: state.facts,
  findings: state.findings,
  documents: state.documents,
  threads: 1,
});

const port: AnalysisPort = {
  ...noAnalysis,
  documents: { list: (query) => server.state.documents.list(query) },
  ask: async <Answer>(id: string, input: unknown) =>
    (await questions.find((question) => question.id === id)?.answer(contextOf(server), input)) as Answer,
  run: (id) => {
    ran.push(id);
    return true;
  },
  keep: (document) => server.state.documents.save([packDocument(document)]),
  remove: (document) => server.state.documents.remove(document),
};

type Method = "GET" | "POST" | "PUT" | "DELETE";

async function call(method: Method, path: string, headers: Record<string, string>, payload?: object) {
  const url = `/api/v1${path}`;
  const answer = await server.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: answer.statusCode, body: answer.body === "" ? {} : answer.json<Record<string, unknown>>() };
}

beforeAll(async () => {
  server = await aServer({ deps: { analysis: port } });
  const { input } = await knownCluster(contextOf(server), "lab");
  const body = capacityDocument(input, noPlan, { committed: [], notApplicable: [] });
  await port.keep({ name: "capacity", cluster: "lab", key: "", body });
});

describe("capacity by the API", () => {
  it("has what the job left, in the API's own names, for those who see the cluster", async () => {
    const seen = await call("GET", "/capacity", await server.token("viewer"));
    const ofPool = await call("GET", "/capacity", await server.token("viewer", { pools: ["prod"] }));

    expect(seen.body).toMatchObject({
      items: [{ name: "lab", cluster: { kind: "cluster" }, failures: [{ node: "pve1" }, { node: "pve2" }] }],
    });
    expect(ofPool.body).toEqual({ items: [], next: null });
  });

  it("says that too few guests are like a new one", async () => {
    const answer = await call("GET", "/capacity/need?cluster=lab&tags=nobody", await server.token("viewer"));

    expect(answer.body).toMatchObject({ state: "too_few" });
  });
});

describe("scenarios", () => {
  const changes = [{ change: "grow_demand", percent: 10 }];

  it("are answered for a viewer, and saved only by who may plan", async () => {
    const viewer = await server.token("viewer");

    const answer = await call("POST", "/scenarios/answer", viewer, { cluster: "lab", changes });
    expect(answer.body).toMatchObject({
      cluster: { before: { name: "lab" }, after: { name: "lab" } },
      computed_at: null,
    });
    expect((await call("POST", "/scenarios", viewer, { cluster: "lab", name: "More", changes })).status).toBe(403);
  });

  it("are saved, combined, committed, taken back and deleted; what is committed is computed at once", async () => {
    const operator = await server.token("operator");
    const saved = await call("POST", "/scenarios", operator, { cluster: "lab", name: "More", changes });
    const path = `/scenarios/${String(saved.body["id"])}`;
    expect(saved).toMatchObject({ status: 201, body: { state: "draft", ends: null } });
    expect(ran).toEqual([]);

    const combined = { cluster: "lab", scenarios: [saved.body["id"]], changes };
    expect((await call("POST", "/scenarios/answer", operator, combined)).status).toBe(200);
    const committed = await call("PUT", path, operator, { name: "More", changes, state: "committed" });
    expect(committed.body).toMatchObject({ state: "committed" });
    expect(ran).toEqual(["capacity"]);
    expect((await call("DELETE", path, operator)).status).toBe(204);
    expect(ran).toEqual(["capacity", "capacity"]);
    expect((await call("GET", "/scenarios", operator)).body).toEqual({ items: [], next: null });
  });

  it("that name what is not there are refused with its name, and not kept", async () => {
    const operator = await server.token("operator");
    const wrong = { cluster: "lab", name: "Wrong", changes: [{ change: "lose_node", node: "pve99" }] };

    const answer = await call("POST", "/scenarios", operator, wrong);

    expect(answer).toMatchObject({ status: 400, body: { detail: "The cluster has no node pve99." } });
    expect((await call("GET", "/scenarios", operator)).body).toEqual({ items: [], next: null });
  });

  it("of a cluster that is not seen do not exist", async () => {
    const elsewhere = await server.token("operator", { clusters: ["other"] });

    expect((await call("POST", "/scenarios/answer", elsewhere, { cluster: "lab", changes })).status).toBe(404);
  });
});
