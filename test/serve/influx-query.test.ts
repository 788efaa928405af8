// GET and POST /query as Grafana's InfluxDB data source uses them: who may, what is seen, what is refused.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { everything, type Scope } from "../../src/model/access.ts";
import { blocksFromRows, type Row } from "../../src/model/batch.ts";
import { aServer, problemIn, start, type TestServer } from "./serve-fixture.ts";
import { waveStore } from "./wave-store.ts";

const runs = Number(process.env["FUZZ_RUNS"] ?? 200);
const store = waveStore();
let server: TestServer;
let viewer: { readonly authorization: string };

beforeAll(async () => {
  server = await aServer({ deps: { store } });
  viewer = await server.token("viewer");
});

interface Answer {
  readonly results: readonly {
    readonly series?: readonly {
      readonly name?: string;
      readonly tags?: Readonly<Record<string, string>>;
      readonly columns: readonly string[];
      readonly values: readonly (readonly (string | number | null)[])[];
    }[];
    readonly messages?: readonly { readonly text: string }[];
  }[];
}

const get = (q: string, headers: Record<string, string> = viewer, more = "&epoch=ms&db=pilothouse") =>
  server.app.inject({ url: `/query?q=${encodeURIComponent(q)}${more}`, headers });

async function seriesOf(q: string, headers: Record<string, string> = viewer) {
  const response = await get(q, headers);
  if (response.statusCode !== 200) throw new Error(response.body);
  return response.json<Answer>().results[0]?.series ?? [];
}

const hour = "time >= now() - 1h AND time < now()";
const vmids = (series: Awaited<ReturnType<typeof seriesOf>>): string[] =>
  series.map(({ tags }) => String(tags?.["vmid"]));

describe("whoever asks /query", () => {
  const q = `SELECT mean("cpu_ratio") FROM "pve_guest" WHERE ${hour} GROUP BY "vmid"`;

  it("shows a token in the way that its client knows", async () => {
    const token = viewer.authorization.replace("Bearer ", "");
    const basic = Buffer.from(`grafana:${token}`).toString("base64");
    for (const headers of [viewer, { authorization: `Token ${token}` }, { authorization: `Basic ${basic}` }])
      expect((await get(q, headers)).statusCode, JSON.stringify(headers)).toBe(200);
    expect((await get(q, {}, `&u=grafana&p=${token}`)).statusCode).toBe(200);
  });

  it("is refused without a token, with a wrong one, and with one in the address of any other route", async () => {
    const token = viewer.authorization.replace("Bearer ", "");
    for (const headers of [
      {},
      { authorization: "Token ph_wrong" },
      { authorization: "Basic Og==" },
      { authorization: "Token" },
    ])
      expect(problemIn(await get(q, headers as Record<string, string>)).status).toBe(401);
    expect((await get(q, {}, "&u=x&p=ph_wrong")).statusCode).toBe(401);
    expect((await server.app.inject({ url: `/api/v1/guests?p=${token}` })).statusCode).toBe(401);
  });

  it("with a session needs a page of ours to post from", async () => {
    const { cookie } = await server.cookie("viewer", "somebody");
    const post = (headers: Record<string, string>) =>
      server.app.inject({
        method: "POST",
        url: "/query?epoch=ms",
        headers: { cookie, "content-type": "application/x-www-form-urlencoded", ...headers },
        payload: new URLSearchParams({ q }).toString(),
      });
    expect((await post({ origin: "http://evil.example" })).statusCode).toBe(403);
    expect((await post({ "sec-fetch-site": "same-origin" })).statusCode).toBe(200);
  });

  it("posts the query as a form, as Grafana does", async () => {
    const response = await server.app.inject({
      method: "POST",
      url: "/query?db=pilothouse&epoch=ms",
      headers: { ...viewer, "content-type": "application/x-www-form-urlencoded" },
      payload: new URLSearchParams({ q }).toString(),
    });

    expect(response.statusCode).toBe(200);
    expect(vmids(response.json<Answer>().results[0]?.series ?? [])).toEqual(["100", "101", "102", "103"]);
  });

  it("sees what the role and scope of the token show, in values, tags and lists alike", async () => {
    const seen = async (scope: Partial<Scope>) => {
      const headers = await server.token("viewer", scope);
      const values = await seriesOf(`SHOW TAG VALUES FROM "pve_guest" WITH KEY = "vmid"`, headers);
      return {
        rows: vmids(
          await seriesOf(`SELECT mean("cpu_ratio") FROM "pve_guest" WHERE ${hour} GROUP BY "cluster", "vmid"`, headers),
        ),
        values: values.flatMap((series) => series.values.map(([, value]) => value)),
        lists: (await seriesOf("SHOW MEASUREMENTS", headers)).flatMap((series) => series.values.map(([name]) => name)),
      };
    };

    expect(await seen({ ...everything, pools: ["test"] })).toEqual({
      rows: ["102"],
      values: ["102"],
      lists: ["pve_guest"],
    });
    expect((await seen({ clusters: ["other"] })).rows).toEqual(["100"]);
    expect((await seen({ clusters: [] })).lists).toEqual([]);
  });
});

