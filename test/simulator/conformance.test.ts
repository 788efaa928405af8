// biome-ignore-all lint/style/noNonNullAssertion: a value that is missing fails the test where it is used.
// Compares the simulator with PVE's own schema and recorded answers in ../shared; without that folder nothing is compared.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRunning } from "../../src/simulator/entities.ts";
import { agentKind } from "../../src/simulator/guest-agent.ts";
import type { Release } from "../../src/simulator/index.ts";
import type { ParameterSpec } from "../../src/simulator/parameters.ts";
import { knows } from "../../src/simulator/releases.ts";
import type { PathPermission, Permission, Route } from "../../src/simulator/route.ts";
import { routes } from "../../src/simulator/route-table.ts";
import { aCluster, type TestCluster } from "./client.ts";
import { hasShared, type MethodInfo, type Property, readSchema, recordedKeys, rowsOf } from "./schema.ts";

const releases: readonly Release[] = ["8.4", "9.1", "9.2"];
if (!hasShared) console.warn("test/simulator/conformance: ../shared is absent, the simulator is not compared with PVE");

describe.runIf(hasShared).each(releases)("the simulator of %s", (release) => {
  const schema = hasShared ? readSchema(release) : new Map<string, MethodInfo>();
  const infoOf = (route: Route): MethodInfo | undefined => schema.get(`${route.method} ${route.path}`);
  const named = routes
    .filter((route) => knows(route.since, release))
    .map((route) => [`${route.method} ${route.path}`, route] as const);
  let cluster: TestCluster;
  let examples: ReadonlyMap<string, string>;
  beforeAll(async () => {
    cluster = await aCluster({ release, nodes: 3, guests: 30, ceph: true });
    cluster.state.access.grant({ path: "/", principal: "pilothouse@pve", role: "Administrator", propagate: true });
    cluster.state.access.grant({ path: "/", principal: cluster.tokenId, role: "Administrator", propagate: true });
    examples = await exampleValues(cluster);
  });
  afterAll(() => cluster.close());

  it.each(named)("%s is a call of that release, forwarded and permitted as there", (_, route) => {
    const info = infoOf(route);

    expect(info).toBeDefined();
    expect(route.forwarded).toBe(info?.proxyto === "node");
    const permission = route.permissionIn?.[release] ?? route.permission;
    expect(permission).toEqual(declaredPermission(info?.permissions?.check));
  });

  it("has no call that this release lacks", () => {
    const missing = routes.filter((route) => !knows(route.since, release) && infoOf(route) !== undefined);

    expect(missing.map((route) => route.path)).toEqual([]);
  });

  it.each(named)("%s has exactly the parameters of that release", (_, route) => {
    const declared = infoOf(route)?.parameters?.properties ?? {};
    const accepted = Object.entries(route.parameters).filter(([, spec]) => Number(spec.since ?? 0) <= Number(release));

    expect(accepted.map(([name]) => name).sort()).toEqual(Object.keys(declared).sort());
    for (const [name, spec] of accepted) {
      expect([name, shapeOf(spec, release)]).toEqual([name, declaredShape(declared[name])]);
    }
  });

  /** 9 keeps the call and answers it with an error. */
  const retired = (route: Route): boolean => route.path === "/cluster/ha/groups" && release !== "8.4";

  it.each(named.filter(([, route]) => route.method === "GET" && !retired(route)))(
    "%s answers with the declared types",
    async (_, route) => {
      const path = route.path.replace(/\{(\w+)\}/g, (_match, name: string) =>
        encodeURIComponent(exampleOf(route, name)),
      );
      const got = await cluster.ask(`${path}?${queryOf(route).toString()}`);

      expect([path, got.status, got.reason]).toEqual([path, 200, "OK"]);
      const returns = infoOf(route)?.returns;
      const rows = returns?.type === "object" ? [got.body.data as Record<string, unknown>] : rowsOf(got.body);
      expect(Array.isArray(got.body.data)).toBe(returns?.type === "array");
      for (const [name, property] of Object.entries(returns?.items?.properties ?? returns?.properties ?? {})) {
        for (const row of rows) {
          if (row[name] === undefined) expect([name, isOptional(property, name)]).toEqual([name, true]);
          else if (row[name] !== null)
            expect([name, row[name], fits(property, row[name])]).toEqual([name, row[name], true]);
        }
      }
    },
  );

  it.each([
    ["/cluster/resources", /\/cluster\/resources$/, "GET /cluster/resources"],
    ["/cluster/status", /\/cluster\/status$/, "GET /cluster/status"],
    ["/cluster/metrics/export", /metrics\/export/, undefined],
    ["/nodes", /\/nodes$/, "GET /nodes"],
    ["/nodes/pve1/status", /nodes\/[^/]+\/status$/, "GET /nodes/{node}/status"],
    ["/nodes/pve1/rrddata?timeframe=hour", /nodes\/[^/]+\/rrddata/, undefined],
    ["/nodes/{qemu}/rrddata?timeframe=hour", /qemu\/\d+\/rrddata/, undefined],
    ["/nodes/{lxc}/rrddata?timeframe=hour", /lxc\/\d+\/rrddata/, undefined],
    ["/nodes/{qemu}/status/current", /qemu\/\d+\/status\/current/, "GET /nodes/{node}/qemu/{vmid}/status/current"],
    ["/nodes/{qemu}/config", /qemu\/\d+\/config/, "GET /nodes/{node}/qemu/{vmid}/config"],
    ["/nodes/pve1/tasks", /\/tasks\?/, "GET /nodes/{node}/tasks"],
  ])("%s serves only keys that PVE is known to serve", async (path, recorded, call) => {
    const concrete = path.replace(/\{(\w+)\}/, (_, type: string) => examples.get(`${type} path`) ?? "");
    const declared = call === undefined ? undefined : schema.get(call)?.returns;
    const known = recordedKeys(recorded, () => true);
    for (const name of Object.keys(declared?.items?.properties ?? declared?.properties ?? {})) {
      known.add(name.replace("[n]", "0"));
    }
    // PVE::API2::Tasks splits it off the user of a token's task.
    known.add("tokenid");

    const served = new Set(rowsOf((await cluster.ask(concrete)).body).flatMap((row) => Object.keys(row)));

    expect(served.size).toBeGreaterThan(3);
    expect([...served].filter((key) => !known.has(key))).toEqual([]);
  });

  /** The required parameters that are not in the path. */
  const queryOf = (route: Route): URLSearchParams =>
    new URLSearchParams(
      Object.entries(route.parameters)
        .filter(([name, spec]) => spec.optional !== true && !route.path.includes(`{${name}}`))
        .map(([name]): [string, string] => [name, exampleOf(route, name)]),
    );

  const exampleOf = (route: Route, name: string): string => {
    const agent = route.path.includes("/agent/") ? examples.get(`agent ${name}`) : undefined;
    if (agent !== undefined) return agent;
    const special = examples.get(`${route.path} ${name}`);
    if (special !== undefined) return special;
    const kind = /\/(qemu|lxc)/.exec(route.path)?.[1] ?? "";
    return examples.get(`${kind} ${name}`) ?? examples.get(name) ?? "";
  };
});

