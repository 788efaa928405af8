import { mkdirSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { connect, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { generate } from "selfsigned";
import { beforeAll, describe, expect, it } from "vitest";
import { ConfigError, ListenError } from "../../src/lib/errors.ts";
import type { Log } from "../../src/lib/log.ts";
import { Secret } from "../../src/lib/secret.ts";
import { everything } from "../../src/model/access.ts";
import { listedPages } from "../../src/model/page-names.ts";
import { aFolder, aServer, password, problemIn, type TestServer } from "./serve-fixture.ts";
import { waveStore } from "./wave-store.ts";

let server: TestServer;
let token: { readonly authorization: string };

beforeAll(async () => {
  server = await aServer();
  token = await server.token("admin");
});

describe("every answer", () => {
  it("carries the security headers, errors and files included", async () => {
    const page = aPage();
    const own = await aServer({ deps: { webRoot: page } });
    const admin = await own.token("admin");
    const routes = own.declaredRoutes.map(
      ({ method, url }) => [method, url.replace(":id", "x").replace("*", "tasks")] as const,
    );
    for (const [method, url] of [
      ...routes,
      ["GET", "/nothing"],
      ["PUT", "/api/v1/guests"],
      ["GET", "/%zz"],
      ["GET", "/assets/main-AB12CD34.js"],
    ] as const) {
      const { headers, statusCode } = await own.app.inject({ method: method as "GET", url, headers: admin });
      const what = `${method} ${url} ${statusCode}`;
      expect(headers["content-security-policy"], what).toContain("default-src 'none'");
      expect(headers["content-security-policy"], what).toContain("frame-ancestors 'none'");
      expect(headers["content-security-policy"], what).not.toMatch(/script-src[^;]*unsafe/);
      expect(headers["x-content-type-options"], what).toBe("nosniff");
      expect(headers["referrer-policy"], what).toBe("no-referrer");
      expect(headers["permissions-policy"], what).toContain("camera=()");
      expect(headers["cross-origin-opener-policy"], what).toBe("same-origin");
      expect(headers["cross-origin-resource-policy"], what).toBe("same-origin");
      expect(headers["strict-transport-security"], what).toBeUndefined();
      if (url.startsWith("/api/v1")) expect(headers["cache-control"], what).toBe("no-store");
    }
  });

  it("to what is no HTTP is a problem too", async () => {
    const { url } = await server.listen();
    const { port } = new URL(url);
    const raw = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => socket.write("GARBAGE\r\n\r\n"));
      let text = "";
      socket.on("data", (data) => {
        text += data.toString();
      });
      socket.on("close", () => resolve(text));
    });

    expect(raw).toMatch(/^HTTP\/1\.1 400 /);
    expect(raw).toContain("content-type: application/problem+json");
    expect(raw).toContain("x-content-type-options: nosniff");
  });
});

