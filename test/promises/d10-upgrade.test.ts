// D10: the process is killed before each statement with which a database is made or upgraded.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import Database from "libsql";
import { expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { Secret } from "../../src/lib/secret.ts";
import { everything } from "../../src/model/access.ts";
import { openState } from "../../src/store/index.ts";
import { aBatch, engineStore, hour, samples, t0 } from "../store/build.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { isLongRun, measured } from "./figure.ts";

/** Of many statements these many, spread evenly; all of them in a long run. */
const mostKills = isLongRun ? Number.POSITIVE_INFINITY : 4;

it("D10: the state database is old or new after any kill, and the next start finishes", {
  timeout: 200_000,
}, async () => {
  const old = join(temporaryDirectory(), "state.db");
  await anOldState(old);
  const kills = await killedEverywhere("state", old, async (path) => {
    const state = await openState({ path, clock: systemClock });
    const users = (await state.users.list()).map(({ name }) => name);
    await state.entities.load("lab");
    await state.close();
    expect(users).toEqual(["ann"]);
  });
  measured("D10", `state database: ${kills}`);
});

it("D10: the metrics database is old or new after any kill, and the next start finishes", {
  timeout: 200_000,
}, async () => {
  const old = temporaryDirectory();
  await anOldStore(old);
  const kills = await killedEverywhere("metrics", old, async (path) => {
    const store = await engineStore(path);
    await store.append(aBatch(samples(10, t0 + 100_000, () => 2, { values: { running: 1, cpu_ratio: 2 } })));
    const query = { ids: ["demo/guest/100~1"], aggregation: "sum", fromMs: t0, toMs: t0 + hour, stepMs: hour } as const;
    const cpu = await store.range({ ...query, metric: "cpu_ratio" });
    const running = await store.range({ ...query, metric: "running" });
    const { degraded } = await store.stats();
    await store.close();
    expect(degraded).toBe(false);
    expect([cpu.frames[0]?.values, running.frames[0]?.values]).toEqual([[30], [10]]);
  });
  measured("D10", `metrics database: ${kills}`);
});

it("D10: a database that was killed while it was made is made by the next start", { timeout: 200_000 }, async () => {
  const kills = await killedEverywhere("metrics", undefined, async (path) => {
    const store = await engineStore(path);
    await store.append(aBatch(samples(3)));
    expect((await store.latest("guest", t0)).length).toBe(1);
    await store.close();
  });
  measured("D10", `new database: ${kills}`);
});

/** The first release's schema, with a user in it. */
async function anOldState(path: string): Promise<void> {
  const state = await openState({ path, clock: systemClock });
  await state.users.create({ name: "ann", password: new Secret("correct horse"), role: "admin", scope: everything });
  await state.close();
  const file = new Database(path);
  const first = ["schema_version", "users", "sessions", "api_tokens", "setup_links"];
  const tables = file.prepare("select name from sqlite_master where type = 'table'").all() as { name: string }[];
  for (const { name } of tables)
    if (!first.includes(name) && !name.startsWith("sqlite")) file.exec(`drop table "${name}"`);
  file.exec("update schema_version set version = 1");
  file.exec("pragma wal_checkpoint(truncate)");
  file.close();
}

/** Without columns that today's catalogue has. */
async function anOldStore(directory: string): Promise<void> {
  const store = await engineStore(directory);
  await store.append(aBatch(samples(10, t0, () => 1)));
  await store.close();
  const instance = await DuckDBInstance.create(join(directory, "metrics.duckdb"));
  const connection = await instance.connect();
  for (const column of ["running", "mem_used_bytes", "disk_read_bytes_per_second"])
    await connection.run(`ALTER TABLE guest_raw DROP COLUMN ${column}`);
  await connection.run("ALTER TABLE node_raw DROP COLUMN load_1m");
  connection.closeSync();
  instance.closeSync();
}

async function killedEverywhere(
  which: "state" | "metrics",
  old: string | undefined,
  check: (path: string) => Promise<void>,
): Promise<string> {
  const statements = Number((await open(which, copyOf(which, old), 0)).stdout);
  expect(statements).toBeGreaterThan(3);
  const step = Math.max(1, Math.ceil(statements / mostKills));
  let kills = 0;
  for (let dieAt = 1; dieAt <= statements; dieAt += step) {
    const path = copyOf(which, old);
    const { signal } = await open(which, path, dieAt);
    expect(signal, `before statement ${dieAt}`).toBe("SIGKILL");
    await check(path);
    kills++;
  }
  return `killed before ${kills} of ${statements} statements`;
}

function copyOf(which: "state" | "metrics", old: string | undefined): string {
  const directory = join(temporaryDirectory(), "copy");
  mkdirSync(directory);
  if (old === undefined) return directory;
  const path = which === "state" ? join(directory, "state.db") : directory;
  cpSync(old, path, { recursive: true });
  return path;
}

async function open(
  which: string,
  path: string,
  dieAt: number,
): Promise<{ readonly signal: string | null; readonly stdout: string }> {
  const script = fileURLToPath(new URL("./upgrade-child.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, which, path, String(dieAt)]);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  expect(stderr).toBe("");
  return { signal, stdout };
}