function declaredPermission(check: readonly unknown[] | undefined): Permission {
  if (check === undefined) return "all";
  if (check[0] === "or") return { or: check.slice(1).map((choice) => pathPermission(choice as readonly unknown[])) };
  return pathPermission(check);
}

const pathPermission = (check: readonly unknown[]): PathPermission => ({
  path: check[1] as string,
  privileges: check[2] as readonly string[],
  ...(check[3] === "any" ? { any: true } : {}),
});

/** Something that exists for each variable part of a path. */
async function exampleValues(cluster: TestCluster): Promise<ReadonlyMap<string, string>> {
  const values = new Map([
    ["node", "pve1"],
    ["storage", "ceph-1"],
    ["poolid", "shop"],
    ["timeframe", "hour"],
    ["disk", "/dev/sdc"],
    ["name", "rpool"],
    ["file", "/proc/meminfo"],
  ]);
  for (const type of ["qemu", "lxc"] as const) {
    const guest = [...cluster.state.guests.values()].find(
      (candidate) => candidate.type === type && candidate.lives.at(-1)?.toS === Number.POSITIVE_INFINITY,
    )!;
    values.set(`${type} vmid`, String(guest.vmid)).set(`${type} node`, guest.node);
    values.set(`${type} path`, `${guest.node}/${type}/${guest.vmid}`);
  }
  const [job] = cluster.state.backups.jobs;
  values.set("id", job!.id);
  const reachable = [...cluster.state.guests.values()].find(
    (guest) => guest.type === "qemu" && guest.ostype === "l26" && isRunning(guest) && agentKind(guest) === "works",
  )!;
  values.set("agent vmid", String(reachable.vmid)).set("agent node", reachable.node);
  const [replicated] = cluster.state.replication;
  for (const [name, value] of [
    ["id", replicated!.id],
    ["node", cluster.state.guest(replicated!.guest).node],
  ] as const) {
    values.set(`/nodes/{node}/replication/{id}/status ${name}`, value);
  }
  const [task] = await cluster.rows("/nodes/pve1/tasks");
  return values.set("upid", task!.upid);
}

const shapeOf = (spec: ParameterSpec, release: Release): object => ({
  type: spec.type,
  optional: spec.optional === true,
  enum: spec.enumIn?.[release] ?? spec.enum,
});

const declaredShape = (property: Property | undefined): object => ({
  type: property?.type,
  optional: Boolean(property?.optional),
  enum: property?.enum,
});

/** PVE calls these required and leaves them out of some rows all the same. */
const leftOut = ["digest", "mounted"];
const isOptional = (property: Property, name: string): boolean => Boolean(property.optional) || leftOut.includes(name);

/** Perl tells numbers and strings apart only loosely, and so does its JSON. */
function fits(property: Property, value: unknown): boolean {
  const type: string = property.type ?? "";
  switch (type) {
    case "integer":
      return Number.isInteger(Number(value)) && typeof value !== "object";
    case "number":
      return Number.isFinite(Number(value)) && typeof value !== "object";
    case "boolean":
      return [0, 1, "0", "1", "", true, false].includes(value as string);
    case "string":
      return typeof value === "string" && (property.enum === undefined || property.enum.includes(value));
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object";
    default:
      return true;
  }
}
