// What a poll costs to keep: a large batch from its bytes to acknowledged and applied, polls of two thousand guests
// beside InfluxDB and VictoriaMetrics, and what a row takes on disk.
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DuckDBInstance } from "@duckdb/node-api";
import { silentLog } from "../src/lib/log.ts";
import type { Batch } from "../src/model/batch.ts";
import { encodeBatch } from "../src/model/batch-codec.ts";
import { DuckDbDriver } from "../src/store/drivers/duckdb/duckdb-driver.ts";
import { openStore, storeClient } from "../src/store/index.ts";
import { defaultRetention } from "../src/store/retention.ts";
import { demoPolls } from "./demo-rows.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";
import { linesOf, startPeers } from "./peers.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Midnight, so that the rows are one day's. */
const beginMs = Math.floor(Date.now() / dayMs - 3) * dayMs;
const peerPolls = 60;
const largePolls = 40;
const sizedPolls = 1_080;

export const ingest: Benchmark = {
  name: "ingest",
  summary: "appending 10,000 rows, polls of 2,000 rows beside InfluxDB and VictoriaMetrics, bytes per row on disk",
  run: async () => [...(await largeBatches()), ...(await besidePeers()), ...(await bytesPerRow())],
};

async function withStore<T>(work: (store: Awaited<ReturnType<typeof openStore>>) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), "pilothouse-bench-"));
  const store = await openStore({
    dataDir,
    log: silentLog,
    problems: { raise: () => undefined, clear: () => undefined },
  });
  try {
    return await work(store);
  } finally {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/**
 * Each batch is applied before the next comes: a question asks for what was just acknowledged. Batches come as bytes, as
 * they do from the collector's thread.
 */
async function largeBatches(): Promise<Figure[]> {
  const polls = [...demoPolls(10_700, 32, beginMs, largePolls)];
  const rows = polls[0]?.blocks[0]?.length ?? 0;
  const encoded = polls.map(encodeBatch);
  return withStore(async (store) => {
    const client = storeClient(store.port());
    const acknowledged: number[] = [];
    const applied: number[] = [];
    const delay = monitorEventLoopDelay({ resolution: 1 });
    for (const [i, bytes] of encoded.entries()) {
      if (i === 5) delay.enable();
      const begun = performance.now();
      await client.appendEncoded(bytes);
      acknowledged.push(performance.now() - begun);
      await store.latest("cluster", beginMs);
      applied.push(performance.now() - begun);
    }
    delay.disable();
    client.close();
    return [
      { name: "large_batch_rows", value: rows, unit: "rows" },
      { name: "large_batch_journal_p50", value: median(acknowledged.slice(5)), unit: "ms" },
      { name: "large_batch_stored_p50", value: median(applied.slice(5)), unit: "ms", must: "<= 60", aim: "<= 30" },
      { name: "main_thread_blocked_p99", value: delay.percentile(99) / 1e6, unit: "ms" },
      { name: "main_thread_blocked_most", value: delay.max / 1e6, unit: "ms", must: "<= 12" },
    ];
  });
}

async function besidePeers(): Promise<Figure[]> {
  const polls = [...demoPolls(2_130, 16, beginMs, peerPolls)];
  const own = await withStore(async (store) => {
    const begun = performance.now();
    for (const batch of polls) await store.append(batch);
    await store.latest("guest", beginMs + (peerPolls - 1) * 10_000);
    return (performance.now() - begun) / peerPolls;
  });
  const figures: Figure[] = [
    { name: "poll_rows", value: polls[0]?.blocks[0]?.length ?? 0, unit: "rows" },
    { name: "poll_ours", value: own, unit: "ms per poll" },
  ];
  for (const peer of await startPeers()) {
    try {
      const begun = performance.now();
      for (const batch of polls) await peer.write(linesOf(batch));
      const theirs = (performance.now() - begun) / peerPolls;
      figures.push({ name: `poll_${peer.name}`, value: theirs, unit: "ms per poll" });
      const must = peer.name === "influxdb" ? ">= 4" : ">= 2";
      figures.push({ name: `faster_than_${peer.name}`, value: theirs / own, unit: "×", must });
    } finally {
      await peer.close();
    }
  }
  return figures;
}

async function bytesPerRow(): Promise<Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), "pilothouse-bench-"));
  const path = join(directory, "metrics.duckdb");
  const settings = {
    path,
    memoryLimit: "128MB",
    temporaryDirectory: join(directory, "tmp"),
    parquetDirectory: join(directory, "parquet"),
    queryDeadlineMs: 60_000,
    retention: defaultRetention,
  };
  const rows = await fill(settings);
  const after = beginMs + 3 * hourMs + 900_000;
  await upkeep(settings, async (driver) => {
    await driver.rollup(after);
    await driver.sketch(after);
    await driver.tidy(after);
  });
  const hot = await tableBytes(path, "guest_raw");
  await upkeep(settings, async (driver) => {
    await driver.tidy(beginMs + 2 * dayMs + hourMs);
  });
  const folder = join(settings.parquetDirectory, "guest");
  const parquet = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const [rolled, windows] = [await tableBytes(path, "guest_5m"), await rowCount(path, "guest_5m")];
  const guests = await rowCount(path, "series");
  const sketches = await sketchBytes(path);
  rmSync(directory, { recursive: true, force: true });
  return [
    { name: "hot_bytes_per_row", value: hot / rows, unit: "bytes", must: "<= 40", aim: "<= 34" },
    { name: "parquet_bytes_per_row", value: parquet / rows, unit: "bytes", must: "<= 20", aim: "<= 14" },
    { name: "rollup_bytes_per_row", value: rolled / windows, unit: "bytes" },
    { name: "sketch_bytes_per_guest_hour", value: sketches / guests / 3, unit: "bytes" },
  ];
}

type Settings = Parameters<typeof DuckDbDriver.open>[0];

async function fill(settings: Settings): Promise<number> {
  const driver = await DuckDbDriver.open(settings);
  let rows = 0;
  let group: { seq: number; batch: Batch }[] = [];
  for (const batch of demoPolls(600, 8, beginMs, sizedPolls)) {
    rows += batch.blocks[0]?.length ?? 0;
    group.push({ seq: rows, batch });
    if (group.length < 90) continue;
    await driver.apply(group);
    group = [];
  }
  await driver.checkpoint();
  await driver.close();
  return rows;
}

async function upkeep(settings: Settings, work: (driver: DuckDbDriver) => Promise<void>): Promise<void> {
  const driver = await DuckDbDriver.open(settings);
  await work(driver);
  await driver.checkpoint();
  await driver.close();
}

async function read(path: string, sql: string): Promise<number> {
  const instance = await DuckDBInstance.create(path);
  const rows = await (await instance.connect()).runAndReadAll(sql);
  instance.closeSync();
  return Number(rows.getRows()[0]?.[0]);
}

const rowCount = (path: string, table: string): Promise<number> => read(path, `SELECT count(*) FROM ${table}`);

/** Whole blocks, as they are on the disk. */
const tableBytes = (path: string, table: string): Promise<number> =>
  read(path, `SELECT 65536 * count(DISTINCT block_id) FROM pragma_storage_info('${table}') WHERE block_id >= 0`);

const sketchBytes = (path: string): Promise<number> => read(path, "SELECT sum(octet_length(data)) FROM sketch");
