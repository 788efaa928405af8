// Questions about many things at once: what they answer, whom they show, and what they refuse.
import { beforeAll, describe, expect, it } from "vitest";
import type { Row } from "../../src/model/batch.ts";
import { aBatch } from "../store/build.ts";
import { aServer, problemIn, start, type TestServer } from "./serve-fixture.ts";
import { waveStore } from "./wave-store.ts";

const store = waveStore();
const hour = 3_600_000;
let server: TestServer;
let headers: Record<string, string>;

/** An hour of samples; the n-th guest uses n tenths of its two CPUs, and its memory grows by n GB. */
const samplesOf = (id: string, n: number): Row[] =>
  Array.from({ length: 360 }, (_, i) => ({
    id,
    ts: start - hour + i * 10_000,
    stepS: 10,
    origin: "export" as const,
    node: "pve1",
    values: { cpu_ratio: n / 10, cpu_count: 2, mem_used_bytes: 1e10 + (n * 1e9 * i) / 360 },
  }));

beforeAll(async () => {
  server = await aServer({ deps: { store } });
  headers = await server.token("viewer");
  await store.memory.append(aBatch(["lab/guest/100~1", "lab/guest/101~1"].flatMap((id, i) => samplesOf(id, i + 1))));
  store.memory.rollup(start + hour);
});

const get = (path: string, more: object = {}) =>
  server.app.inject({ url: `/api/v1/${path}`, headers: { ...headers, ...more } });

describe("the latest values", () => {
  it("come as columns of everything of a kind that the caller may see; absent stays null", async () => {
    const all = await get("latest?field=cpu_ratio,running&cluster=lab");
    const scoped = await server.token("viewer", { clusters: ["other"] });
    const theirs = await server.app.inject({ url: "/api/v1/latest?field=cpu_ratio", headers: scoped });

    expect(all.json()).toEqual({
      id: ["lab/guest/100~1", "lab/guest/101~1", "lab/guest/102~1", "lab/guest/103~2"],
      time: [start, start, null, null],
      fields: { cpu_ratio: [0.75, 1.5, null, null], running: [1, 1, null, null] },
    });
    expect(theirs.json()).toMatchObject({ id: ["other/guest/100~1"] });
    expect(problemIn(await get("latest?field=nope")).errors?.[0]?.pointer).toBe("/query/field");
    expect(problemIn(await get("latest")).status).toBe(400);
  });
});

describe("quantiles", () => {
  it("come for everything of a kind, field by field, and say what they rest on", async () => {
    const response = await get("quantiles?field=cpu_ratio,mem_used_bytes&p=0.5,1&from=-1h");

    expect(response.json()).toMatchObject({
      p: [0.5, 1],
      method: "nearest-rank",
      sets: [
        {
          field: "cpu_ratio",
          unit: "ratio",
          source: "raw",
          exact: true,
          from: start - hour,
          to: start,
          error: null,
          rows: [
            { id: "lab/guest/100~1", values: [0.1, 0.1], samples: 360, averaged: 0 },
            { id: "lab/guest/101~1", values: [0.2, 0.2], samples: 360, averaged: 0 },
          ],
        },
        { field: "mem_used_bytes", unit: "bytes" },
      ],
    });
  });

  it("come as CSV, one line for each thing and field", async () => {
    const { body } = await get("quantiles?field=cpu_ratio&p=0.95&from=-1h", { accept: "text/csv" });

    expect(body.split("\r\n").slice(0, 2)).toEqual([
      "id,field,unit,source,exact,samples,averaged,p0.95",
      "lab/guest/100~1,cpu_ratio,ratio,raw,true,360,0,0.1",
    ]);
  });

  it("show a scoped caller only what lies in the scope", async () => {
    const scoped = await server.token("viewer", { clusters: ["other"] });
    const all = await server.app.inject({ url: "/api/v1/quantiles?field=cpu_ratio&from=-1h", headers: scoped });
    const named = await server.app.inject({
      url: "/api/v1/quantiles?field=cpu_ratio&from=-1h&id=lab/guest/100",
      headers: scoped,
    });

    expect(all.json<{ sets: { rows: unknown[] }[] }>().sets[0]?.rows).toEqual([]);
    expect(problemIn(named).status).toBe(404);
  });

  it("say what is wrong with a question", async () => {
    const wrong = async (query: string) => {
      const problem = problemIn(await get(`quantiles?${query}`));
      return [problem.status, problem.errors?.[0]?.pointer];
    };

    expect(await wrong("")).toEqual([400, "/query/field"]);
    expect(await wrong("field=nope")).toEqual([400, "/query/field"]);
    expect(await wrong("field=net_in_bytes_total")).toEqual([400, "/query/field"]);
    expect(await wrong("field=cpu_ratio&p=95")).toEqual([400, "/query/p/0"]);
    expect(await wrong("field=cpu_ratio&p=half")).toEqual([400, "/query/p/0"]);
    expect(await wrong("field=cpu_ratio&from=now&to=-1h")).toEqual([400, "/query/from"]);
    expect(await wrong("field=cpu_ratio&kind=node&id=lab/guest/100")).toEqual([400, "/query/id"]);
    expect(await wrong(`field=cpu_ratio&id=${Array.from({ length: 201 }, (_, i) => `lab/guest/${i}`).join()}`)).toEqual(
      [422, undefined],
    );
  });
});

