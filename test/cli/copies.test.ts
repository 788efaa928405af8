// Backup, restore and export from the command line, beside a running service and without one.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { serveControl } from "../../src/cli/control.ts";
import { copyMethods } from "../../src/cli/copies.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { openStore } from "../../src/store/index.ts";
import { aBatch, samples } from "../store/build.ts";
import { aFolder, cli } from "./run-in-process.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

const begin = Date.now() - 3_600_000;

async function open(dataDir: string) {
  const problems = { raise: () => undefined, clear: () => undefined };
  const store = await openStore({ dataDir, log: silentLog, problems });
  await store.append(aBatch(samples(30, begin)));
  return store;
}

/** A data directory with thirty samples that no service owns. */
async function filled(): Promise<string> {
  const dataDir = aFolder();
  await (await open(dataDir)).close();
  return dataDir;
}

/** The same with a service that answers on its control socket and holds the store open. */
async function served(): Promise<string> {
  const dataDir = aFolder();
  const store = await open(dataDir);
  opened.push(store);
  const parts = { copies: store.copies, statePath: join(dataDir, "state.db"), clock: systemClock, version: "1.2.3" };
  opened.push(await serveControl(dataDir, copyMethods(parts), silentLog));
  return dataDir;
}

describe.each([
  ["beside a running service", served],
  ["without a service", filled],
])("%s", (_, make) => {
  it("a backup, wiped and restored, exports the same lines", async () => {
    const dataDir = await make();
    const target = join(aFolder(), "backup");
    const exported = (directory: string) =>
      cli(["export", "--csv", "--data-dir", directory, "--from", "-2h"], { cwd: aFolder() });
    const before = await exported(dataDir);

    const backup = await cli(["backup", target, "--data-dir", dataDir, "--json"]);
    for (const each of opened.splice(0).reverse()) await each.close();
    rmSync(dataDir, { recursive: true });
    const restored = await cli(["restore", target, "--data-dir", dataDir]);

    expect([before.exitCode, backup.exitCode, restored.exitCode]).toEqual([0, 0, 0]);
    expect(before.stdout.trim().split("\n")).toHaveLength(31);
    expect((await exported(dataDir)).stdout).toBe(before.stdout);
    expect(JSON.parse(backup.stdout)).toMatchObject({ directory: target });
    expect(restored.stderr).toContain("not in this backup");
    expect(readdirSync(target)).toContain("configuration.json");
  });

  it("an export goes into a file when asked", async () => {
    const dataDir = await make();
    const cwd = aFolder();

    const { exitCode, stdout, stderr } = await cli(
      ["export", "--line-protocol", "--data-dir", dataDir, "--from", "-2h", "--output", "lines.txt"],
      { cwd },
    );

    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "", stderr: "lines.txt: 30 points\n" });
    expect(readFileSync(join(cwd, "lines.txt"), "utf8")).toMatch(
      /^pve_guest,cluster=demo,node=pve1,vmid=100,generation=1 cpu/,
    );
  });
});

describe("wrong use", () => {
  it.each([
    [["export"], "Choose one of"],
    [["export", "--csv", "--parquet"], "Choose one of"],
    [["export", "--csv", "--from", "now", "--to", "-1h"], "--from must lie before --to"],
    [["export", "--csv", "--from", "soon"], "not a time"],
  ])("%j is refused with a sentence", async (argv, sentence) => {
    const { exitCode, stderr } = await cli(argv);

    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).toContain(sentence);
  });

  it("a backup of nothing is refused and leaves nothing behind", async () => {
    const target = join(aFolder(), "backup");
    const { exitCode, stderr } = await cli(["backup", target, "--data-dir", join(aFolder(), "nothing")]);

    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).toContain("does not exist");
    expect(existsSync(target)).toBe(false);
  });
});