describe("what is shown", () => {
  it("is one database with the catalogue's measurements, fields and tags", async () => {
    const names = async (q: string) => (await seriesOf(q)).flatMap((series) => series.values.map(([name]) => name));

    expect(await names("SHOW DATABASES")).toEqual(["pilothouse"]);
    expect(await names("SHOW measurements")).toEqual(["pve_cluster", "pve_guest", "pve_node", "pve_storage"]);
    expect(await names("SHOW MEASUREMENTS WITH MEASUREMENT =~ /guest|node/ LIMIT 1")).toEqual(["pve_guest"]);
    expect(await names(`SHOW TAG KEYS FROM "pve_guest"`)).toEqual(["cluster", "node", "vmid", "generation", "type"]);
    expect(await names(`SHOW FIELD KEYS FROM "pve_storage"`)).toEqual(["total_bytes", "used_bytes"]);
    expect(await names("SHOW RETENTION POLICIES ON pilothouse")).toEqual(["autogen"]);
    expect(await names(`SHOW TAG KEYS FROM "nothing"`)).toEqual([]);
  });

  it("fills variables that depend on others", async () => {
    const [series] = await seriesOf(`SHOW TAG VALUES FROM "pve_node" WITH KEY = "node" WHERE "cluster" =~ /^(lab|x)$/`);

    expect(series?.values).toEqual([
      ["node", "pve1"],
      ["node", "pve2"],
    ]);
  });

  it("has times in the asked unit", async () => {
    const q = `SELECT mean("cpu_ratio") FROM "pve_node" WHERE ${hour} GROUP BY time(30m)`;
    const first = async (more: string) =>
      (await get(q, viewer, more)).json<Answer>().results[0]?.series?.[0]?.values[0]?.[0];

    expect(await first("&epoch=ms")).toBe(start - 3_600_000);
    expect(await first("&epoch=s")).toBe(start / 1_000 - 3_600);
    expect(await first("&epoch=ns")).toBe((start - 3_600_000) * 1e6);
    expect(await first("")).toBe("2026-01-05T11:00:00Z");
  });

  it("the newest value comes from memory when it lies in the range", async () => {
    store.asked.length = 0;
    const [series] = await seriesOf(
      `SELECT last("cpu_ratio") FROM "pve_guest" WHERE time > now() - 5m AND time <= now() AND "cluster" = 'lab' AND "vmid" = '101'`,
    );

    expect(series?.values).toEqual([[start - 300_000 + 1, 1.5]]);
    expect(store.asked.flatMap(({ ids }) => ids)).toEqual([]);
  });
});

describe("what is refused", () => {
  it.each([
    ["", "missing required parameter"],
    ["DROP DATABASE pilothouse", "Expected SELECT or SHOW"],
    ["SELECT * FROM pve_node", "Expected a field or a function"],
    ["SELECT cpu_ratio FROM pve_node WHERE time > now() - 1h", "Put cpu_ratio into a function"],
    ["SELECT mean(cpu_ratio) FROM pve_node", "needs a lower bound of time"],
    ["SELECT mean(cpu_ratio) FROM pve_node WHERE time > now()", "range of time is empty"],
    ["SELECT mean(nothing) FROM pve_node WHERE time > now() - 1h", "there are cpu_ratio, cpu_count"],
    ["SELECT mean(cpu_ratio) FROM nothing WHERE time > now() - 1h", "there are pve_cluster, pve_node"],
    ["SELECT mean(cpu_ratio) FROM pve_node WHERE name = 'x' AND time > now() - 1h", "is no tag"],
    ["SELECT mean(cpu_ratio) FROM pve_node WHERE time > now() - 1h GROUP BY pool", "is no tag"],
    ["SELECT derivative(cpu_ratio) FROM pve_node WHERE time > now() - 1h", "There is no function derivative()"],
    [
      "SELECT mean(v) FROM (SELECT mean(cpu_ratio) AS w FROM pve_node) WHERE time > now() - 1h",
      "The subquery has no column",
    ],
    ["SELECT mean(cpu_ratio) FROM pve_node WHERE node =~ /(?=a)/ AND time > now() - 1h", "A pattern has"],
    ["SHOW SERIES", "Supported: SELECT"],
    ["SELECT mean(cpu_ratio) FROM pve_node WHERE time > now() - 1h INTO x", "Expected ; or the end"],
  ])("%s", async (q, sentence) => {
    const response = await get(q);
    const problem = problemIn(response) as { status: number; detail: string; error?: string };

    expect(problem.status).toBe(400);
    expect(problem.detail).toContain(sentence);
    expect(problem.error, "InfluxDB's clients read this member").toBe(problem.detail);
  });

  it("another database, and more than the limits", async () => {
    expect(problemIn(await get("SHOW DATABASES", viewer, "&db=telegraf"))).toMatchObject({
      status: 404,
      error: "database not found: there is one database here, pilothouse.",
    });
    expect(
      problemIn(await get(`SELECT mean(cpu_ratio) FROM pve_node WHERE time > now() - 90d GROUP BY time(10s)`)).status,
    ).toBe(422);
    expect(problemIn(await get("SHOW DATABASES", viewer, "&epoch=x")).status).toBe(400);
    expect(problemIn(await get("x".repeat(14_000))).status).toBe(400);
  });
});

