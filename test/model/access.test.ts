import { describe, expect, it } from "vitest";
import { everything, inScope, may, type Principal, type Role } from "../../src/model/access.ts";

const as = (role: Role): Principal => ({ id: "u", kind: "user", name: "u", role, scope: everything });

describe("permissions", () => {
  it("let everybody who is signed in read, and only administrators administer", () => {
    expect((["viewer", "operator", "approver", "admin"] as const).map((role) => may(as(role), "fleet:read"))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect((["viewer", "operator", "approver", "admin"] as const).map((role) => may(as(role), "users:read"))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it("part applying from approving", () => {
    expect(may(as("operator"), "fleet:apply")).toBe(true);
    expect(may(as("operator"), "fleet:approve")).toBe(false);
    expect(may(as("approver"), "fleet:approve")).toBe(true);
    expect(may(as("approver"), "fleet:apply")).toBe(false);
  });
});

describe("a scope", () => {
  it("by cluster shows all of the cluster and nothing of others", () => {
    const scope = { ...everything, clusters: ["a"] };

    expect(inScope(scope, { cluster: "a" })).toBe(true);
    expect(inScope(scope, { cluster: "b" })).toBe(false);
  });

  it("by pool or tag shows exactly the guests that carry it", () => {
    const scope = { ...everything, pools: ["dev"], tags: ["team-x"] };

    expect(inScope(scope, { cluster: "a", pool: "dev", tags: ["env-prod", "team-x"] })).toBe(true);
    expect(inScope(scope, { cluster: "a", pool: "dev", tags: [] })).toBe(false);
    expect(inScope(scope, { cluster: "a" })).toBe(false);
  });

  it("that lists nothing shows nothing", () => {
    expect(inScope({ ...everything, clusters: [] }, { cluster: "a" })).toBe(false);
  });
});
