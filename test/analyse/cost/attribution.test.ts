import { expect, test } from "vitest";
import { attribute, matchesPattern } from "../../../src/analyse/cost/attribution.ts";
import type { AttributionRules } from "../../../src/model/cost-model.ts";

const rules: AttributionRules = {
  tagPrefixes: ["team-", "project-"],
  pools: { billing: "finance" },
  names: [{ pattern: "web-*", owner: "shop" }],
  environmentPrefixes: ["env-"],
  mandatoryPrefixes: ["team-", "env-"],
};
const of = (guest: { readonly name?: string; readonly pool?: string; readonly tags?: readonly string[] }) =>
  attribute(rules, { name: "db-1", pool: null, tags: [], ...guest });

test("a tag says it before the pool, the pool before the name, and without any it is nobody's", () => {
  expect(of({ name: "web-1", pool: "billing", tags: ["team-a"] })).toMatchObject({ owner: "a", ownerBy: "tag" });
  expect(of({ name: "web-1", pool: "billing" })).toMatchObject({ owner: "finance", ownerBy: "pool" });
  expect(of({ pool: "lab" })).toMatchObject({ owner: "lab", ownerBy: "pool", conflicts: [] });
  expect(of({ name: "WEB-1" })).toMatchObject({ owner: "shop", ownerBy: "name" });
  expect(of({})).toMatchObject({ owner: null, ownerBy: null, environment: null, compliant: false });
  expect(of({ tags: ["team-"] })).toMatchObject({ owner: null });
});

test("tags of an earlier prefix win without a word; two of the same prefix contradict", () => {
  expect(of({ tags: ["project-x", "team-a"] })).toMatchObject({ owner: "a", conflicts: [] });
  const { owner, conflicts } = of({ tags: ["team-b", "team-a"] });
  expect(owner).toBe("a");
  expect(conflicts).toEqual(["tag team-b says b, tag team-a says a"]);
});

test("a listed pool or a name that says otherwise contradicts; a pool that is its own owner does not", () => {
  expect(of({ pool: "billing", tags: ["team-a"] }).conflicts).toEqual(["pool billing says finance, tag team-a says a"]);
  expect(of({ name: "web-1", tags: ["team-a"] }).conflicts).toEqual(["name like web-* says shop, tag team-a says a"]);
  expect(of({ pool: "lab", tags: ["team-a"] }).conflicts).toEqual([]);
  expect(of({ tags: ["env-prod", "env-test"] }).conflicts).toEqual(["it has 2 environments, prod and test"]);
});

test("a guest complies when it has a tag of every mandatory prefix", () => {
  expect(of({ tags: ["team-a", "env-prod"] })).toMatchObject({ compliant: true, environment: "prod" });
  expect(of({ tags: ["team-a"] }).compliant).toBe(false);
});

test("patterns of names: * for any text, ? for one character", () => {
  expect(matchesPattern("web-*", "web-12")).toBe(true);
  expect(matchesPattern("*-db-?", "eu-west-db-1")).toBe(true);
  expect(matchesPattern("*-db-?", "eu-west-db-12")).toBe(false);
  expect(matchesPattern("a*b*c", "aXXbYYc")).toBe(true);
  expect(matchesPattern("", "")).toBe(true);
  expect(matchesPattern("web", "web-1")).toBe(false);
  const evil = `${"*a".repeat(50)}b`;
  expect(matchesPattern(evil, "a".repeat(2000))).toBe(false);
});
