import { expect, test } from "vitest";
import { type ClassMember, classNeed } from "../../../src/analyse/capacity/class-need.ts";

const member = (name: string, cpuCores: number, more: Partial<ClassMember> = {}): ClassMember => ({
  name,
  tags: [],
  os: "l26",
  template: null,
  cpuCores,
  memoryBytes: cpuCores * 1_000,
  diskBytes: null,
  ...more,
});

const web = [1, 2, 3, 4, 5].map((cores) => member(`web-0${cores}`, cores, { tags: ["web", "prod"] }));
const db = [10, 20, 30].map((cores) => member(`db-${cores}`, cores, { tags: ["db"] }));
const all = [...web, ...db];

test("guests with its tags are the nearest, and their middle and upper need are told", () => {
  expect(classNeed({ tags: ["web"] }, all)).toEqual({
    state: "known",
    by: "tags",
    what: "tag web",
    members: 5,
    cpuCores: { p50: 3, p95: 5 },
    memoryBytes: { p50: 3_000, p95: 5_000 },
    diskBytes: null,
  });
});

test("too few with its tag: names, OS and at last all guests follow", () => {
  expect(classNeed({ tags: ["db"], name: "web-77" }, all)).toMatchObject({ by: "name", what: "names like web…" });
  expect(classNeed({ tags: ["db"], os: "l26" }, all)).toMatchObject({ by: "os", members: 8 });
  expect(classNeed({ tags: ["db"] }, all)).toMatchObject({ by: "all", members: 8 });
});

test("with too few guests at all it says so and guesses nothing", () => {
  expect(classNeed({ tags: ["db"] }, db)).toEqual({
    state: "too_few",
    reason: "too few guests are like it: needs 5, has 3",
  });
  expect(classNeed({ tags: [] }, [])).toMatchObject({ state: "too_few" });
});