describe("errors", () => {
  const send = (method: string, url: string, more: object = {}) =>
    server.app.inject({ method: method as "GET", url, headers: token, ...more });

  it("name method, size, type and syntax", async () => {
    expect(problemIn(await send("PUT", "/api/v1/guests")).status).toBe(405);
    expect((await send("PUT", "/api/v1/guests")).headers["allow"]).toBe("GET, HEAD");
    expect(problemIn(await send("GET", "/api/v1/nothing")).status).toBe(404);
    expect(problemIn(await send("GET", `/api/v1/guests?q=${"x".repeat(20_000)}`)).status).toBe(414);
    const headers = { ...token, "content-type": "application/json" };
    expect(problemIn(await send("POST", "/api/v1/session", { headers, payload: "{" })).status).toBe(400);
    expect(
      problemIn(await send("POST", "/api/v1/session", { headers, payload: `{"name":"${"x".repeat(70_000)}"}` })).status,
    ).toBe(413);
    expect(
      problemIn(
        await send("POST", "/api/v1/session", { headers: { ...token, "content-type": "text/plain" }, payload: "x" }),
      ).status,
    ).toBe(415);
    expect(problemIn(await send("POST", "/api/v1/session", { payload: { name: "x" } })).errors).toMatchObject([
      { pointer: "/body/password" },
    ]);
  });

  it("from inside tell nothing but the request's id, and are logged once", async () => {
    const logged: object[] = [];
    const log: Log = {
      error: (data) => logged.push(data),
      warn: () => 0,
      info: () => 0,
      debug: () => 0,
      child: () => log,
    };
    const store = {
      ...waveStore(),
      range: () => Promise.reject(new Error("no such table: secret_table in /var/lib/x.db")),
    };
    const own = await aServer({ deps: { store }, log });

    const response = await own.app.inject({
      url: "/api/v1/series?id=lab/cluster&field=quorate",
      headers: await own.token("viewer"),
    });

    const problem = problemIn(response);
    expect(problem.status).toBe(500);
    expect(response.body).not.toContain("secret_table");
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ requestId: problem.request_id });
    expect(response.headers["x-request-id"]).toBe(problem.request_id);
  });

  it("of readiness say why", async () => {
    const own = await aServer({ deps: { readiness: () => ["the journal is full"] } });

    const problem = problemIn(await own.app.inject({ url: "/readyz" }));

    expect(problem.status).toBe(503);
    expect(problem.reasons).toEqual(["the journal is full"]);
    expect((await own.app.inject({ url: "/healthz" })).statusCode).toBe(200);
  });
});

describe("the Host header", () => {
  const withHost = async (host: string, own = server) =>
    (await own.app.inject({ url: "/api/v1/about", headers: { host } })).statusCode;

  it("must be a name of this service", async () => {
    expect(await withHost("localhost:7060")).toBe(200);
    expect(await withHost("127.0.0.1:7060")).toBe(200);
    expect(await withHost("[::1]:7060")).toBe(200);
    expect(await withHost("evil.example")).toBe(421);
    expect(await withHost("localhost.evil.example:7060")).toBe(421);
    expect(await withHost("192.0.2.7")).toBe(421);
  });

  it("may be a configured one", async () => {
    const own = await aServer({
      settings: { publicUrl: "https://metrics.example/ph/", allowedHosts: ["other.example"] },
    });

    expect(await withHost("metrics.example", own)).toBe(200);
    expect(await withHost("OTHER.example:80", own)).toBe(200);
    expect(await withHost("third.example", own)).toBe(421);
  });

  it("is taken from a proxy only when the proxy is trusted", async () => {
    const own = await aServer({ settings: { trustedProxies: ["10.0.0.0/8"], allowedHosts: ["metrics.example"] } });
    const headers = { host: "inner", "x-forwarded-host": "metrics.example" };

    expect((await own.app.inject({ url: "/api/v1/about", headers, remoteAddress: "10.1.2.3" })).statusCode).toBe(200);
    expect((await own.app.inject({ url: "/api/v1/about", headers, remoteAddress: "192.0.2.1" })).statusCode).toBe(421);
  });
});