describe("the same numbers as /api/v1/series", () => {
  it("for any entity, aggregation, step and range", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(["guest", "100", "lab/guest/100~1"], ["guest", "101", "lab/guest/101~1"]),
        fc.constantFrom(["mean", "avg"], ["min", "min"], ["max", "max"], ["last", "last"]),
        fc.constantFrom(60, 300, 900, 3_600),
        fc.integer({ min: 2, max: 40 }),
        async ([kind, vmid, id], [name, agg], step, count) => {
          const toMs = Math.floor(start / (step * 1_000)) * step * 1_000;
          const fromMs = toMs - count * step * 1_000;
          const [series] = await seriesOf(
            `SELECT ${name}("cpu_ratio") FROM "pve_${kind}" WHERE "cluster" = 'lab' AND "vmid" = '${vmid}' AND time >= ${fromMs}ms AND time < ${toMs}ms GROUP BY time(${step}s)`,
          );
          const response = await server.app.inject({
            url: `/api/v1/series?id=${id}&field=cpu_ratio&from=${fromMs}&to=${toMs}&step=${step}&agg=${agg}`,
            headers: viewer,
          });
          const [other] = response.json<{ series: { time: number[]; value: number[] }[] }>().series;
          expect(series?.values).toEqual(other?.time.map((time, index) => [time, other.value[index]]));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a name or value of any text", () => {
  it("stays a value: it never changes what else the query says", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 40 }), async (text) => {
        const quoted = text.replace(/[\\']/g, "\\$&");
        const response = await get(
          `SELECT mean("cpu_ratio") FROM "pve_guest" WHERE "vmid" = '${quoted}' AND ${hour}; SHOW DATABASES`,
        );
        if (/[\n\r]/.test(text)) return;
        expect(response.statusCode, response.body).toBe(200);
        const [chosen, databases] = response.json<Answer>().results;
        expect(chosen?.series === undefined || ["100", "101", "102", "103"].includes(text)).toBe(true);
        expect(databases?.series?.[0]?.values).toEqual([["pilothouse"]]);
      }),
      { numRuns: runs },
    );
  });

  it("as a whole query is an answer or a 4xx with a sentence, and the store is asked for known ids and metrics only", async () => {
    const words = fc.constantFrom(
      "SELECT",
      "SHOW",
      "mean(",
      "cpu_ratio",
      ")",
      "FROM",
      "pve_guest",
      "WHERE",
      "time",
      ">",
      "now()",
      "- 1h",
      "GROUP BY",
      "time(5m)",
      "vmid",
      "fill(",
      "null",
      "(",
      ";",
      "'x'",
      "/a/",
      "=~",
      "TAG VALUES",
      "WITH KEY =",
      "--",
      "/*",
      "*",
      "UNION",
      "\u0000",
      "'",
      '"',
    );
    store.asked.length = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 25 }), async (parts) => {
        const response = await get(parts.join(" "));
        if (response.statusCode !== 200) expect(problemIn(response).status).toBeLessThan(500);
      }),
      { numRuns: runs },
    );
    for (const { metric, ids } of store.asked) {
      expect(metric).toBe("cpu_ratio");
      for (const id of ids) expect(server.fleet.get(id)).toBeDefined();
    }
  });
});

describe("percentiles over long ranges", () => {
  it("are the store's, of things without samples they come from averages, and the answer says so", async () => {
    const values = Array.from({ length: 100 }, (_, index) => index / 100);
    const rows = ["lab/guest/100~1", "lab/guest/101~1"].flatMap((id) =>
      values.map(
        (value, index): Row => ({
          id,
          ts: start - 86_400_000 + index * 10_000,
          stepS: 10,
          origin: "export",
          node: "pve1",
          values: { cpu_ratio: value },
        }),
      ),
    );
    await store.memory.append({
      batchId: "p",
      cluster: "lab",
      source: "poll",
      marks: {},
      blocks: blocksFromRows(() => "guest", rows),
    });

    const response = await get(
      `SELECT percentile("cpu_ratio", 95) FROM "pve_guest" WHERE time > now() - 20d AND "cluster" = 'lab' GROUP BY "vmid", "generation"`,
    );
    const [result] = response.json<Answer>().results;

    const byVmid = new Map((result?.series ?? []).map((each) => [each.tags?.["vmid"], each.values[0]?.[1]]));
    expect(byVmid.get("100")).toBeCloseTo(0.94, 1);
    expect(byVmid.get("101")).toBeCloseTo(0.94, 1);
    expect(result?.messages?.[0]?.text).toContain("ranks averages of 5 minutes");
  });
});
