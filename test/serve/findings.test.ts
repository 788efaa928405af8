import { beforeAll, describe, expect, it } from "vitest";
import { aFinding } from "../build.ts";
import { noAnalysis } from "./no-analysis.ts";
import { aServer, type TestServer } from "./serve-fixture.ts";

let server: TestServer;
const ran: string[] = [];

beforeAll(async () => {
  const run = (id: string): boolean => {
    ran.push(id);
    return true;
  };
  server = await aServer({ deps: { analysis: { ...noAnalysis, run } } });
  const { fleet, state } = server;
  fleet.setJob({ ...idle, id: "risks" });
  fleet.setFindings(
    "risks",
    await state.findings.replace("risks", [
      aFinding({ subject: "lab/guest/102~1", severity: "info" }),
      aFinding({ subject: "lab/guest/100~1", severity: "warning" }),
      aFinding({ kind: "disk-failing", subject: "lab/node/pve1", severity: "critical" }),
    ]),
  );
  fleet.setFindings("gone", await state.findings.replace("gone", [aFinding({ kind: "gone" })]));
  fleet.setFindings("gone", await state.findings.replace("gone", []));
});

const idle = {
  summary: "",
  schedule: null,
  state: "idle",
  lastStartedAt: null,
  lastDurationMs: null,
  lastResult: null,
  progress: null,
} as const;

const kinds = async (query: string, headers: Record<string, string>): Promise<string[]> =>
  (await server.app.inject({ url: `/api/v1/findings${query}`, headers }))
    .json<{ items: { kind: string; severity: string }[] }>()
    .items.map(({ kind, severity }) => `${severity} ${kind}`);

describe("findings", () => {
  it("are listed worst first, by kind where asked, and past ones on demand", async () => {
    const viewer = await server.token("viewer");

    expect(await kinds("", viewer)).toEqual(["critical disk-failing", "warning memory-leak", "info memory-leak"]);
    expect(await kinds("?kind=disk-failing", viewer)).toEqual(["critical disk-failing"]);
    expect(await kinds("?gone=true&kind=gone", viewer)).toEqual(["warning gone"]);
  });

  it("are seen by those who see what they are about", async () => {
    const ofProd = await server.token("viewer", { pools: ["prod"] });
    const life = (id: string) =>
      server.app.inject({ url: `/api/v1/findings/changes?id=${encodeURIComponent(id)}`, headers: ofProd });

    expect(await kinds("", ofProd)).toEqual(["warning memory-leak"]);
    expect((await life("memory-leak:lab/guest/100~1")).json()).toMatchObject({ items: [{ change: "opened" }] });
    expect((await life("disk-failing:lab/node/pve1")).statusCode).toBe(404);
    expect((await life("no-such-finding")).statusCode).toBe(404);
  });
});

describe("running a job", () => {
  const post = (id: string, headers: Record<string, string>) =>
    server.app.inject({ method: "POST", url: `/api/v1/jobs/${id}/run`, headers });

  it("is for operators, and for jobs that there are", async () => {
    expect((await post("risks", await server.token("viewer"))).statusCode).toBe(403);
    expect((await post("no-such-job", await server.token("operator"))).statusCode).toBe(404);
    expect(ran).toEqual([]);
    expect((await post("risks", await server.token("operator"))).statusCode).toBe(202);
    expect(ran).toEqual(["risks"]);
  });
});
