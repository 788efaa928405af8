import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { csvCell } from "../../src/serve/lists/csv.ts";
import { comparePlaces } from "../../src/serve/lists/sort.ts";
import { aFinding, aGuest } from "../build.ts";
import { nothingAsked } from "./no-analysis.ts";
import { aServer, problemIn, start, type TestServer } from "./serve-fixture.ts";
import { setValues } from "./small-fleet.ts";

let server: TestServer;
let headers: Record<string, string>;

beforeAll(async () => {
  server = await aServer();
  headers = await server.token("viewer");
});

interface Page {
  readonly items: readonly { readonly id: string; readonly name: string; readonly values: Record<string, number> }[];
  readonly next: string | null;
}

const get = (url: string, more: Record<string, string> = {}) =>
  server.app.inject({ url, headers: { ...headers, ...more } });
const page = async (url: string): Promise<Page> => (await get(url)).json();
const names = async (query: string): Promise<string[]> =>
  (await page(`/api/v1/guests?${query}`)).items.map((item) => item.name);

describe("lists", () => {
  it("show an entity with its latest values, age and link", async () => {
    const { items } = await page("/api/v1/guests?q=web&cluster=lab");

    expect(items[0]).toEqual({
      kind: "guest",
      id: "lab/guest/100~1",
      cluster: "lab",
      name: "web",
      first_seen_at: "2026-01-04T12:00:00.000Z",
      last_seen_at: "2026-01-05T12:00:00.000Z",
      gone_at: null,
      web_url: "https://lab.example:8006/#v1:0:=qemu/100",
      values: { cpu_ratio: 0.75, running: 1 },
      values_at: "2026-01-05T12:00:00.000Z",
      period_seconds: 10,
      vmid: 100,
      generation: 1,
      type: "qemu",
      node: "pve1",
      status: "running",
      template: false,
      lock: null,
      tags: ["web", "team-a"],
      pool: "prod",
      ha_state: null,
      created_at: null,
    });
  });

  it("link nodes, containers and storages to PVE's own page, and nothing where there is none", async () => {
    const links = async (list: string) =>
      ((await page(`/api/v1/${list}`)).items as unknown as { id: string; web_url: string | null }[]).map((item) => [
        item.id,
        item.web_url,
      ]);

    expect(await links("nodes")).toContainEqual(["lab/node/pve1", "https://lab.example:8006/#v1:0:=node/pve1"]);
    expect(await links("guests")).toContainEqual(["lab/guest/102~1", "https://lab.example:8006/#v1:0:=lxc/102"]);
    expect(await links("storages")).toContainEqual([
      "lab/storage/@nfs",
      "https://lab.example:8006/#v1:0:=storage/pve1/nfs",
    ]);
    expect(await links("guests")).toContainEqual(["other/guest/100~1", null]);
  });

  it("filter by field, by several values, and by words", async () => {
    expect(await names("cluster=lab&status=stopped")).toEqual(["ct"]);
    expect(await names("pool=prod,test&cluster=lab")).toEqual(["ct", "db", "web"]);
    expect(await names("tag=db&tag=team-a")).toEqual(["db", "web"]);
    expect(await names("q=prod%20pve2")).toEqual(["db"]);
    expect(await names("vmid=103&gone=true")).toEqual(["new", "old"]);
    expect(await names("vmid=103")).toEqual(["new"]);
  });

  it("sort by several keys and by values, absent ones last either way", async () => {
    expect(await names("sort=-name")).toEqual(["web", "new", "foreign", "db", "ct"]);
    expect(await names("sort=values.cpu_ratio,name")).toEqual(["web", "db", "ct", "foreign", "new"]);
    expect(await names("sort=-values.cpu_ratio,name")).toEqual(["db", "web", "ct", "foreign", "new"]);
    expect(await names("sort=-type,-vmid")).toEqual(["new", "db", "web", "foreign", "ct"]);
  });

  it("say which field is wrong", async () => {
    expect(problemIn(await get("/api/v1/guests?sort=nmae")).errors).toMatchObject([{ pointer: "/query/sort" }]);
    expect(problemIn(await get("/api/v1/guests?limit=0")).errors).toMatchObject([{ pointer: "/query/limit" }]);
    expect(problemIn(await get("/api/v1/guests?nmae=x")).detail).toContain("nmae");
    expect(problemIn(await get("/api/v1/guests?cursor=abc")).errors).toMatchObject([{ pointer: "/query/cursor" }]);
  });

  it("put open problems first, worst first", async () => {
    const codes = ((await page("/api/v1/problems")).items as unknown as { code: string }[]).map((item) => item.code);

    expect(codes).toEqual(["node_unreachable", "node_unreachable", "disk_full"]);
  });

  it("show one entity by its id, a guest without generation as the current one", async () => {
    expect((await get("/api/v1/entities/lab%2Fguest%2F103")).json()).toMatchObject({
      id: "lab/guest/103~2",
      name: "new",
    });
    expect((await get("/api/v1/entities/lab%2Fguest%2F103~1")).json()).toMatchObject({
      name: "old",
      gone_at: "2026-01-05T11:59:59.000Z",
    });
    expect((await get("/api/v1/entities/lab%2Fstorage%2F%40nfs")).json()).toMatchObject({ shared: true });
  });
});