describe("trends", () => {
  it("put what grows most first, cut after top", async () => {
    const response = await get("trends?field=mem_used_bytes&from=-1h&top=1");
    const body = response.json<{ trends: { growth: number; slope_per_day: number }[] }>();
    const [steepest] = body.trends;

    expect(body).toMatchObject({ field: "mem_used_bytes", unit: "bytes", tier: "5m", exact: true });
    expect(body.trends).toHaveLength(1);
    expect(steepest).toMatchObject({ id: "lab/guest/101~1", points: 12, first: start - hour + 150_000 });
    expect((steepest?.growth ?? 0) / 2e9).toBeCloseTo(55 / 60, 6);
    expect((steepest?.slope_per_day ?? 0) / (24 * 2e9)).toBeCloseTo(1, 6);
  });

  it("come as CSV", async () => {
    const { body } = await get("trends?field=mem_used_bytes&from=-1h", { accept: "text/csv" });

    expect(body.split("\r\n")[0]).toBe("id,slope_per_day,growth,mean,points,first,last");
    expect(body.split("\r\n")).toHaveLength(4);
  });

  it("say what is wrong with a question", async () => {
    expect(problemIn(await get("trends?field=nope")).status).toBe(400);
    expect(problemIn(await get("trends?field=cpu_ratio&top=0")).errors?.[0]?.pointer).toBe("/query/top");
  });
});

describe("totals", () => {
  it("are the cores that all guests use together", async () => {
    const response = await get("totals?field=cpu_ratio&weight=cpu_count&from=-1h&step=1h");
    const body = response.json<{ sum: number[] }>();

    expect(body).toMatchObject({
      field: "cpu_ratio",
      weight: "cpu_count",
      step_seconds: 3600,
      tier: "1h",
      exact: true,
      left_out: 0,
      time: [start - hour],
      weights: [4],
    });
    expect(body.sum[0]).toBeCloseTo(0.6, 9);
  });

  it("say what is wrong with a question, and bring no more points than a series", async () => {
    const wrong = async (query: string) => problemIn(await get(`totals?${query}`)).status;

    expect(await wrong("field=cpu_ratio&weight=nope")).toBe(400);
    expect(await wrong("field=cpu_ratio&step=7s&from=-1h")).toBe(400);
    expect(await wrong("field=cpu_ratio&step=raw")).toBe(400);
    expect(await wrong("field=cpu_ratio&step=5m&from=-52w")).toBe(422);
  });
});
