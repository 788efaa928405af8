import { beforeAll, describe, expect, it } from "vitest";
import type { AnalysisDocuments } from "../../src/model/analysis.ts";
import type { AnomalyRecord } from "../../src/model/anomalies.ts";
import { noAnalysis } from "./no-analysis.ts";
import { aServer, start, type TestServer } from "./serve-fixture.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const now = start;

const anAnomaly = (more: Partial<AnomalyRecord> & Pick<AnomalyRecord, "id">): AnomalyRecord => ({
  subject: "lab/guest/100~1",
  name: "web",
  metric: "cpu_ratio",
  reason: "value",
  stepS: 300,
  fromMs: now - dayMs,
  noticedMs: now - dayMs,
  toMs: now - dayMs + hourMs,
  open: false,
  score: 0.7,
  peak: { atMs: now - dayMs, value: 0.9 },
  expected: 0.2,
  low: 0.1,
  high: 0.3,
  cause: null,
  events: [],
  message: "CPU of web was 90 %.",
  ...more,
});

const records: readonly AnomalyRecord[] = [
  anAnomaly({ id: "spike" }),
  anAnomaly({ id: "older", fromMs: now - 40 * dayMs, toMs: now - 40 * dayMs + hourMs }),
  anAnomaly({ id: "long", fromMs: now - 5 * dayMs, toMs: now - 2 * dayMs, reason: "level" }),
  anAnomaly({
    id: "backup",
    subject: "lab/guest/101~1",
    name: "db",
    fromMs: now - 3 * hourMs,
    toMs: now,
    cause: { cause: "backup", text: "vzdump 101", atMs: now - 3 * hourMs, untilMs: now },
    events: [
      {
        atMs: now - 3 * hourMs,
        endedAtMs: null,
        topic: "task",
        type: "vzdump",
        subject: "lab/guest/101~1",
        user: "root@pam",
        state: "running",
        text: "vzdump 101",
      },
    ],
  }),
  anAnomaly({
    id: "answer",
    subject: "lab/target/pve1",
    name: "pve1",
    metric: "duration_seconds",
    fromMs: now - hourMs,
  }),
  anAnomaly({ id: "foreign", subject: "other/guest/100~1", fromMs: now - 2 * hourMs }),
];
const watch = { watchedToMs: now, watched: 3, ofHalfHours: 1, waiting: 0, tooShort: 2, longestDays: 3 };

/** As the state database keeps them: a document per cluster and day. */
const documents: AnalysisDocuments = {
  list: async ({ name, fromKey = "", toKey = "~" }) => {
    if (name === "anomaly-watch") return [{ name, cluster: "lab", key: "", at: now, body: watch }];
    const days = new Map<string, AnomalyRecord[]>();
    for (const record of records) {
      const place = `${record.subject.split("/")[0] ?? ""} ${new Date(record.fromMs).toISOString().slice(0, 10)}`;
      days.set(place, [...(days.get(place) ?? []), record]);
    }
    return [...days].flatMap(([place, anomalies]) => {
      const [cluster = "", key = ""] = place.split(" ");
      return name === "anomaly-day" && key >= fromKey && key <= toKey
        ? [{ name, cluster, key, at: now, body: { anomalies } }]
        : [];
    });
  },
};

let server: TestServer;
beforeAll(async () => {
  server = await aServer({ deps: { analysis: { ...noAnalysis, documents } } });
});

const ids = async (query: string, scope = {}): Promise<readonly string[]> => {
  const headers = await server.token("viewer", scope);
  const answer = await server.app.inject({ url: `/api/v1/anomalies${query}`, headers });
  expect(answer.statusCode).toBe(200);
  return answer.json<{ items: { id: string }[] }>().items.map(({ id }) => id);
};

describe("GET /api/v1/anomalies", () => {
  it("lists those of thirty days, newest first, muted ones among them", async () => {
    expect(await ids("")).toEqual(["answer", "foreign", "backup", "spike", "long"]);
  });

  it("takes a stretch of time, in which what began before it and lasted is found too", async () => {
    const at = (ms: number): string => new Date(ms).toISOString();
    expect(await ids("?from=-50d&to=-30d")).toEqual(["older"]);
    expect(await ids(`?from=${at(now - 3 * dayMs)}&to=${at(now - 2.5 * dayMs)}`)).toEqual(["long"]);
  });

  it("filters by subject, reason, cause and whether it is muted", async () => {
    expect(await ids("?muted=true")).toEqual(["backup"]);
    expect(await ids("?reason=level&muted=false")).toEqual(["long"]);
    expect(await ids("?subject=lab/guest/100~1&sort=from_at")).toEqual(["long", "spike"]);
    expect(await ids("?subject=lab/node/pve1")).toEqual(["answer"]);
    expect(await ids("?cause=backup")).toEqual(["backup"]);
  });

  it("shows what was to be expected, why it is muted, and what happened nearby", async () => {
    const headers = await server.token("viewer");
    const answer = await server.app.inject({ url: "/api/v1/anomalies?cause=backup", headers });
    expect(answer.json<{ items: unknown[] }>().items[0]).toMatchObject({
      name: "db",
      unit: "ratio",
      muted: true,
      cause: "backup",
      cause_text: "vzdump 101",
      peak: 0.9,
      low: 0.1,
      high: 0.3,
      events: [{ type: "vzdump", ended_at: null, at: new Date(now - 3 * hourMs).toISOString() }],
    });
  });

  it("shows those only whose subject is seen", async () => {
    expect(await ids("", { clusters: ["other"] })).toEqual(["foreign"]);
    expect(await ids("", { pools: ["prod"], clusters: ["lab"] })).toEqual(["backup", "spike", "long"]);
  });

  it("comes as a table, page by page", async () => {
    const headers = { ...(await server.token("viewer")), accept: "text/csv" };
    const answer = await server.app.inject({ url: "/api/v1/anomalies?limit=2", headers });
    expect(answer.body.split("\r\n")).toHaveLength(4);
    expect(answer.headers["x-next-cursor"]).toBeTypeOf("string");
  });

  it("refuses what is no time", async () => {
    const headers = await server.token("viewer");
    const answer = await server.app.inject({ url: "/api/v1/anomalies?from=yesterday", headers });
    expect(answer.statusCode).toBe(400);
  });
});

describe("GET /api/v1/anomaly-watch", () => {
  it("says how far the watch is, to those who see the cluster", async () => {
    const items = async (scope: object) =>
      (await server.app.inject({ url: "/api/v1/anomaly-watch", headers: await server.token("viewer", scope) })).json<{
        items: object[];
      }>().items;
    expect(await items({})).toMatchObject([{ cluster: "lab", watched: 3, too_short: 2, longest_days: 3 }]);
    expect(await items({ pools: ["prod"] })).toEqual([]);
  });
});