describe("pages", () => {
  it("walked to the end are the whole sorted list, whatever the page's size and order", async () => {
    const big = await aServer();
    const own = await big.token("viewer");
    const guests = Array.from({ length: 60 }, (_, index) =>
      aGuest("lab", 1_000 + index, start, {
        name: `n${index % 7}`,
        status: index % 3 === 0 ? "running" : "stopped",
        tags: [`t${index % 2}`],
      }),
    );
    big.fleet.applyEvent({ type: "inventory", cluster: "lab", changed: guests });
    setValues(
      big.fleet,
      start + 1,
      Object.fromEntries(guests.slice(0, 30).map((guest, index) => [guest.id, { cpu_ratio: index % 5 }])),
    );
    const fetch = async (query: string): Promise<Page> =>
      (await big.app.inject({ url: `/api/v1/guests?${query}`, headers: own })).json();

    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 25 }),
        fc.uniqueArray(
          fc.constantFrom(
            "name",
            "-name",
            "status",
            "-values.cpu_ratio",
            "values.cpu_ratio",
            "tags",
            "-vmid",
            "-pool",
            "template",
          ),
          { maxLength: 3 },
        ),
        async (limit, sort) => {
          const query = sort.length === 0 ? "" : `&sort=${sort.join(",")}`;
          const whole = (await fetch(`limit=1000${query}`)).items.map((item) => item.id);
          const walked: string[] = [];
          let cursor: string | null = "";
          while (cursor !== null) {
            const part: Page = await fetch(`limit=${limit}${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
            walked.push(...part.items.map((item) => item.id));
            cursor = part.next;
          }
          expect(walked).toEqual(whole);
          expect(new Set(walked).size).toBe(65);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("go on behind the last item when others came or went meanwhile", async () => {
    const own = await aServer();
    const token = await own.token("viewer");
    const fetch = async (query: string): Promise<Page> =>
      (await own.app.inject({ url: `/api/v1/guests?${query}`, headers: token })).json();
    const first = await fetch("limit=2&sort=name");
    own.fleet.applyEvent({
      type: "inventory",
      cluster: "lab",
      changed: [aGuest("lab", 102, start, { name: "ct", goneAt: start }), aGuest("lab", 900, start, { name: "aaa" })],
    });

    const second = await fetch(`limit=10&sort=name&cursor=${first.next ?? ""}`);

    expect(first.items.map((item) => item.name)).toEqual(["ct", "db"]);
    expect(second.items.map((item) => item.name)).toEqual(["foreign", "new", "web"]);
  });

  it("are in a total order", () => {
    const steps = [
      { name: "a", descending: false },
      { name: "b", descending: true },
    ];
    const numbers = fc.oneof(fc.integer(), fc.constant(null));
    const place = fc.record({ keys: fc.tuple(fc.oneof(fc.string(), fc.constant(null)), numbers), id: fc.string() });
    fc.assert(
      fc.property(place, place, place, (a, b, c) => {
        expect(Math.sign(comparePlaces(steps, a, b))).toBe(-Math.sign(comparePlaces(steps, b, a)) + 0);
        if (comparePlaces(steps, a, b) < 0 && comparePlaces(steps, b, c) < 0)
          expect(comparePlaces(steps, a, c)).toBeLessThan(0);
      }),
    );
  });
});

describe("CSV", () => {
  it("holds the whole list, numbers as numbers", async () => {
    const response = await get("/api/v1/guests?cluster=lab&sort=vmid", { accept: "text/csv" });
    const lines = response.body.split("\r\n");

    expect(response.headers["content-type"]).toContain("text/csv");
    expect(lines).toHaveLength(6);
    expect(lines[0]).toContain("values.cpu_ratio");
    expect(lines[1]).toContain("lab/guest/100~1");
    expect(lines[1]).toContain("web;team-a");
    expect(lines[1]).toContain(",0.75,");
  });

  it("comes only when it is asked for before JSON", async () => {
    const type = async (accept: string) =>
      String((await get("/api/v1/guests", { accept })).headers["content-type"]).split(";")[0];

    expect(await type("text/csv")).toBe("text/csv");
    expect(await type("application/json;q=0.5, text/csv")).toBe("text/csv");
    expect(await type("application/json, text/csv;q=0.5")).toBe("application/json");
    expect(await type("*/*")).toBe("application/json");
    expect(await type("text/html")).toBe("application/json");
  });

  it("makes no formula of any text, and gives the text back when it is read", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.constantFrom("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", '"=1', "\uFF1D1"),
        ),
        (text) => {
          const cell = csvCell(text);
          const read = /^".*"$/s.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell;
          expect(read).not.toMatch(/^[\s]*[=+\-@\t\r]/);
          expect(read.endsWith(text)).toBe(true);
          if (!/^"/.test(cell)) expect(cell).not.toMatch(/[",\r\n]/);
        },
      ),
    );
  });

  it("leaves negative numbers alone", () => {
    expect(csvCell(-1.5)).toBe("-1.5");
    expect(csvCell(Number.NaN)).toBe("");
  });
});

describe("names that mean harm", () => {
  const bad = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "a\r\nSet-Cookie: x=1",
    "'; drop table users; --",
    "\u0000\u001b[31m",
    "\ud800",
  ];

  it("stay text in JSON, CSV and headers", async () => {
    const own = await aServer();
    const token = await own.token("viewer");
    const guests = bad.map((name, index) =>
      aGuest("lab", 500 + index, start, { name, tags: [name], pool: name, node: name }),
    );
    own.fleet.applyEvent({ type: "inventory", cluster: "lab", changed: guests });

    const json = await own.app.inject({ url: "/api/v1/guests?vmid=500,501,502,503,504,505&sort=vmid", headers: token });
    const csv = await own.app.inject({ url: "/api/v1/guests", headers: { ...token, accept: "text/csv" } });

    expect(json.json<Page>().items.map((item) => item.name)).toEqual(bad);
    expect(json.headers["content-type"]).toContain("application/json");
    expect(json.headers["x-content-type-options"]).toBe("nosniff");
    expect(json.headers["set-cookie"]).toBeUndefined();
    expect(csv.body).not.toMatch(/(^|,|\n)"?=HYPER/);
    expect(csv.body).toContain(`"'=HYPERLINK(""http://x"")"`);
  });

  it("in a query find nothing and break nothing", async () => {
    for (const text of bad.slice(0, 5)) {
      const response = await get(`/api/v1/guests?q=${encodeURIComponent(text)}`);
      expect(response.json<Page>().items).toEqual([]);
    }
  });
});

describe("the description of the API", () => {
  it("is OpenAPI 3.1 and says of every operation what it is, needs, answers and refuses", async () => {
    const document = (await server.app.inject({ url: "/api/openapi.json" })).json<{
      openapi: string;
      paths: Record<
        string,
        Record<string, { summary?: string; security?: unknown[]; responses: object; "x-permission"?: string }>
      >;
    }>();

    expect(document.openapi).toMatch(/^3\.1/);
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const what = `${method} ${path}`;
        expect(operation.summary, what).toBeTruthy();
        expect(operation["x-permission"], what).toMatch(/^(public|[a-z]+:[a-z]+)$/);
        expect(operation.security, what).toHaveLength(operation["x-permission"] === "public" ? 0 : 2);
        expect(Object.keys(operation.responses), what).toEqual(expect.arrayContaining(["4XX", "5XX"]));
      }
    }
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(["/api/v1/guests", "/api/v1/series", "/healthz", "/metrics"]),
    );
  });

  it("is what the answers are", async () => {
    const admin = await server.token("admin");
    const document = (await server.app.inject({ url: "/api/openapi.json" })).json<{
      paths: Record<string, { get?: { responses: Record<string, { content?: Record<string, { schema: object }> }> } }>;
    }>();
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, "api");
    const urls: Record<string, string> = {
      "/api/v1/entities/{id}": "/api/v1/entities/lab%2Fguest%2F100~1",
      "/api/v1/entities/{id}/facts": "/api/v1/entities/lab%2Fnode%2Fpve1/facts",
      "/api/v1/series": "/api/v1/series?id=lab/guest/100&field=cpu_ratio,mem_used_bytes",
      "/api/v1/latest": "/api/v1/latest?field=cpu_ratio",
      "/api/v1/quantiles": "/api/v1/quantiles?field=cpu_ratio",
      "/api/v1/trends": "/api/v1/trends?field=mem_used_bytes",
      "/api/v1/totals": "/api/v1/totals?field=cpu_ratio&weight=cpu_count",
      "/api/v1/findings/changes": "/api/v1/findings/changes?id=memory-leak:lab/guest/100~1",
      "/api/v1/costs/price": "/api/v1/costs/price?cluster=lab&cores=2&memory_gib=4",
      "/api/v1/costs/roi": "/api/v1/costs/roi?programme_cost=1000&months=3",
      "/api/v1/risks/detail": "/api/v1/risks/detail?id=memory-leak:lab/guest/100~1",
      "/api/v1/forecasts/series": "/api/v1/forecasts/series?id=lab/guest/100~1&field=cpu_ratio",
      "/api/v1/capacity/need": "/api/v1/capacity/need?cluster=lab&name=web",
      "/api/v1/compare": "/api/v1/compare?field=cpu_ratio",
      "/query": "/query?q=SELECT+mean(cpu_ratio)+FROM+pve_guest+WHERE+time+>+now()-1h+GROUP+BY+vmid",
    };
    await server.state.findings.replace("risks", [aFinding({ subject: "lab/guest/100~1" })]);
    let checked = 0;
    for (const [path, { get: operation }] of Object.entries(document.paths)) {
      if (operation?.responses["200"]?.content?.["application/json"] === undefined) continue;
      const response = await server.app.inject({ url: urls[path] ?? path, headers: admin });
      // What analysis is asked for is held against its description where analysis is there to answer.
      if (response.json<{ detail?: string }>().detail === nothingAsked) continue;
      const pointer = `api#/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D")}/get/responses/200/content/application~1json/schema`;
      const validate = ajv.getSchema(pointer);
      if (validate === undefined) throw new Error(`no schema for ${path}`);
      expect(response.statusCode, path).toBe(200);
      expect(validate(response.json()), `${path}: ${JSON.stringify(validate.errors)}`).toBe(true);
      checked++;
    }
    expect(checked).toBeGreaterThanOrEqual(15);
  });
});
