// Forecasts, growth and comparisons over HTTP: what is shown, to whom, and what is refused.
import { beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/lib/errors.ts";
import type { AnalysisPort } from "../../src/model/analysis.ts";
import type { Row } from "../../src/model/batch.ts";
import type { ForecastAnswer, ForecastLine, ForecastsDocument } from "../../src/model/forecasts.ts";
import type { GrowthDocument } from "../../src/model/growth.ts";
import { aBatch } from "../store/build.ts";
import { noAnalysis } from "./no-analysis.ts";
import { aServer, problemIn, start, type TestServer } from "./serve-fixture.ts";
import { waveStore } from "./wave-store.ts";

const hour = 3_600_000;
const near = (value: number, digits: number): unknown => expect.closeTo(value, digits);
const day = 24 * hour;
const backtest = { trials: 6, better: 5, span: 240, error: 0.05, naiveError: 0.1, naive: "naive-24", coverage: 0.94 };

const given = (id: string, more: Partial<ForecastLine> = {}): ForecastLine => ({
  id,
  field: "cpu_ratio",
  outlook: "month",
  fromMs: start,
  now: 0.3,
  result: {
    state: "forecast",
    ahead: [
      {
        days: 1,
        mean: 0.31,
        bands: [
          [0.3, 0.32],
          [0.2, 0.4],
        ],
      },
      {
        days: 30,
        mean: 0.4,
        bands: [
          [0.35, 0.45],
          [0.1, 0.6],
        ],
      },
    ],
    backtest,
    lastShiftMs: start - day,
  },
  ...more,
});
const none: ForecastLine["result"] = {
  state: "none",
  code: "too_short",
  reason: "needs 14 days, has 3 days",
  backtest: null,
};

const forecasts: ForecastsDocument = {
  lines: [
    given("lab/guest/100~1"),
    given("lab/guest/101~1", { result: none, now: null }),
    given("lab/pool/@ceph:rbd", { field: "used_bytes" }),
    given("lab/cluster", { field: "cpu_used_cores" }),
    given("lab/guest/999~1"),
  ],
};
const growth: GrowthDocument = {
  fromMs: start - 30 * day,
  toMs: start,
  lists: [
    {
      kind: "guest",
      metric: "mem_used_bytes",
      grown: 4e9,
      rows: [
        {
          id: "lab/guest/101~1",
          slopePerDay: 1e8,
          growth: 3e9,
          mean: 6e9,
          points: 720,
          firstMs: start - 30 * day,
          lastMs: start,
          share: 0.75,
        },
      ],
    },
  ],
};

const asked: unknown[] = [];
const answers: Readonly<Record<string, ForecastAnswer["result"]>> = {
  cpu_ratio: {
    state: "forecast",
    mean: [0.3, 0.4],
    bands: [
      { level: 0.8, lower: [0.2, 0.3], upper: [0.4, 0.5] },
      { level: 0.95, lower: [0.1, 0.2], upper: [0.5, 0.6] },
    ],
    backtest,
    lastShiftMs: null,
  },
  mem_used_bytes: none,
};
const analysis: AnalysisPort = {
  ...noAnalysis,
  documents: {
    list: async ({ name }) => {
      const bodies: Readonly<Record<string, unknown>> = { forecasts, growth };
      const body = bodies[name];
      return Promise.resolve(body === undefined ? [] : [{ name, cluster: "lab", key: "", at: start, body }]);
    },
  },
  ask: async <Answer>(question: string, input: unknown): Promise<Answer> => {
    asked.push([question, input]);
    const { field } = input as { readonly field: string };
    const result = answers[field];
    if (result === undefined) throw new InputError(`field: a guest has no "${field}".`);
    return Promise.resolve({ ...(input as object), fromMs: start, stepMs: hour, result } as Answer);
  },
};

const store = waveStore();
let server: TestServer;
let viewer: Record<string, string>;

/** Two weeks of hours; the n-th guest rises by n tenths in the second. */
const weeks = (id: string, n: number): Row[] =>
  Array.from({ length: 14 * 24 }, (_, i) => ({
    id,
    ts: start - 14 * day + (i + 1) * hour,
    stepS: 3600,
    origin: "rrd-avg" as const,
    node: "pve1",
    values: { cpu_ratio: i < 7 * 24 ? 0.2 : 0.2 + n / 10 },
  }));

beforeAll(async () => {
  server = await aServer({ deps: { analysis, store } });
  viewer = await server.token("viewer");
  const rows = ["lab/guest/100~1", "lab/guest/101~1"].flatMap((id, place) => weeks(id, place + 1));
  await store.memory.append(aBatch([...rows, ...weeks("lab/guest/102~1", 0).slice(-24)], { cluster: "lab" }));
});

const get = (path: string, headers: Record<string, string> = {}) =>
  server.app.inject({ url: `/api/v1/${path}`, headers: { ...viewer, ...headers } });

describe("the list of forecasts", () => {
  it("has a line per series with its expected value, its bands and its evidence, or the reason in words", async () => {
    const { items } = (await get("forecasts?kind=guest&sort=-expected")).json<{ items: readonly object[] }>();

    expect(items).toEqual([
      {
        id: "lab/guest/100~1",
        cluster: "lab",
        kind: "guest",
        name: "web",
        field: "cpu_ratio",
        unit: "ratio",
        outlook: "month",
        state: "forecast",
        code: null,
        reason: null,
        from: "2026-01-05T12:00:00.000Z",
        now: 0.3,
        days_ahead: 30,
        expected: 0.4,
        lower_80: 0.35,
        upper_80: 0.45,
        lower_95: 0.1,
        upper_95: 0.6,
        change: near(0.1, 9),
        error: 0.05,
        naive_error: 0.1,
        error_ratio: 0.5,
        naive: "naive-24",
        trials: 6,
        better: 5,
        coverage_ratio: 0.94,
        last_shift_at: "2026-01-04T12:00:00.000Z",
      },
      expect.objectContaining({ name: "db", state: "none", reason: "needs 14 days, has 3 days", expected: null }),
    ]);
  });

  it("names pools and sums over a cluster, and comes as a table", async () => {
    const { items } = (await get("forecasts?kind=pool,cluster")).json<{ items: readonly object[] }>();
    const { body } = await get("forecasts", { accept: "text/csv" });

    expect(items).toEqual([
      expect.objectContaining({ name: "@ceph:rbd", unit: "bytes" }),
      expect.objectContaining({ name: "lab", field: "cpu_used_cores", unit: "count" }),
    ]);
    expect(body.split("\r\n").slice(0, 1)).toEqual([
      expect.stringContaining("id,cluster,kind,name,field,unit,outlook,state"),
    ]);
  });

  it("shows nobody what is outside their scope", async () => {
    const ids = async (scope: object): Promise<readonly string[]> =>
      (await server.app.inject({ url: "/api/v1/forecasts", headers: await server.token("viewer", scope) }))
        .json<{ items: { id: string }[] }>()
        .items.map(({ id }) => id);

    expect(await ids({ tags: ["db"] })).toEqual(["lab/guest/101~1"]);
    expect(await ids({ clusters: ["other"] })).toEqual([]);
  });
});

describe("one series", () => {
  it("comes step by step with its bands; a guest without generation is the current one", async () => {
    const answer = await get("forecasts/series?id=lab/guest/100&field=cpu_ratio");

    expect(asked.at(-1)).toEqual(["forecast", { id: "lab/guest/100~1", field: "cpu_ratio", outlook: "month" }]);
    expect(answer.json()).toMatchObject({
      state: "forecast",
      from: start,
      step_seconds: 3600,
      mean: [0.3, 0.4],
      coverage_ratio: 0.94,
    });
    const { body } = await get("forecasts/series?id=lab/guest/100&field=cpu_ratio", { accept: "text/csv" });
    expect(body.split("\r\n").slice(0, 2)).toEqual([
      "time,mean,lower_80,upper_80,lower_95,upper_95",
      "2026-01-05T12:00:00.000Z,0.3,0.2,0.4,0.1,0.5",
    ]);
  });

  it("says in words why there is none, and refuses what there is not or who may not see it", async () => {
    expect((await get("forecasts/series?id=lab/guest/100&field=mem_used_bytes")).json()).toMatchObject({
      state: "none",
      reason: "needs 14 days, has 3 days",
      mean: [],
      bands: [],
    });
    expect(problemIn(await get("forecasts/series?id=lab/guest/100&field=nope")).status).toBe(400);
    expect(problemIn(await get("forecasts/series?id=lab/guest/999&field=cpu_ratio")).status).toBe(404);
    const headers = await server.token("viewer", { tags: ["db"] });
    const hidden = await server.app.inject({
      url: "/api/v1/forecasts/series?id=lab/guest/100&field=cpu_ratio",
      headers,
    });
    expect(problemIn(hidden).status).toBe(404);
  });
});

describe("what grows most", () => {
  it("comes with its slope and its share of all growth", async () => {
    const { items } = (await get("growth")).json<{ items: readonly object[] }>();

    expect(items).toEqual([
      expect.objectContaining({
        name: "db",
        field: "mem_used_bytes",
        growth: 3e9,
        growth_ratio: 0.5,
        share_ratio: 0.75,
      }),
    ]);
  });
});

describe("a comparison", () => {
  it("sets this week against the week before, most change first; without a week before it says nothing", async () => {
    const answer = (await get("compare?field=cpu_ratio&cluster=lab")).json<{ rows: readonly object[] }>();

    expect(answer).toMatchObject({ unit: "ratio", from: start - 7 * day, to: start, before_from: start - 14 * day });
    expect(answer.rows).toEqual([
      expect.objectContaining({ name: "db", before: near(0.2, 2), now: near(0.4, 2) }),
      expect.objectContaining({ name: "web", change: near(0.1, 2), change_ratio: near(0.5, 1) }),
      expect.objectContaining({ name: "ct", before: null, change: null, change_ratio: null }),
    ]);
    expect(answer).toMatchObject({ mean_before: near(0.2, 2), mean_now: near(0.35, 2) });
  });

  it("refuses what is no length of time, or no metric", async () => {
    expect(problemIn(await get("compare?field=cpu_ratio&window=soon")).errors?.[0]?.pointer).toBe("/query/window");
    expect(problemIn(await get("compare?field=nope")).status).toBe(400);
  });
});
