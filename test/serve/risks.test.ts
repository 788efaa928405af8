import { beforeAll, describe, expect, it } from "vitest";
import type { AnalysisDocument } from "../../src/model/analysis.ts";
import { type RiskWatch, riskWatchDocument } from "../../src/model/risks.ts";
import { aFinding } from "../build.ts";
import { noAnalysis } from "./no-analysis.ts";
import { aServer, type TestServer } from "./serve-fixture.ts";

const watch: RiskWatch = {
  rule: "storage-full",
  title: "Storages",
  summary: "When storages are full",
  kinds: ["storage-full"],
  watched: 3,
  waiting: 2,
  waitingFor: "needs 14 days, has 3",
  readyAt: Date.UTC(2026, 0, 20),
};
const document: AnalysisDocument = { name: riskWatchDocument, cluster: "lab", key: "storage-full", at: 5, body: watch };
const disk = aFinding({
  kind: "disk-failing",
  subject: "lab/node/pve1",
  key: "S1",
  severity: "critical",
  fields: { due_at_ms: null },
  evidence: [
    {
      what: "pending sectors (SMART 197)",
      series: { id: "lab/disk/pve1:S1", metric: "pending_sectors" },
      fromMs: 0,
      toMs: 1,
      numbers: { now: 7 },
    },
  ],
});
const due = (day: number) => ({ due_at_ms: Date.UTC(2026, 5, day), due_early_ms: Date.UTC(2026, 5, day - 1) });

let server: TestServer;
beforeAll(async () => {
  const documents = { list: () => Promise.resolve([document]) };
  server = await aServer({ deps: { analysis: { ...noAnalysis, documents } } });
  const { fleet, state } = server;
  const found = [
    aFinding({ subject: "lab/guest/102~1", fields: due(20) }),
    aFinding({ subject: "lab/guest/100~1", fields: due(9) }),
    disk,
  ];
  fleet.setFindings("risks", await state.findings.replace("risks", found));
  fleet.setFindings("other", await state.findings.replace("other", [aFinding({ kind: "anomaly" })]));
  fleet.analysed([document]);
});

const get = async <T>(url: string, headers: Record<string, string>) =>
  (await server.app.inject({ url: `/api/v1${url}`, headers })).json<T>();
interface Page {
  readonly items: readonly Record<string, unknown>[];
}

describe("risks", () => {
  it("are listed worst first, then by date, without a probability that nobody calibrated", async () => {
    const { items } = await get<Page>("/risks", await server.token("viewer"));

    expect(items.map(({ kind, subject, due_at }) => [kind, subject, due_at])).toEqual([
      ["disk-failing", "lab/node/pve1", null],
      ["memory-leak", "lab/guest/100~1", "2026-06-09T00:00:00.000Z"],
      ["memory-leak", "lab/guest/102~1", "2026-06-20T00:00:00.000Z"],
    ]);
    expect(items.every(({ probability }) => probability === null)).toBe(true);
    expect(items[0]).toMatchObject({ group: "Disks", series_id: "lab/disk/pve1:S1", series_field: "pending_sectors" });
    expect(items[1]).toMatchObject({ due_earliest_at: "2026-06-08T00:00:00.000Z", due_latest_at: null });
  });

  it("are filtered, sorted and written as CSV as every list", async () => {
    const viewer = await server.token("viewer");
    const kinds = async (query: string) => (await get<Page>(`/risks${query}`, viewer)).items.map(({ kind }) => kind);

    expect(await kinds("?kind=disk-failing")).toEqual(["disk-failing"]);
    expect(await kinds("?severity=warning&sort=-due_at&limit=1")).toEqual(["memory-leak"]);
    expect(await kinds("?cluster=elsewhere")).toEqual([]);
    const csv = await server.app.inject({ url: "/api/v1/risks", headers: { ...viewer, accept: "text/csv" } });
    expect(csv.body.split("\n")[0]).toContain("id,kind,group,cluster,subject,severity");
  });

  it("tell their evidence and formula one by one, to those who see what they are about", async () => {
    const address = `/risks/detail?id=${encodeURIComponent("disk-failing:lab/node/pve1:S1")}`;
    const detail = await get<Record<string, unknown>>(address, await server.token("viewer"));

    expect(detail).toMatchObject({ formula: "days = free / slope", evidence: [{ numbers: { now: 7 } }] });
    const ofProd = await server.token("viewer", { pools: ["prod"] });
    expect(await get(address, ofProd)).toMatchObject({ status: 404 });
    expect((await get<Page>("/risks", ofProd)).items).toHaveLength(1);
    expect(await get("/risks/detail?id=anomaly:lab/guest/100~1", await server.token("viewer"))).toMatchObject({
      status: 404,
    });
  });
});

describe("what is watched for risks", () => {
  it("says how much has data enough and when the rest will, to those who see the cluster", async () => {
    const { items } = await get<Page>("/risk-watch", await server.token("viewer"));

    expect(items).toMatchObject([
      {
        cluster: "lab",
        rule: "storage-full",
        watched: 3,
        waiting: 2,
        waiting_for: "needs 14 days, has 3",
        ready_at: "2026-01-20T00:00:00.000Z",
      },
    ]);
    expect((await get<Page>("/risk-watch", await server.token("viewer", { pools: ["prod"] }))).items).toEqual([]);
  });
});