describe("signing in", () => {
  const origin = "http://localhost";
  const logIn = (own: TestServer, name: string, secret: string, more: object = {}) =>
    own.app.inject({
      method: "POST",
      url: "/api/v1/session",
      headers: { origin, host: "localhost" },
      payload: { name, password: secret },
      ...more,
    });
  const cookieOf = (response: { headers: Record<string, unknown> }): string =>
    [response.headers["set-cookie"]].flat().join("; ");

  it("sets a cookie that scripts and strangers cannot use, and out again ends the session", async () => {
    const own = await aServer();
    await own.cookie("operator", "ann");
    const response = await logIn(own, "ann", password);
    const set = cookieOf(response);

    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ name: "ann", role: "operator" });
    expect(set).toMatch(/^pilothouse=[\w-]{43};/);
    expect(set).toMatch(/HttpOnly/);
    expect(set).toMatch(/SameSite=Strict/);
    expect(set).not.toMatch(/Secure/);
    const headers = { cookie: set.split(";")[0] ?? "", origin, host: "localhost" };
    expect((await own.app.inject({ url: "/api/v1/me", headers })).statusCode).toBe(200);
    expect((await own.app.inject({ method: "DELETE", url: "/api/v1/session", headers })).statusCode).toBe(204);
    expect((await own.app.inject({ url: "/api/v1/me", headers })).statusCode).toBe(401);
  });

  it("gives a new session each time and ends the one before", async () => {
    const own = await aServer();
    const before = await own.cookie("viewer", "ann");
    const response = await logIn(own, "ann", password, { headers: { ...before, origin, host: "localhost" } });

    expect(cookieOf(response)).not.toContain(before.cookie);
    expect((await own.app.inject({ url: "/api/v1/me", headers: before })).statusCode).toBe(401);
  });

  it("lets a user change the password with the current one; every other session ends, and the old one is worth nothing", async () => {
    const own = await aServer();
    const first = await own.cookie("viewer", "ann");
    const second = { cookie: cookieOf(await logIn(own, "ann", password)).split(";")[0] ?? "" };
    const me = async (headers: Record<string, string>): Promise<number> =>
      (await own.app.inject({ url: "/api/v1/me", headers })).statusCode;
    const change = (payload: object, headers: Record<string, string> = second) =>
      own.app.inject({
        method: "POST",
        url: "/api/v1/session/password",
        headers: { ...headers, origin, host: "localhost" },
        payload,
      });

    const wrong = problemIn(await change({ current: "not it at all", password: "another long secret" }));
    const short = problemIn(await change({ current: password, password: "short" }));
    const same = problemIn(await change({ current: password, password }));
    const byToken = problemIn(
      await change({ current: password, password: "another long secret" }, await own.token("admin")),
    );
    const good = await change({ current: password, password: "another long secret" });

    expect([wrong.status, short.status, same.status, byToken.status]).toEqual([422, 400, 422, 422]);
    expect(wrong.detail).toBe("The current password is wrong.");
    expect(good.statusCode).toBe(204);
    expect([await me(first), await me(second)]).toEqual([401, 200]);
    expect((await logIn(own, "ann", password)).statusCode).toBe(401);
    expect((await logIn(own, "ann", "another long secret")).statusCode).toBe(200);
  });

  it("becomes slow where somebody tries current passwords on an open session", async () => {
    const own = await aServer();
    const headers = { ...(await own.cookie("viewer", "ann")), origin, host: "localhost" };
    const codes: number[] = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      const payload = { current: `guess ${attempt}`, password: "another long secret" };
      codes.push(
        (await own.app.inject({ method: "POST", url: "/api/v1/session/password", headers, payload })).statusCode,
      );
    }

    expect(codes).toEqual([422, 422, 422, 422, 422, 429, 429]);
  });

  it("does not tell whether a name exists", async () => {
    const own = await aServer();
    await own.cookie("viewer", "ann");
    const [known, unknown] = [problemIn(await logIn(own, "ann", "wrong")), problemIn(await logIn(own, "bob", "wrong"))];

    expect(known.status).toBe(401);
    expect({ ...known, request_id: "" }).toEqual({ ...unknown, request_id: "" });
  });

  it("becomes slow after wrong passwords, for the account from anywhere, known or not", async () => {
    const own = await aServer();
    await own.cookie("viewer", "ann");
    for (const name of ["ann", "nobody"]) {
      const codes: number[] = [];
      for (let attempt = 0; attempt < 7; attempt++) {
        codes.push(
          (await logIn(own, name, "wrong", { remoteAddress: `192.0.2.${attempt}`, headers: { host: "localhost" } }))
            .statusCode,
        );
      }
      expect(codes).toEqual([401, 401, 401, 401, 401, 429, 429]);
    }
    const refused = await logIn(own, "ann", password);
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    own.clock.advance(61_000);
    expect((await logIn(own, "ann", password)).statusCode).toBe(200);
  });

  it("becomes slow for an address that tries many names, also all at once", async () => {
    const own = await aServer();
    const codes = await Promise.all(
      Array.from({ length: 14 }, async (_, index) => (await logIn(own, `name${index}`, "wrong")).statusCode),
    );

    expect(codes.filter((code) => code === 401)).toHaveLength(10);
    expect(codes.filter((code) => code === 429)).toHaveLength(4);
  });

  it("needs nobody's password on this machine in the demo, to read and no more", async () => {
    const own = await aServer({ settings: { demo: true, anonymousLoopbackRead: true } });
    const me = async (more: object) => (await own.app.inject({ url: "/api/v1/me", ...more })).statusCode;

    expect((await own.app.inject({ url: "/api/v1/me" })).json()).toMatchObject({ name: "anonymous", role: "viewer" });
    expect(await me({ remoteAddress: "192.0.2.1" })).toBe(401);
    expect(await me({ headers: { "x-forwarded-for": "127.0.0.1" } })).toBe(401);
    expect(await me({ headers: { authorization: "Bearer ph_wrong" } })).toBe(401);
    expect(await me({ headers: { cookie: "pilothouse=old" } })).toBe(200);
    expect((await own.app.inject({ url: "/metrics" })).body).toContain("pilothouse_test_extra 1");
    expect((await own.app.inject({ url: "/api/v1/users" })).statusCode).toBe(403);
  });

  it("is not possible with a token in the address", async () => {
    const secret = token.authorization.slice("Bearer ".length);

    expect((await server.app.inject({ url: `/api/v1/me?token=${secret}&access_token=${secret}` })).statusCode).toBe(
      401,
    );
  });
});

