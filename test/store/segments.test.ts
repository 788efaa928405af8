// Days as Parquet files: every row is in exactly one place whatever happens, and questions do not notice where.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import type { EntityId } from "../../src/model/ids.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { aBatch, aRow, type EngineStore, engineStore, forEver, hour, minute, t0 } from "./build.ts";
import { day, lateBatch, lateRow, moveBatches, movedSeries, movedUntil, movedValue } from "./move-batch.ts";

const parquetFiles = (directory: string): string[] =>
  existsSync(join(directory, "parquet"))
    ? readdirSync(join(directory, "parquet"), { recursive: true, encoding: "utf8" })
        .filter((name) => name.includes(".parquet"))
        .sort()
    : [];

async function openStore(directory: string): Promise<EngineStore> {
  const store = await engineStore(directory, { retention: forEver });
  onTestFinished(async () => store.close());
  return store;
}

async function filled(directory = temporaryDirectory()): Promise<EngineStore & { readonly directory: string }> {
  const store = await openStore(directory);
  for (const batch of moveBatches) await store.append(batch);
  return Object.assign(store, { directory });
}

const ask = (store: EngineStore, id: EntityId, aggregation: "avg" | "sum" = "avg", stepMs = 0) =>
  store.range({ ids: [id], metric: "cpu_ratio", aggregation, fromMs: t0, toMs: t0 + 4 * day, stepMs });

/** Every row of the batches is there, and once: a twin would be shown once but summed up twice. */
async function expectEverything(store: EngineStore, late: readonly (typeof lateRow)[] = []): Promise<void> {
  for (const [series, id] of movedSeries.entries()) {
    const own = moveBatches.flatMap(({ blocks }) =>
      blocks.flatMap((block) => [...block.ts].filter((_, row) => block.ids[block.idIndex[row] ?? 0] === id)),
    );
    const expected = new Map(own.map((ts) => [ts, movedValue(ts, series)]));
    for (const row of late) if (row.id === id) expected.set(row.ts, row.values["cpu_ratio"] ?? 0);
    const found = (await ask(store, id)).frames[0];
    expect(new Map(found?.timeMs.map((ts, i) => [ts, found.values[i]]))).toEqual(
      new Map([...expected].sort(([a], [b]) => a - b)),
    );
    const sums = (await ask(store, id, "sum", minute)).frames[0]?.values ?? [];
    const total = sums.reduce<number>((sum, value) => sum + (value ?? 0), 0);
    expect(total).toBeCloseTo(
      [...expected.values()].reduce((a, b) => a + b, 0),
      9,
    );
  }
}

