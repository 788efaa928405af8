// Broken files of every kind: the store opens, keeps the bytes aside, says that it is degraded, and has everything that
// the journal still has.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { StoreError } from "../../src/lib/errors.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { aBatch, type EngineStore, engineStore, hour, ManualClock, samples, t0 } from "./build.ts";

const batches = 30;
const perBatch = 20;

const rawPoints = async (store: EngineStore): Promise<(readonly [number, number | null])[]> => {
  const { frames } = await store.range({
    ids: ["demo/guest/100~1"],
    metric: "cpu_ratio",
    aggregation: "avg",
    fromMs: t0,
    toMs: t0 + 24 * hour,
    stepMs: 0,
  });
  return (frames[0]?.timeMs ?? []).map((time, i) => [time, frames[0]?.values[i] ?? null]);
};

const values = [-0, 0.1 + 0.2, 2 ** 53 - 1, 5e-324, 1.7e308];
const valueAt = (i: number): number => values[i % values.length] ?? 0;
const expected = Array.from({ length: batches * perBatch }, (_, i) => [t0 + i * 10_000, valueAt(i)] as const);

const aside = (directory: string): string[] => readdirSync(directory).filter((name) => name.includes(".corrupt-"));

describe("a store whose process was killed", () => {
  /** The files of a running store, as a crash leaves them: half in the database file, half in its log. */
  let image: string;

  beforeAll(async () => {
    const directory = temporaryDirectory();
    let store = await engineStore(directory, { segmentBytes: 4000 });
    for (let i = 0; i < batches; i++) {
      await store.append(aBatch(samples(perBatch, t0 + i * perBatch * 10_000, (j) => valueAt(i * perBatch + j))));
      // One transaction each.
      await rawPoints(store);
      if (i !== batches / 3) continue;
      // Closing puts the first third into the file itself; the journal keeps everything.
      await store.close();
      store = await engineStore(directory, { segmentBytes: 4000 });
    }
    await store.rollup(t0 + 24 * hour);
    image = temporaryDirectory();
    cpSync(directory, image, { recursive: true });
    await store.close();
  });

  const reopened = async (damage: (database: string) => void): Promise<{ store: EngineStore; directory: string }> => {
    const directory = join(temporaryDirectory(), "data");
    cpSync(image, directory, { recursive: true });
    damage(join(directory, "metrics.duckdb"));
    const store = await engineStore(directory, { segmentBytes: 4000 }, { clock: new ManualClock() });
    onTestFinished(async () => store.close());
    return { store, directory };
  };

  it("has everything when its files are sound", async () => {
    const { store } = await reopened(() => undefined);

    expect(await rawPoints(store)).toEqual(expected);
    expect((await store.stats()).degraded).toBe(false);
  });

  it("has everything when DuckDB's log lost its tail without anybody noticing", async () => {
    const { store, directory } = await reopened((database) => {
      const wal = `${database}.wal`;
      truncateSync(wal, Math.floor(readFileSync(wal).length * 0.7));
    });

    expect(aside(directory)).toEqual([]);
    expect(await rawPoints(store)).toEqual(expected);
    expect((await store.stats()).degraded).toBe(false);
  });

  it.each([
    ["garbage in the log", (database: string) => overwrite(`${database}.wal`, 0.5)],
    ["garbage in the header", (database: string) => overwrite(database, 0)],
    ["an empty file", (database: string) => truncateSync(database, 0)],
    ["half a file", (database: string) => truncateSync(database, Math.floor(readFileSync(database).length / 2))],
    ["a foreign text", (database: string) => writeFileSync(database, "Dear database,\n".repeat(2000))],
  ])("fills a new database from the journal after %s", async (_, damage) => {
    const { store, directory } = await reopened(damage);

    expect(await rawPoints(store)).toEqual(expected);
    expect((await store.stats()).degraded).toBe(true);
    expect(aside(directory).length).toBeGreaterThan(0);
    expect(store.events).toContainEqual(expect.objectContaining({ event: "raise" }));
    await store.append(aBatch(samples(1, t0 + 23 * hour)));
    expect(await rawPoints(store)).toHaveLength(expected.length + 1);
    expect(await store.engine.checkpoint()).toMatch(/^Checkpointed up to record 31; \d+ journal segments removed\.$/);
  });

  it("finds damage in the middle of the file when it reads there, and recovers then", { timeout: 60_000 }, async () => {
    const found: boolean[] = [];
    for (const place of [0.3, 0.5, 0.7, 0.9]) {
      const { store, directory } = await reopened((database) => overwrite(database, place, 64 * 1024));

      expect(await rawPoints(store)).toEqual(expected);
      const isAside = aside(directory).length > 0;
      expect((await store.stats()).degraded).toBe(isAside);
      found.push(isAside);
    }
    // Not every block is in use, but not every one can be spare.
    expect(found).toContain(true);
  });

  it("fills the database again when somebody removed it", async () => {
    const { store } = await reopened((database) => {
      rmSync(database);
      rmSync(`${database}.wal`, { force: true });
    });

    expect(await rawPoints(store)).toEqual(expected);
  });

  it("goes on when somebody removed the journal", async () => {
    const { store } = await reopened((database) => rmSync(join(database, "..", "journal"), { recursive: true }));
    await store.append(aBatch(samples(1, t0 + 23 * hour)));

    expect(await rawPoints(store)).toHaveLength(expected.length + 1);
  });

  it("says what is lost when the database is gone and the journal was trimmed", async () => {
    const { store } = await reopened((database) => {
      rmSync(database);
      const journal = join(database, "..", "journal");
      for (const name of readdirSync(journal).sort().slice(0, 2)) rmSync(join(journal, name));
    });

    expect((await store.stats()).degraded).toBe(true);
    expect(JSON.stringify(store.events)).toContain("what lay between them is lost");
    expect((await rawPoints(store)).at(-1)).toEqual(expected.at(-1));
  });

  it("keeps what was compressed into the file bit for bit, and trims the journal once that is proven", async () => {
    const { store, directory } = await reopened(() => undefined);
    const before = (await store.stats()).journalSegments;

    const sentence = await store.engine.checkpoint();

    expect(sentence).toMatch(/^Checkpointed up to record 30; \d+ journal segments removed\.$/);
    expect((await store.stats()).journalSegments).toBeLessThan(before);
    await store.close();
    const again = await engineStore(directory);
    const found = await rawPoints(again);
    await again.close();
    expect(found.every(([, value], i) => Object.is(value, expected[i]?.[1]))).toBe(true);
    expect(found).toHaveLength(expected.length);
  });
});