describe("the first administrator", () => {
  const setUp = (own: TestServer, secret: string, more: object = {}) =>
    own.app.inject({
      method: "POST",
      url: "/api/v1/setup",
      payload: { token: secret, name: "ann", password, ...more },
    });

  it("is made by a link that works once", async () => {
    const own = await aServer();
    const secret = (await own.state.setupLinks.create()).reveal();
    expect((await own.app.inject({ url: "/api/v1/about" })).json()).toMatchObject({ auth: { setup_needed: true } });

    expect((await setUp(own, "guess")).statusCode).toBe(403);
    expect((await setUp(own, secret, { password: "short" })).statusCode).toBe(400);
    const made = await setUp(own, secret);

    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({ role: "admin", scope: everything });
    expect(made.headers["set-cookie"]).toBeDefined();
    expect((await setUp(own, secret, { name: "bob" })).statusCode).toBe(403);
    expect((await own.app.inject({ url: "/api/v1/about" })).json()).toMatchObject({ auth: { setup_needed: false } });
  });

  it("is not the last one to go", async () => {
    const own = await aServer();
    const ann = await own.state.users.create({
      name: "ann",
      password: new Secret(password),
      role: "admin",
      scope: everything,
    });
    const admin = await own.token("admin");

    const response = await own.app.inject({ method: "DELETE", url: `/api/v1/users/${ann?.id ?? ""}`, headers: admin });

    expect(problemIn(response).status).toBe(409);
  });
});

describe("tokens", () => {
  it("show their secret once and end when revoked", async () => {
    const made = (
      await server.app.inject({
        method: "POST",
        url: "/api/v1/tokens",
        headers: token,
        payload: { name: "g", role: "viewer" },
      })
    ).json<{ id: string; secret: string }>();
    const headers = { authorization: `Bearer ${made.secret}` };

    expect(made.secret).toMatch(/^ph_/);
    expect((await server.app.inject({ url: "/api/v1/tokens", headers: token })).body).not.toContain(made.secret);
    expect((await server.app.inject({ url: "/api/v1/me", headers })).statusCode).toBe(200);
    expect(
      (await server.app.inject({ method: "DELETE", url: `/api/v1/tokens/${made.id}`, headers: token })).statusCode,
    ).toBe(204);
    expect((await server.app.inject({ url: "/api/v1/me", headers })).statusCode).toBe(401);
  });
});

