import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { everything, may, type Permission, type Principal, type Role } from "../../src/model/access.ts";
import { checkPermission, declareRoute } from "../../src/serve/http/permissions.ts";
import { isWithin } from "../../src/serve/scoped-fleet.ts";
import { StreamHub } from "../../src/serve/stream/stream-hub.ts";
import { aServer, problemIn, type TestServer } from "./serve-fixture.ts";

type Who = Role | "anonymous" | "other-scope" | "expired" | "revoked";
const everyone: readonly Who[] = [
  "anonymous",
  "viewer",
  "operator",
  "approver",
  "admin",
  "other-scope",
  "expired",
  "revoked",
];

let server: TestServer;
let headers: Record<Who, Record<string, string>>;

beforeAll(async () => {
  server = await aServer();
  const { state, clock } = server;
  const expired = await state.tokens.create({
    name: "e",
    role: "admin",
    scope: everything,
    createdBy: null,
    expiresAt: clock.now() + 1,
  });
  const revoked = await state.tokens.create({
    name: "r",
    role: "admin",
    scope: everything,
    createdBy: null,
    expiresAt: null,
  });
  await state.tokens.revoke(revoked.token.id);
  clock.advance(10);
  headers = {
    anonymous: {},
    viewer: await server.token("viewer"),
    operator: await server.token("operator"),
    approver: await server.token("approver"),
    admin: await server.token("admin"),
    "other-scope": await server.token("viewer", { clusters: ["elsewhere"] }),
    expired: { authorization: `Bearer ${expired.secret.reveal()}` },
    revoked: { authorization: `Bearer ${revoked.secret.reveal()}` },
  };
});

const isKnown = (who: Who): boolean => !["anonymous", "expired", "revoked"].includes(who);
const roleOf = (who: Who): Role => (who === "other-scope" ? "viewer" : (who as Role));

/** What the check of permissions must say, by the model alone. */
function expected(permission: string, who: Who): "pass" | 401 | 403 {
  if (permission === "public") return "pass";
  if (!isKnown(who)) return 401;
  const principal: Principal = { id: "x", kind: "token", name: "x", role: roleOf(who), scope: everything };
  return may(principal, permission as Permission) ? "pass" : 403;
}

describe("every route", () => {
  it("lets in exactly those whose role has its permission", async () => {
    const wrong: string[] = [];
    for (const { method, url, permission } of server.declaredRoutes) {
      for (const who of everyone) {
        const response = await server.app.inject({
          method: method as "GET",
          url: url.replace(":id", "nothing").replace("*", "nothing"),
          headers: headers[who],
        });
        const want = expected(permission, who);
        const refused = response.statusCode === 401 || (response.statusCode === 403 && url !== "/metrics");
        const right = want === "pass" ? !refused || permission === "public" : response.statusCode === want;
        if (!right || response.statusCode >= 500) {
          // The page is not built in this test, which is a 503 of its own.
          if (!(url === "/*" || response.statusCode === 503))
            wrong.push(`${method} ${url} as ${who}: ${response.statusCode}, not ${want}`);
        }
        if (want !== "pass" && method !== "HEAD") problemIn(response);
      }
    }

    expect(wrong).toEqual([]);
    expect(server.declaredRoutes.length).toBeGreaterThan(40);
  });

  it("has to declare a permission, or the server does not start", () => {
    const declare = declareRoute([], { "/api/docs": "public" });
    const route = {
      method: "GET",
      url: "/x",
      path: "/x",
      handler: () => undefined,
      routePath: "/x",
      prefix: "",
    } as const;

    expect(() => declare({ ...route })).toThrow("route GET /x declares no permission");
    expect(() => declare({ ...route, path: "/api/docs/json" })).not.toThrow();
  });

  it("without a permission is closed, should one slip through", () => {
    const request = { routeOptions: { config: {} }, is404: false, identity: { principal: { role: "admin" } } };

    expect(() => checkPermission(request as never)).toThrow("permission");
  });

  it("of the stream has topics with a permission, or the server does not start", () => {
    const topic = {
      name: "x",
      permission: undefined as never,
      open: () => ({ snapshot: () => ({}), update: () => undefined }),
    };

    expect(() => new StreamHub({ topics: [topic] } as never)).toThrow("topic x declares no permission");
  });
});