describe("days in Parquet files", () => {
  it("answer as the hot rows did, in every kind of question", async () => {
    const store = await filled();
    const ids = movedSeries.slice(0, 2);
    const answers = async () => ({
      rows: await ask(store, movedSeries[0]),
      buckets: await ask(store, movedSeries[1], "avg", 10 * minute),
      // Their order is nobody's promise.
      latest: [...(await store.latest("guest", t0 - 1))].sort((a, b) => a.id.localeCompare(b.id)),
      quantiles: await store.quantiles({ ids, metric: "cpu_ratio", ps: [0.5, 0.95], fromMs: t0, toMs: t0 + 3 * day }),
      trend: await store.trend({ ids, metric: "cpu_ratio", fromMs: t0 + day, toMs: t0 + day + hour }),
    });
    const before = await answers();

    expect(await store.tidy(movedUntil)).toContain("moved 6 days");

    expect(parquetFiles(store.directory)).toHaveLength(6);
    expect(await answers()).toEqual(before);
    await expectEverything(store);
    await store.engine.checkpoint();
    expect(store.events.filter(({ event }) => event === "raise")).toEqual([]);
  });

  it("leave days that ended less than a day ago where they are", async () => {
    const store = await filled();

    await store.tidy(t0 + 2 * day + hour);

    expect(parquetFiles(store.directory)).toEqual(["guest/2026-03-01.parquet", "node/2026-03-01.parquet"]);
    await expectEverything(store);
  });

  it("take late rows: read together at once, written anew with the next move, rolled up and counted", async () => {
    const store = await filled();
    await store.rollup(movedUntil);
    await store.tidy(movedUntil);
    await store.append(lateBatch);

    await expectEverything(store, [lateRow]);
    await store.rollup(movedUntil);
    const window = await ask(store, lateRow.id, "avg", 5 * minute);
    expect(window.tiers).toEqual(["5m"]);
    expect(window.frames[0]?.values[1]).toBe(0.625);
    await store.tidy(movedUntil);
    expect(parquetFiles(store.directory)).toContain("guest/2026-03-01.2.parquet");
    expect(parquetFiles(store.directory)).not.toContain("guest/2026-03-01.parquet");
    await expectEverything(store, [lateRow]);
    const { rows } = await store.quantiles({
      ids: [lateRow.id],
      metric: "cpu_ratio",
      ps: [0.5],
      fromMs: t0 - 500 * day,
      toMs: t0 + day,
    });
    expect(rows[0]?.samples).toBe(49);
  });

  it("are found again when the data directory has moved", async () => {
    const store = await filled();
    await store.tidy(movedUntil);
    await store.close();
    const elsewhere = join(temporaryDirectory(), "moved");
    renameSync(store.directory, elsewhere);

    await expectEverything(await openStore(elsewhere));
  });

  it("go when they are older than samples are kept", async () => {
    const store = await filled();
    await store.tidy(movedUntil);
    await store.close();
    const strict = await engineStore(store.directory, { retention: { ...forEver, rawDays: 2 } });
    onTestFinished(async () => strict.close());

    await strict.engine.retention(t0 + 4 * day);

    expect(parquetFiles(store.directory)).toEqual(["guest/2026-03-03.parquet", "node/2026-03-03.parquet"]);
    const { frames } = await ask(strict, movedSeries[0]);
    expect(frames[0]?.timeMs[0]).toBe(t0 + 2 * day);
  });

  it.each([
    ["is missing", (file: string) => rmSync(file), "is missing"],
    ["was cut off", (file: string) => truncateSync(file, 900), "size has changed"],
    ["has grown", (file: string) => appendFileSync(file, "x"), "size has changed"],
  ])("cost only their own day when a file %s, and say so", async (_, harm, reason) => {
    const store = await filled();
    await store.tidy(movedUntil);
    await store.close();
    harm(join(store.directory, "parquet/guest/2026-03-02.parquet"));

    const again = await openStore(store.directory);

    const { frames } = await ask(again, movedSeries[0]);
    expect(frames[0]?.timeMs).toHaveLength(96);
    expect(JSON.stringify(again.events)).toMatch(new RegExp(`store_day_lost.*guest samples of 2026-03-02.*${reason}`));
  });

  it("cost only their own day when a file turns out to be damaged while it is read", async () => {
    const store = await filled();
    await store.tidy(movedUntil);
    const file = join(store.directory, "parquet/guest/2026-03-02.parquet");
    writeFileSync(file, Buffer.alloc(statSync(file).size, 7));

    const { frames } = await ask(store, movedSeries[0]);

    expect(frames[0]?.timeMs).toHaveLength(96);
    expect(JSON.stringify(store.events)).toContain("store_day_lost");
    expect(existsSync(`${file}.corrupt`)).toBe(true);
    expect((await store.stats()).degraded).toBe(false);
  });

  it("bring the history back when the database is lost, roll-ups and sketches too", async () => {
    const store = await filled();
    await store.tidy(movedUntil);
    await store.close();
    for (const name of ["metrics.duckdb", "metrics.duckdb.wal"]) rmSync(join(store.directory, name), { force: true });
    rmSync(join(store.directory, "journal"), { recursive: true });

    const again = await openStore(store.directory);
    await expectEverything(again);
    await again.append(aBatch([aRow({ id: "demo/guest/7~1", ts: t0 + 5 * day })]));
    await again.rollup(movedUntil);

    const hours = await ask(again, movedSeries[2], "avg", hour);
    expect(hours.tiers).toEqual(["1h"]);
    expect(hours.frames[0]?.timeMs).toHaveLength(72);
    expect((await again.latest("guest", t0 + 4 * day)).map(({ id }) => id)).toEqual(["demo/guest/7~1"]);
  });
});

describe("kill -9 in a day move", () => {
  const steps = ["copied", "synced", "renamed", "directory synced", "manifest written", "committed"];
  /** The first move, and the one that writes a day anew. */
  const kills = steps.flatMap((step) => [0, 6].map((passes) => [step, passes] as const));

  it.each(kills)(
    "at '%s' after %d moves leaves every row in exactly one place",
    { timeout: 30_000 },
    async (step, passes) => {
      const directory = temporaryDirectory();
      const child = spawn(process.execPath, [
        "--import",
        "tsx",
        fileURLToPath(new URL("./move-child.ts", import.meta.url)),
        directory,
        step,
        String(passes),
      ]);
      let complaint = "";
      child.stderr.on("data", (data: Buffer) => (complaint += data.toString()));
      const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
      expect([complaint, code, signal]).toEqual(["", null, "SIGKILL"]);
      const late = passes < 6 ? [] : [lateRow];

      const store = await openStore(directory);
      await expectEverything(store, late);
      await store.tidy(movedUntil);
      await expectEverything(store, late);
      // Nothing is left over.
      expect(parquetFiles(directory)).toHaveLength(6);
    },
  );
});