it("keeps the journal when the database gives back something else", async () => {
  const directory = temporaryDirectory();
  const store = await engineStore(directory, { segmentBytes: 200 });
  for (let i = 0; i < 5; i++) await store.append(aBatch(samples(5, t0 + i * 50_000)));
  await store.close();
  const other = await DuckDBInstance.create(join(directory, "metrics.duckdb"));
  const connection = await other.connect();
  await connection.run("UPDATE guest_raw SET cpu_ratio = cpu_ratio + 1e-12 WHERE ts = (SELECT max(ts) FROM guest_raw)");
  connection.closeSync();
  other.closeSync();

  const again = await engineStore(directory, { segmentBytes: 200 }, { clock: new ManualClock() });
  onTestFinished(async () => again.close());
  const segments = (await again.stats()).journalSegments;

  expect(await again.engine.checkpoint()).toContain("The journal was kept.");
  expect((await again.stats()).journalSegments).toBe(segments);
  expect(JSON.stringify(again.events)).toContain("store_read_back_failed");
});

it("refuses a database that a newer release has written, and leaves it alone", async () => {
  const directory = temporaryDirectory();
  await (await engineStore(directory)).close();
  const path = join(directory, "metrics.duckdb");
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run("INSERT INTO schema_version VALUES (99)");
  connection.closeSync();
  instance.closeSync();

  const opening = engineStore(directory);

  await expect(opening).rejects.toThrow(StoreError);
  await expect(opening).rejects.toThrow("written by a newer Pilothouse (schema 99");
  expect(existsSync(path)).toBe(true);
});

it("adds the columns of metrics that an older catalogue did not have", async () => {
  const directory = temporaryDirectory();
  const first = await engineStore(directory);
  await first.append(aBatch(samples(3)));
  await first.close();
  const instance = await DuckDBInstance.create(join(directory, "metrics.duckdb"));
  const connection = await instance.connect();
  await connection.run("ALTER TABLE guest_raw DROP COLUMN running");
  await connection.run("ALTER TABLE guest_raw ADD COLUMN gone_metric DOUBLE");
  connection.closeSync();
  instance.closeSync();

  const store = await engineStore(directory);
  onTestFinished(async () => store.close());
  await store.append(aBatch(samples(3, t0 + 30_000, (i) => i, { values: { running: 1, cpu_ratio: 4 } })));

  expect((await rawPoints(store)).map(([, value]) => value)).toEqual([0, 1, 2, 4, 4, 4]);
});

it("refuses a data directory that cannot be written to in one sentence with the remedy", async () => {
  const directory = join(temporaryDirectory(), "a-file");
  writeFileSync(directory, "");

  await expect(engineStore(join(directory, "data"))).rejects.toThrow(
    "it is not a directory; choose another --data-dir",
  );
});

function overwrite(path: string, at: number, bytes = 4096): void {
  const content = readFileSync(path);
  const start = Math.floor(content.length * at);
  for (let i = start; i < Math.min(content.length, start + bytes); i++) content[i] = (i * 131 + 17) & 0xff;
  writeFileSync(path, content);
}