describe("what is outside the scope", () => {
  const get = async (url: string, scope: Parameters<TestServer["token"]>[1]) => {
    const response = await server.app.inject({ url, headers: await server.token("viewer", scope) });
    return { status: response.statusCode, body: response.body, response };
  };
  const ids = (body: string): string[] =>
    (JSON.parse(body) as { items: { id: string }[] }).items.map((item) => item.id).sort();
  const lab = { clusters: ["lab"] };

  it.each([
    "/api/v1/entities/other%2Fguest%2F100~1",
    "/api/v1/entities/other%2Fguest%2F100",
    "/api/v1/entities/other%2Fcluster",
    "/api/v1/series?id=other/guest/100~1&field=cpu_ratio",
    "/api/v1/series?id=lab/guest/100~1,other/guest/100~1&field=cpu_ratio",
    "/api/v1/series?id=other/target/pve1&field=up",
  ])("answers like what does not exist: %s", async (url) => {
    const hidden = await get(url, lab);
    const missing = await get(url.replaceAll("other", "nowhere"), lab);

    expect(hidden.status).toBe(404);
    expect(problemIn(hidden.response).detail).toBe(problemIn(missing.response).detail);
  });

  it("is in no list, in no CSV", async () => {
    for (const list of ["clusters", "nodes", "guests", "storages", "tasks", "problems", "jobs"]) {
      const { body } = await get(
        `/api/v1/${list}?${["tasks", "problems", "jobs"].includes(list) ? "" : "gone=true"}`,
        lab,
      );
      expect(body).not.toContain("other");
      const csv = await server.app.inject({
        url: `/api/v1/${list}`,
        headers: { ...(await server.token("viewer", lab)), accept: "text/csv" },
      });
      expect(csv.headers["content-type"]).toContain("text/csv");
      expect(csv.body).not.toContain("other");
    }
  });

  it("by pool and tag leaves exactly the guests that carry them, and their tasks", async () => {
    expect(ids((await get("/api/v1/guests", { pools: ["prod"] })).body)).toEqual([
      "lab/guest/100~1",
      "lab/guest/101~1",
      "other/guest/100~1",
    ]);
    expect(ids((await get("/api/v1/guests", { tags: ["db"] })).body)).toEqual(["lab/guest/101~1"]);
    expect(ids((await get("/api/v1/nodes", { pools: ["prod"] })).body)).toEqual([]);
    expect(ids((await get("/api/v1/storages", { tags: ["db"] })).body)).toEqual([]);
    expect((await get("/api/v1/tasks", { clusters: ["lab"], pools: ["prod"] })).body).toContain("UPID:pve1:00001:lab:");
    expect((JSON.parse((await get("/api/v1/tasks", { tags: ["db"] })).body) as { items: [] }).items).toEqual([]);
    expect((JSON.parse((await get("/api/v1/problems", { pools: ["prod"] })).body) as { items: [] }).items).toEqual([]);
  });

  it("hides the service's own problems, jobs and numbers from those who see only a part", async () => {
    expect((await get("/api/v1/problems", lab)).body).not.toContain("disk_full");
    expect((await get("/api/v1/jobs", lab)).body).toContain("import/lab");
    expect((await get("/api/v1/jobs", lab)).body).not.toContain("rollup");
    expect((await get("/metrics", lab)).status).toBe(403);
    expect((await get("/metrics", {})).status).toBe(200);
  });

  it("cannot be given by an administrator who does not see it", async () => {
    const limited = await server.token("admin", lab);
    const post = (url: string, payload: object) =>
      server.app.inject({ method: "POST", url, headers: limited, payload });

    expect((await post("/api/v1/tokens", { name: "all", role: "viewer" })).statusCode).toBe(403);
    expect(
      (await post("/api/v1/users", { name: "all", role: "viewer", password: "long enough to be" })).statusCode,
    ).toBe(403);
    expect((await post("/api/v1/tokens", { name: "lab", role: "viewer", scope: lab })).statusCode).toBe(201);
    const listed = await server.app.inject({ url: "/api/v1/tokens", headers: limited });
    expect(listed.json<{ items: { name: string }[] }>().items.map((token) => token.name)).toContain("lab");
    expect(listed.body).not.toContain('"viewer","role":"viewer","scope":{"clusters":null');
  });

  it("is never wider than the scope it was made within", () => {
    const list = fc.option(fc.subarray(["a", "b", "c"]), { nil: null });
    const scope = fc.record({ clusters: list, pools: list, tags: list });
    fc.assert(
      fc.property(scope, scope, scope, (a, b, c) => {
        expect(isWithin(a, a)).toBe(true);
        expect(isWithin(a, everything)).toBe(true);
        if (isWithin(a, b) && isWithin(b, c)) expect(isWithin(a, c)).toBe(true);
        if (a.clusters === null && b.clusters !== null) expect(isWithin(a, b)).toBe(false);
      }),
    );
  });
});