describe("a change by cookie", () => {
  it.each([
    ["no origin", {}, 403],
    ["a foreign origin", { origin: "https://evil.example" }, 403],
    ["a null origin", { origin: "null" }, 403],
    ["another port", { origin: "http://localhost:81" }, 403],
    ["another site", { "sec-fetch-site": "cross-site" }, 403],
    ["a sibling site", { "sec-fetch-site": "same-site" }, 403],
    ["its own origin", { origin: "http://localhost" }, 201],
    ["the browser's word", { "sec-fetch-site": "same-origin" }, 201],
  ])("with %s gives %3$i", async (what, headers, status) => {
    const cookie = await server.cookie("admin", `csrf ${what}`);
    const response = await server.app.inject({
      method: "POST",
      url: "/api/v1/tokens",
      headers: { host: "localhost", ...cookie, ...headers },
      payload: { name: "x", role: "viewer" },
    });

    expect(response.statusCode).toBe(status);
  });

  it("of another site cannot sign anyone in either", async () => {
    const response = await server.app.inject({
      method: "POST",
      url: "/api/v1/session",
      headers: { origin: "https://evil.example" },
      payload: { name: "a", password: "b" },
    });

    expect(response.statusCode).toBe(403);
  });
});

describe("limits", () => {
  it("count requests by principal, else by address, and say when to come back", async () => {
    const own = await aServer({ settings: { limits: { requestsPerMinute: 5 } } });
    const [one, two] = [await own.token("viewer"), await own.token("viewer")];
    const codes: number[] = [];
    for (let index = 0; index < 7; index++)
      codes.push((await own.app.inject({ url: "/api/v1/me", headers: one })).statusCode);
    const refused = await own.app.inject({ url: "/api/v1/jobs", headers: one });

    expect(codes).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(problemIn(refused).detail).toMatch(/try again in \d+ seconds/);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(refused.headers["ratelimit-limit"]).toBe("5");
    expect(refused.headers["ratelimit-remaining"]).toBe("0");
    expect((await own.app.inject({ url: "/api/v1/me", headers: two })).statusCode).toBe(200);
    const misses: number[] = [];
    for (let index = 0; index < 7; index++) misses.push((await own.app.inject({ url: "/api/v1/none" })).statusCode);
    expect(misses).toEqual([404, 404, 404, 404, 404, 429, 429]);
  });

  it("of series name what was exceeded", async () => {
    const ask = async (query: string) =>
      problemIn(await server.app.inject({ url: `/api/v1/series?${query}`, headers: token }));
    const ids = Array.from({ length: 201 }, (_, index) => `lab/guest/${index}~1`).join(",");

    expect(await ask(`id=${ids}&field=cpu_ratio`)).toMatchObject({
      status: 422,
      detail: expect.stringContaining("200 series") as string,
    });
    expect(await ask("id=lab/node/pve1&field=cpu_ratio&from=-365d&step=10")).toMatchObject({
      status: 422,
      detail: expect.stringContaining("20000 points") as string,
    });
    expect(await ask("id=lab/node/pve1&field=cpu_ratio&from=-7d&step=raw")).toMatchObject({
      status: 422,
      detail: expect.stringContaining("20000 points") as string,
    });
  });

  it("let a few heavy queries run, some wait, and turn the rest away", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let running = 0;
    let most = 0;
    const inner = waveStore();
    const store = {
      ...inner,
      range: async (query: Parameters<typeof inner.range>[0]) => {
        most = Math.max(most, ++running);
        await gate;
        running--;
        return inner.range(query);
      },
    };
    const own = await aServer({ deps: { store }, settings: { limits: { concurrentQueries: 2, waitingQueries: 3 } } });
    const headers = await own.token("viewer");
    const answers = Array.from(
      { length: 8 },
      async () => (await own.app.inject({ url: "/api/v1/series?id=lab/cluster&field=quorate", headers })).statusCode,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    release();

    expect((await Promise.all(answers)).sort()).toEqual([200, 200, 200, 200, 200, 503, 503, 503]);
    expect(most).toBe(2);
  });

  it("end a query that takes too long", async () => {
    const store = { ...waveStore(), range: () => new Promise<never>(() => undefined) };
    const own = await aServer({ deps: { store }, settings: { limits: { queryTimeoutMs: 20 } } });

    const response = await own.app.inject({
      url: "/api/v1/series?id=lab/cluster&field=quorate",
      headers: await own.token("viewer"),
    });

    expect(problemIn(response)).toMatchObject({
      status: 503,
      detail: expect.stringContaining("0.02 seconds") as string,
    });
  });
});

