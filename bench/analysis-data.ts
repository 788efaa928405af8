// Ninety days of two thousand guests on thirty-two nodes, as hours in a real data directory: what the nightly analysis
// reads. The hours are written straight into their tables, rolled up and sorted as the store leaves them after three
// months: as samples they would be one and a half billion rows.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { blocksFromRows, type Row } from "../src/model/batch.ts";
import { guestEntityId, nodeEntityId, parseEntityId, storageEntityId } from "../src/model/ids.ts";
import type { Entity } from "../src/model/inventory.ts";
import { DuckDbDriver } from "../src/store/drivers/duckdb/duckdb-driver.ts";
import { defaultRetention } from "../src/store/retention.ts";
import { rowsOfKinds } from "./analysis-rows.ts";

export const cluster = "bench";
export const guestCount = 2_000;
export const nodeCount = 32;
export const days = 90;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** `endMs` is a whole hour: the moment just after the newest one. */
export async function buildAnalysisData(directory: string, endMs: number): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "metrics.duckdb");
  const driver = await DuckDbDriver.open({
    path,
    memoryLimit: "512MB",
    temporaryDirectory: join(directory, "tmp"),
    parquetDirectory: join(directory, "parquet"),
    queryDeadlineMs: 600_000,
    retention: defaultRetention,
  });
  const rows = entitiesAt(endMs).flatMap(({ id, kind }): Row[] =>
    kind === "cluster"
      ? []
      : [{ id, ts: endMs - 10_000, stepS: 10, origin: "export", node: "pve1", values: { [firstField[kind]]: 1 } }],
  );
  const batch = {
    batchId: "bench-00000001",
    cluster,
    source: "poll",
    marks: {},
    blocks: blocksFromRows((id) => parseEntityId(id)?.kind ?? "guest", rows),
  };
  await driver.apply([{ seq: 1, batch }]);
  await driver.rollup(endMs + hourMs);
  await driver.checkpoint();
  await driver.close();
  await addHours(path, endMs);
}

const firstField = { node: "cpu_ratio", guest: "cpu_ratio", storage: "used_bytes" } as const;

async function addHours(path: string, endMs: number): Promise<void> {
  const instance = await DuckDBInstance.create(path, { memory_limit: "1GB", threads: "2" });
  const connection = await instance.connect();
  const firstMs = endMs - days * dayMs;
  for (const [kind, values] of Object.entries(rowsOfKinds)) {
    const cells = Object.keys(values).flatMap((id) => [
      `${id} AS ${id}_avg`,
      `${id} * 0.97 AS ${id}_min`,
      `${id} * 1.03 AS ${id}_max`,
      `${id} AS ${id}_last`,
    ]);
    const columns = Object.entries(values).map(([id, value]) => `(${value})::DOUBLE AS ${id}`);
    await connection.run(`DELETE FROM ${kind}_1h`);
    // Week by week, as they are sorted.
    for (let week = Math.floor(firstMs / (7 * dayMs)) * 7 * dayMs; week < endMs; week += 7 * dayMs) {
      const [from, to] = [Math.max(firstMs, week), Math.min(endMs - hourMs, week + 7 * dayMs)];
      await connection.run(`INSERT INTO ${kind}_1h BY NAME
        SELECT ts, sid, 3600 AS step_s, 0 AS origin, 1 AS derived, 360.0 AS n, ${cells.join(", ")}
        FROM (SELECT ts, sid, ${columns.join(", ")}
          FROM (SELECT t::BIGINT AS ts, t / ${hourMs}.0 AS h, sid, sid - (SELECT min(sid) FROM series WHERE kind = '${kind}') AS k
            FROM range(${from}, ${to}, ${hourMs}) a(t), series WHERE kind = '${kind}'))
        ORDER BY sid, ts`);
    }
    await connection.run(`INSERT INTO sorted_until VALUES ('${kind}/1h', ${endMs - hourMs})`);
  }
  await connection.run("CHECKPOINT");
  instance.closeSync();
}

const nodeName = (number: number): string => `pve${1 + (number % nodeCount)}`;

/** The inventory; two guests in five are containers. */
export function entitiesAt(atMs: number): readonly Entity[] {
  const base = { cluster, firstSeenAt: atMs - 400 * dayMs, lastSeenAt: atMs, goneAt: null };
  const nodes = Array.from(
    { length: nodeCount },
    (_, number): Entity => ({
      ...base,
      kind: "node",
      id: nodeEntityId(cluster, nodeName(number)),
      name: nodeName(number),
      status: "online",
      haState: null,
      address: null,
      version: "9.2.1",
    }),
  );
  const guests = Array.from(
    { length: guestCount },
    (_, number): Entity => ({
      ...base,
      kind: "guest",
      id: guestEntityId(cluster, 100 + number, 1),
      name: `vm${100 + number}`,
      vmid: 100 + number,
      generation: 1,
      type: number % 5 < 2 ? "lxc" : "qemu",
      node: nodeName(number),
      status: "running",
      template: false,
      lock: null,
      tags: [],
      pool: null,
      haState: null,
    }),
  );
  const storages = Array.from(
    { length: nodeCount },
    (_, number): Entity => ({
      ...base,
      kind: "storage",
      id: storageEntityId(cluster, "local", nodeName(number)),
      name: "local",
      storage: "local",
      node: nodeName(number),
      nodes: [nodeName(number)],
      shared: false,
      status: "available",
      pluginType: "dir",
      content: ["images"],
    }),
  );
  const itself: Entity = {
    ...base,
    kind: "cluster",
    id: `${cluster}/cluster`,
    name: "Bench",
    release: "9.2",
    quorate: true,
    simulated: false,
    webUrl: null,
  };
  return [itself, ...nodes, ...guests, ...storages];
}
