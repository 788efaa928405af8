// Taking up a changed configuration: real files, the real loader, the real list of problems.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Reloader } from "../../src/app/reloader.ts";
import { type ConfigChanges, loadConfig } from "../../src/config/index.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { ProblemList } from "../../src/live/problem-list.ts";
import { aDirectory, aFile, goodText, secret } from "../config/a-config.ts";

function aReloader(text = goodText) {
  const file = aFile(text);
  const read = () => loadConfig({ file, env: {}, cwd: "/", needsClusters: true });
  const applied: ConfigChanges[] = [];
  const logged: string[] = [];
  const problems = new ProblemList(systemClock, () => undefined);
  const reloader = new Reloader({
    config: { started: read(), read },
    apply: (changes) => {
      applied.push(changes);
      return Promise.resolve();
    },
    problems,
    log: { ...silentLog, error: (data) => logged.push(JSON.stringify(data)) },
  });
  const open = (): readonly string[] =>
    problems
      .list()
      .filter(({ clearedAt }) => clearedAt === null)
      .map(({ code, message }) => `${code}: ${message}`);
  return { file, reloader, applied, logged, open, write: (changed: string) => writeFileSync(file, changed) };
}

const third = `
  - id: third
    endpoints: [https://third.example.com]
    token: { id: pilothouse@pve!pilothouse, secret: ${secret} }
    trust: { system: true }
server:`;

describe("reading the configuration again", () => {
  it("finds clusters that came, went, changed, and only have another secret", async () => {
    const { reloader, applied, write } = aReloader();

    write(
      goodText
        .replace("\nserver:", third)
        .replace("poll_period: 10s", "poll_period: 20s")
        .replace(/(id: pilothouse@pve!pilothouse, secret: )\S+( \}\n {4}trust: \{ system: true \})/, "$1another$2"),
    );
    const report = reloader.reload();
    await reloader.settled();

    expect(report).toEqual({
      changes: ["third: added", "prod: changed, polled anew", "lab: signs in with what is configured now"],
      nextStart: [],
    });
    expect(applied).toHaveLength(1);
    write(goodText.replace(/ {2}- id: lab[\s\S]*?(?=server:)/, ""));
    expect(reloader.reload().changes).toEqual(
      ["third: removed", "lab: removed", "prod: changed, polled anew"].toSorted(byKind),
    );
  });

  it("changes nothing when nothing has changed", async () => {
    const { reloader, applied, open } = aReloader();

    const report = reloader.reload();
    await reloader.settled();

    expect(report).toEqual({ changes: [], nextStart: [] });
    expect(applied[0]).toMatchObject({ added: [], removed: [], changed: [], signedInAnew: [] });
    expect(open()).toEqual([]);
  });

  it("hands on new push tokens without polling a cluster anew", async () => {
    const { reloader, applied, write } = aReloader();

    write(goodText.replace("  - id: lab", `  - id: lab\n    push: { token: ${"x".repeat(24)} }`));
    reloader.reload();
    await reloader.settled();

    expect(applied[0]).toMatchObject({ added: [], removed: [], changed: [], signedInAnew: [] });
    const lab = applied[0]?.clusters.find(({ id }) => id === "lab");
    expect(lab?.pushToken?.reveal()).toBe("x".repeat(24));
  });

  it("sees that only the content of a secret's file has changed", () => {
    const secretFile = join(aDirectory(), "secret");
    writeFileSync(secretFile, "one", { mode: 0o600 });
    const { reloader } = aReloader(goodText.replaceAll(`secret: ${secret}`, `secret: "\${file:${secretFile}}"`));

    writeFileSync(secretFile, "two");

    expect(reloader.reload().changes).toEqual([
      "prod: signs in with what is configured now",
      "lab: signs in with what is configured now",
    ]);
  });

  it("names what has to wait for the next start, until it is as it was", () => {
    const { reloader, write, open } = aReloader();

    write(goodText.replace("port: 7060", "port: 7070").replace("raw_retention: 14d", "raw_retention: 20d"));
    const { nextStart } = reloader.reload();

    expect(nextStart).toEqual(["server.port", "store.raw_retention"]);
    expect(open()).toEqual([
      "restart_needed: Changed settings wait for the next start: server.port, store.raw_retention.",
    ]);
    write(goodText);
    reloader.reload();
    expect(open()).toEqual([]);
  });

  it("is refused where there is no configuration", () => {
    const parts = aReloader();
    const demo = new Reloader({
      config: null,
      apply: () => Promise.resolve(),
      problems: new ProblemList(systemClock, () => undefined),
      log: silentLog,
    });

    expect(() => demo.reload()).toThrow("The demo has no configuration");
    expect(readFileSync(parts.file, "utf8")).toBe(goodText);
  });
});

/** Removed before changed, as they are told. */
const byKind = (a: string, b: string): number => rank(a) - rank(b);
const rank = (line: string): number => (line.includes("removed") ? (line.startsWith("lab") ? 0 : 1) : 2);

describe("a configuration that is wrong", () => {
  it("keeps the old one, and says what is wrong with its place in the log and as a problem", () => {
    const { file, reloader, applied, logged, open, write } = aReloader();

    write(goodText.replace("poll_period: 10s", "poll_period: often"));

    expect(() => reloader.reload()).toThrow(/pilothouse\.yaml:\d+:\d+: wrong value for clusters\[0\]\.poll_period/);
    expect(applied).toEqual([]);
    expect(open()).toHaveLength(1);
    expect(open()[0]).toMatch(
      new RegExp(`^configuration_refused: .*the old one goes on: ${file}:\\d+:\\d+: wrong value`),
    );
    expect(logged[0]).toContain("wrong value for clusters[0].poll_period");
    write(goodText);
    expect(reloader.reload().changes).toEqual([]);
    expect(open()).toEqual([]);
  });

  it("in any of more than 200 ways never changes what runs, and is always said with a place (S17)", () => {
    const { reloader, applied, open, write } = aReloader();
    const wrong = ["[]", "{}", "null", "-1", ".nan", '""', "!!binary aGk=", "*nowhere", "2026-01-01", "true"];
    let refused = 0;
    for (const [index, line] of goodText.split("\n").entries()) {
      const match = /^(\s*(?:- )?[a-z_]+: )\S.*$/.exec(line);
      if (match === null) continue;
      for (const value of wrong) {
        write(
          goodText
            .split("\n")
            .with(index, `${match[1] ?? ""}${value}`)
            .join("\n"),
        );
        try {
          reloader.reload();
          // Some keys may be empty or left out: then it is a good file, and taken up.
          write(goodText);
          reloader.reload();
        } catch {
          refused++;
          expect(open().some((problem) => /^configuration_refused: .*:\d+:\d+: \S/.test(problem))).toBe(true);
          expect(open().join("\n")).not.toContain(secret);
        }
      }
    }
    write(goodText);
    reloader.reload();

    expect(refused).toBeGreaterThan(200);
    expect(open()).toEqual([]);
    expect(applied.flatMap(({ removed }) => removed)).toEqual([]);
  });
});