function aPage(): string {
  const folder = aFolder();
  mkdirSync(join(folder, "assets"));
  writeFileSync(
    join(folder, "index.html"),
    '<!doctype html><html><head><script src="/assets/main-AB12CD34.js"></script></head><a href="//x.example/">x</a></html>',
  );
  writeFileSync(join(folder, "assets/main-AB12CD34.js"), "plain();");
  writeFileSync(join(folder, "assets/main-AB12CD34.js.br"), "brotli");
  writeFileSync(join(folder, "assets/main-AB12CD34.js.gz"), "gzip");
  writeFileSync(join(folder, "assets/page.css"), "a{}");
  writeFileSync(join(folder, "..secret.js"), "secret");
  return folder;
}

describe("the page", () => {
  it("is one document for all of its views, with addresses below the base path", async () => {
    const own = await aServer({ settings: { basePath: "/ph" }, deps: { webRoot: aPage() } });
    const get = (url: string) => own.app.inject({ url });

    const listed = listedPages.map((name) => `/ph/${name}`);
    const more = ["/ph", "/ph/", "/ph/tasks/", "/ph/guest/lab%2Fguest%2F100~1", "/ph/login?x=1", "/ph/setup"];
    for (const url of [...listed, ...more]) {
      const response = await get(url);
      expect(response.statusCode, url).toBe(200);
      expect(response.body, url).toContain('src="/ph/assets/main-AB12CD34.js"');
      expect(response.body, url).toContain('href="//x.example/"');
      expect(response.headers["cache-control"]).toBe("no-cache");
    }
    expect((await get("/ph/api/v1/about")).json()).toMatchObject({ base_path: "/ph" });
    expect((await get("/api/v1/about")).statusCode).toBe(404);
    expect((await get("/")).statusCode).toBe(404);
    expect((await get("/ph/api/docs")).statusCode).toBe(200);
    expect((await get("/ph/api/openapi.json")).json()).toMatchObject({
      servers: [{ url: "/ph" }],
      paths: { "/api/v1/about": {} },
    });
  });

  it("serves its files packed where that is accepted, hashed ones for ever", async () => {
    const own = await aServer({ deps: { webRoot: aPage() } });
    const get = async (url: string, encoding: string) =>
      await own.app.inject({ url, headers: { "accept-encoding": encoding } });

    expect((await get("/assets/main-AB12CD34.js", "gzip, br")).body).toBe("brotli");
    expect((await get("/assets/main-AB12CD34.js", "gzip")).headers["content-encoding"]).toBe("gzip");
    expect((await get("/assets/main-AB12CD34.js", "br;q=0")).body).toBe("plain();");
    expect((await get("/assets/main-AB12CD34.js", "")).headers["cache-control"]).toContain("immutable");
    expect((await get("/assets/page.css", "")).headers["cache-control"]).toBe("no-cache");
    expect((await get("/assets/page.css", "br")).headers["content-type"]).toContain("text/css");
  });

  it.each([
    "/../package.json",
    "/assets/../../package.json",
    "/assets/..%2f..%2fpackage.json",
    "/%2e%2e/package.json",
    "/assets/%00",
    "/..%5cpackage.json",
    "/.env",
    "/assets/",
  ])("reaches no other file: %s", async (url) => {
    const own = await aServer({ deps: { webRoot: aPage() } });
    const response = await own.app.inject({ url });

    expect([400, 404]).toContain(response.statusCode);
    expect(response.body).not.toContain("dependencies");
  });
});

