// The table of promises says what the tests said, and nothing better.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type PromiseEntry, promises } from "./index.ts";
import { filesOf, isKept, type TestOutcome, verdicts } from "./verdicts.ts";

const entry = (more: Partial<PromiseEntry> = {}): PromiseEntry => ({
  id: "X1",
  text: "something holds",
  tier: "ci",
  proofs: [{ file: "a.test.ts" }, { file: "b.test.ts", test: "the one" }],
  ...more,
});
const outcome = (file: string, name: string, status: TestOutcome["status"] = "passed"): TestOutcome => ({
  file,
  name,
  status,
});
const all = [outcome("a.test.ts", "first"), outcome("b.test.ts", "group the one"), outcome("b.test.ts", "other")];
const figures = [{ id: "X1", figure: "12 ms" }];

describe("a verdict", () => {
  it("is kept when every test that proves it passed, and has the figures that they measured", () => {
    expect(verdicts([entry()], "ci", all, figures)).toEqual([
      { id: "X1", text: "something holds", pass: true, figure: "12 ms" },
    ]);
  });

  it("is broken by one failed test, but not by a test that proves something else", () => {
    const failed = [...all.slice(0, 2), outcome("b.test.ts", "other", "failed")];
    const broken = [outcome("a.test.ts", "first", "failed"), ...all.slice(1)];

    expect(verdicts([entry()], "ci", failed, [])[0]?.pass).toBe(true);
    expect(verdicts([entry()], "ci", broken, [])[0]).toMatchObject({ pass: false, figure: "failed: first" });
    expect(isKept(verdicts([entry()], "ci", broken, []))).toBe(false);
  });

  it("is broken when a test that it names is not there", () => {
    expect(verdicts([entry()], "ci", all.slice(0, 1), [])[0]).toMatchObject({
      pass: false,
      figure: "no such test: b.test.ts the one",
    });
  });

  it.each([
    ["nothing proves it yet", entry({ notYet: "waits for backups" }), all, "not run: waits for backups"],
    ["its tier was not asked for", entry({ tier: "all" }), all, "not run: it takes long; ask with --tier all"],
    [
      "a test was skipped",
      entry(),
      [outcome("a.test.ts", "first", "skipped"), ...all.slice(1)],
      "not run: skipped here: first",
    ],
  ])("is neither when %s", (_, promise, outcomes, figure) => {
    expect(verdicts([promise], "ci", outcomes, figures)[0]).toMatchObject({ pass: null, figure });
    expect(isKept(verdicts([promise], "ci", outcomes, figures))).toBe(true);
  });
});

describe("the files of a tier", () => {
  it("are those of the promises that run in it, each once", () => {
    const list = [entry(), entry({ id: "X2" }), entry({ tier: "all", proofs: [{ file: "long.test.ts" }] })];

    expect(filesOf(list, "ci")).toEqual(["a.test.ts", "b.test.ts"]);
    expect(filesOf(list, "all")).toEqual(["a.test.ts", "b.test.ts", "long.test.ts"]);
  });
});

describe("the registry", () => {
  it("has every id once, each with a proof or the reason why there is none", () => {
    const ids = promises.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, proofs, notYet } of promises) expect(proofs.length > 0 || notYet !== undefined, id).toBe(true);
  });

  it("names tests that exist, and every test of its folder", () => {
    for (const { file, test } of promises.flatMap(({ proofs }) => proofs)) {
      expect(existsSync(file), file).toBe(true);
      // The groups of a test's full name are joined by blanks; one of its parts has to stand in the file.
      if (test !== undefined) expect(readFileSync(file, "utf8"), `${file}: ${test}`).toContain(test);
    }
    const here = readdirSync("test/promises", { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts") && name !== "verdicts.test.ts")
      .map((name) => `test/promises/${name}`);
    const named = new Set(promises.flatMap(({ proofs }) => proofs.map(({ file }) => file)));

    expect(here.filter((file) => !named.has(file))).toEqual([]);
  });
});
