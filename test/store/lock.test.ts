// One instance per data directory, and no directory that stays locked by the dead.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LockedError, StoreError } from "../../src/lib/errors.ts";
import { lockDataDir } from "../../src/store/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const lockModule = new URL("../../src/store/lock.ts", import.meta.url).href;
const holdLock = (directory: string): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [
    "--import",
    "tsx",
    "--input-type=module",
    "-e",
    `const { lockDataDir } = await import(${JSON.stringify(lockModule)});
     await lockDataDir(${JSON.stringify(directory)}); console.log("held"); setInterval(() => {}, 1000);`,
  ]);

describe("the lock of a data directory", () => {
  it("refuses a second instance and names the holder, until the holder is dead", { timeout: 30_000 }, async () => {
    const directory = temporaryDirectory();
    const holder = holdLock(directory);
    await once(holder.stdout, "data");

    const second = lockDataDir(directory);
    await expect(second).rejects.toThrow(LockedError);
    await expect(second).rejects.toThrow(
      `Pilothouse already runs on ${directory} (process ${holder.pid ?? 0} on host ${hostname()}, since `,
    );

    holder.kill("SIGKILL");
    await once(holder, "exit");
    const taken = await lockDataDir(directory);
    await taken.release();
  });

  it("refuses a second instance within the same process, and is free after its release", async () => {
    const directory = join(temporaryDirectory(), "new", "data");
    const first = await lockDataDir(directory);

    await expect(lockDataDir(directory)).rejects.toThrow("stop it or choose another --data-dir");
    await first.release();

    await (await lockDataDir(directory)).release();
    expect(existsSync(join(directory, "pilothouse.lock"))).toBe(false);
  });

  it("lets only one of many have a lock whose holder is dead", async () => {
    const directory = temporaryDirectory();
    writeFileSync(
      join(directory, "pilothouse.lock"),
      JSON.stringify({ pid: 1, host: hostname(), bootId: "another boot", processStart: "1", since: "" }),
    );

    const tries = await Promise.allSettled(Array.from({ length: 8 }, async () => lockDataDir(directory)));

    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("takes over a lock that cannot be read, and one of another host that nobody has touched for long", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "pilothouse.lock");
    writeFileSync(path, "");
    await (await lockDataDir(directory)).release();

    writeFileSync(path, JSON.stringify({ pid: 1, host: "elsewhere", bootId: "", processStart: "", since: "2026" }));
    await expect(lockDataDir(directory)).rejects.toThrow("process 1 on host elsewhere");
    utimesSync(path, 0, 0);
    await (await lockDataDir(directory)).release();
  });

  it("says what is wrong with a directory that cannot be used", async () => {
    const directory = join(temporaryDirectory(), "a-file");
    writeFileSync(directory, "");

    const locking = lockDataDir(join(directory, "data"));

    await expect(locking).rejects.toThrow(StoreError);
    await expect(locking).rejects.toThrow("choose another --data-dir");
  });
});