describe("answers", () => {
  it("are packed when they are worth it and the caller takes it, never those that hold a secret", async () => {
    const get = (encoding: string) =>
      server.app.inject({ url: "/api/v1/guests", headers: { ...token, "accept-encoding": encoding } });

    expect((await get("br, gzip")).headers["content-encoding"]).toBe("br");
    expect((await get("gzip")).headers["content-encoding"]).toBe("gzip");
    expect((await get("identity")).headers["content-encoding"]).toBeUndefined();
    const made = await server.app.inject({
      method: "POST",
      url: "/api/v1/tokens",
      headers: { ...token, "accept-encoding": "gzip" },
      payload: {
        name: "x",
        role: "viewer",
        scope: { tags: Array.from({ length: 200 }, (_, index) => `a-long-tag-${index}`) },
      },
    });
    expect(made.headers["content-encoding"]).toBeUndefined();
  });
});

describe("with TLS", () => {
  const aCertificate = async () => {
    const folder = aFolder();
    const pair = await generate([{ name: "commonName", value: "localhost" }], { keySize: 2048 });
    writeFileSync(join(folder, "cert.pem"), pair.cert);
    writeFileSync(join(folder, "key.pem"), pair.private);
    return { folder, cert: pair.cert, tls: { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") } };
  };

  it("answers by HTTPS, TLS 1.2 at least, with HSTS and a __Host- cookie", async () => {
    const { cert, tls } = await aCertificate();
    const own = await aServer({ settings: { tls } });
    await own.cookie("viewer", "ann");
    const { url } = await own.listen();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
    const ask = (options: object) =>
      new Promise<{ status: number; headers: Record<string, unknown> }>((resolve, reject) => {
        const target = new URL("/api/v1/session", url);
        const request = httpsRequest(
          target,
          {
            method: "POST",
            ca: cert,
            checkServerIdentity: () => undefined,
            headers: { "content-type": "application/json", origin: target.origin },
            ...options,
          },
          (response) => {
            response.resume();
            response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
          },
        );
        request.on("error", reject);
        request.end(JSON.stringify({ name: "ann", password }));
      });

    const answer = await ask({});

    expect(answer.status).toBe(200);
    expect(answer.headers["strict-transport-security"]).toContain("max-age=31536000");
    expect(String(answer.headers["set-cookie"])).toMatch(
      /^__Host-pilothouse=[^;]+;.*Path=\/;.*HttpOnly; Secure; SameSite=Strict/,
    );
    await expect(
      ask({ minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }),
    ).rejects.toThrow();
  });

  it("does not start with files that are missing or do not belong together", async () => {
    const [one, two] = [await aCertificate(), await aCertificate()];

    await expect(aServer({ settings: { tls: { ...one.tls, keyFile: join(one.folder, "none") } } })).rejects.toThrow(
      ConfigError,
    );
    await expect(aServer({ settings: { tls: { ...one.tls, keyFile: two.tls.keyFile } } })).rejects.toThrow(
      /must be PEM and belong to each other/,
    );
  });
});

describe("the port", () => {
  it("that is taken gives one sentence with what to do", async () => {
    const other = createTcpServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const own = await aServer({ settings: { port } });

    const error: unknown = await own.listen().catch((thrown: unknown) => thrown);
    other.close();

    expect(error).toBeInstanceOf(ListenError);
    expect((error as Error).message).toBe(
      `Port ${port} on 127.0.0.1 is in use by another program; stop it or choose another with --port.`,
    );
  });

  it("on an address that this machine has not says so", async () => {
    const own = await aServer({ settings: { host: "192.0.2.77" } });

    await expect(own.listen()).rejects.toThrow("This machine has no address 192.0.2.77");
  });
});
