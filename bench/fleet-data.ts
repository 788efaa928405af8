// A month of two thousand guests in a real data directory, made once and kept: what the benchmark of questions asks.
// The last two hours are samples that went through the store; of the days before there are the roll-ups and sketches,
// as large as samples would have left them and sorted as the store sorts them, and those are what the questions about long ranges read.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Batch, Block } from "../src/model/batch.ts";
import { findMetric } from "../src/model/metrics.ts";
import { DuckDbDriver } from "../src/store/drivers/duckdb/duckdb-driver.ts";
import { binOf } from "../src/store/histogram.ts";
import { defaultRetention } from "../src/store/retention.ts";
import { SketchBuilder } from "../src/store/sketch.ts";

/** Changed whenever what is built changes. */
const version = 3;
/** Of samples every ten seconds, at the end. */
const sampledHours = 2;
export const guestCount = 2_000;
export const days = 30;
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const gibibyte = 2 ** 30;

export const guestIds = Array.from({ length: guestCount }, (_, i) => `bench/guest/${100 + i}~1`);
const nodes = Array.from({ length: 16 }, (_, i) => `pve${i + 1}`);

export interface FleetData {
  readonly directory: string;
  /** The moment just after the newest sample. */
  readonly endMs: number;
}

/** Builds it when it is not there, or so old that the store would find the samples too old to keep. */
export async function fleetData(nowMs: number, say: (line: string) => void): Promise<FleetData> {
  const directory = join(tmpdir(), `pilothouse-bench-month-v${version}`);
  const mark = join(directory, "complete");
  const madeFor = existsSync(mark) ? Number(readFileSync(mark, "utf8")) : 0;
  if (nowMs - madeFor < 10 * dayMs) return { directory, endMs: madeFor };
  const endMs = Math.floor(nowMs / hourMs) * hourMs;
  // Beside it and then in its place: two benchmarks that build at the same time must not mix.
  const building = `${directory}-${process.pid}`;
  mkdirSync(building, { recursive: true });
  await build(building, endMs, say);
  writeFileSync(join(building, "complete"), String(endMs));
  rmSync(directory, { recursive: true, force: true });
  renameSync(building, directory);
  return { directory, endMs };
}

async function build(directory: string, endMs: number, say: (line: string) => void): Promise<void> {
  const path = join(directory, "metrics.duckdb");
  const driver = await DuckDbDriver.open({
    path,
    memoryLimit: "512MB",
    temporaryDirectory: join(directory, "tmp"),
    parquetDirectory: join(directory, "parquet"),
    queryDeadlineMs: 600_000,
    retention: defaultRetention,
  });
  for (let hour = 1; hour <= sampledHours; hour++) {
    const begin = endMs - (sampledHours - hour + 1) * hourMs;
    await driver.apply([{ seq: hour, batch: hourOf(begin, 10, hour) }]);
  }
  await driver.rollup(endMs + hourMs);
  await driver.sketch(endMs + hourMs);
  await driver.tidy(endMs + hourMs);
  await driver.checkpoint();
  await driver.close();
  say(`${sampledHours} hours of samples`);
  await addPast(path, endMs - sampledHours * hourMs, say);
}

/** Roll-ups and sketches of the days before, written straight into their tables: half a billion samples would take hours. */
async function addPast(path: string, untilMs: number, say: (line: string) => void): Promise<void> {
  const instance = await DuckDBInstance.create(path, { memory_limit: "1GB", threads: "2" });
  const connection = await instance.connect();
  const firstDay = Math.floor((untilMs - days * dayMs) / dayMs) * dayMs;
  for (let day = firstDay; day < untilMs; day += dayMs) {
    const end = Math.min(untilMs, day + dayMs);
    await connection.run(fiveMinutesSql(day, end));
    if (day + dayMs <= untilMs) await addSketches(connection, day);
    say(`day ${(day - firstDay) / dayMs + 1}`);
  }
  for (let week = Math.floor(firstDay / (7 * dayMs)) * 7 * dayMs; week < untilMs; week += 7 * dayMs)
    await connection.run(hoursSql(week, Math.min(untilMs, week + 7 * dayMs)));
  await connection.run(`INSERT INTO sorted_until VALUES ('guest/5m', ${untilMs}), ('guest/1h', ${untilMs})`);
  await connection.run("CHECKPOINT");
  instance.closeSync();
}

const rolled = [
  "running",
  "cpu_ratio",
  "cpu_count",
  "mem_total_bytes",
  "mem_used_bytes",
  "mem_host_bytes",
  "uptime_seconds",
];
const rates = ["net_in", "net_out", "disk_read", "disk_write"].map((stem) => `${stem}_bytes_per_second`);

/** As `fillRow`, with the noise of DuckDB. */
function fiveMinutesSql(fromMs: number, toMs: number): string {
  const idle = "(sid % 5 < 2)";
  const memory = `(4 + sid % 13) * ${gibibyte}::DOUBLE`;
  const growth = `CASE WHEN sid % 50 = 0 THEN (ts % ${40 * dayMs}) / ${80 * dayMs}.0 ELSE 0 END`;
  const values: Record<string, string> = {
    running: "1.0",
    cpu_ratio: `CASE WHEN ${idle} THEN 0.01 ELSE 0.25 + 0.2 * sin(ts / ${dayMs}.0 * 6.2832 + sid) END * (0.7 + 0.6 * random())`,
    cpu_count: "(2 + sid % 7)::DOUBLE",
    mem_total_bytes: memory,
    mem_used_bytes: `floor(${memory} * least(0.95, 0.4 + ${growth} + CASE WHEN ${idle} THEN 0 ELSE 0.05 * random() END))`,
    mem_host_bytes: `floor(${memory} * 0.9)`,
    uptime_seconds: "floor((ts - 1.7e12) / 1000)",
  };
  for (const rate of rates) values[rate] = `CASE WHEN ${idle} THEN 0 ELSE 1e5 * (1 + sid % 20) * (0.5 + random()) END`;
  const cells = Object.keys(values).flatMap((id) => [
    `v.${id} AS ${id}_avg`,
    `v.${id} * 0.97 AS ${id}_min`,
    `v.${id} * 1.03 AS ${id}_max`,
    `v.${id} * 1.01 AS ${id}_last`,
  ]);
  const columns = Object.entries(values).map(([id, value]) => `${value} AS ${id}`);
  return `INSERT INTO guest_5m BY NAME SELECT ts, sid, 300 AS step_s, 0 AS origin, 1 AS derived, 30.0 AS n, ${cells.join(", ")}
    FROM (SELECT ts, sid, ${columns.join(", ")}
      FROM (SELECT t::BIGINT AS ts, s::INTEGER AS sid FROM range(${fromMs}, ${toMs}, 300000) a(t), range(1, ${guestCount + 1}) b(s))) v
    ORDER BY sid, ts`;
}

function hoursSql(fromMs: number, toMs: number): string {
  const cells = [...rolled, ...rates].flatMap((id) => [
    `avg(${id}_avg) AS ${id}_avg`,
    `min(${id}_min) AS ${id}_min`,
    `max(${id}_max) AS ${id}_max`,
    `arg_max(${id}_last, ts) AS ${id}_last`,
  ]);
  return `INSERT INTO guest_1h BY NAME SELECT ts - ts % ${hourMs} AS ts, sid, 3600 AS step_s, 0 AS origin, 1 AS derived,
      sum(n) AS n, ${cells.join(", ")}
    FROM guest_5m WHERE ts >= ${fromMs} AND ts < ${toMs} GROUP BY ts - ts % ${hourMs}, sid ORDER BY sid, 1`;
}

/** Some 65 bins of CPU and a dozen of memory per guest and day, as a day of samples leaves them. */
async function addSketches(connection: DuckDBConnection, day: number): Promise<void> {
  const appender = await connection.createAppender("sketch");
  for (const [metric, busyBins] of [
    ["cpu_ratio", 65],
    ["mem_used_bytes", 12],
  ] as const) {
    const bins = findMetric("guest", metric)?.histogramBins;
    if (bins === undefined || bins === null) throw new Error(`${metric} has no bins`);
    const builder = new SketchBuilder();
    for (let guest = 0; guest < guestCount; guest++) {
      const count = guest % 5 < 2 ? 2 : busyBins;
      const low = metric === "cpu_ratio" ? 0.05 : (4 + (guest % 13)) * gibibyte * 0.4;
      const width = metric === "cpu_ratio" ? 0.005 : low / 80;
      for (let bin = 0; bin < count; bin++)
        builder.add(guest + 1, binOf(bins, low + bin * width), 20 + Math.round(150 * noise(guest, day + bin * 10_000)));
    }
    appender.appendVarchar("guest");
    appender.appendVarchar(metric);
    appender.appendBigInt(BigInt(day));
    appender.appendBigInt(BigInt(dayMs));
    appender.appendBlob(builder.encode());
    appender.endRow();
  }
  appender.closeSync();
}

export function hourOf(fromMs: number, stepS: number, seq: number): Batch {
  const polls = 3600 / stepS;
  const rows = polls * guestCount;
  const column = (): Float64Array => new Float64Array(rows);
  const block: Block = {
    kind: "guest",
    length: rows,
    ids: guestIds,
    nodes,
    idIndex: new Uint32Array(rows),
    nodeIndex: new Uint32Array(rows),
    ts: column(),
    stepS: new Uint32Array(rows).fill(stepS),
    origin: new Uint8Array(rows),
    columns: Object.fromEntries(fields.map((name) => [name, column()])),
  };
  for (let poll = 0; poll < polls; poll++) {
    for (let guest = 0; guest < guestCount; guest++)
      fillRow(block, poll * guestCount + guest, guest, fromMs + poll * stepS * 1000, stepS);
  }
  return {
    batchId: `bench-${String(seq).padStart(8, "0")}`,
    cluster: "bench",
    source: "poll",
    marks: {},
    blocks: [block],
  };
}

/** The fifteen fields of a row. */
export const fields = [
  "running",
  "cpu_ratio",
  "cpu_count",
  "mem_total_bytes",
  "mem_used_bytes",
  "mem_host_bytes",
  "uptime_seconds",
  "net_in_bytes_total",
  "net_out_bytes_total",
  "disk_read_bytes_total",
  "disk_write_bytes_total",
  "net_in_bytes_per_second",
  "net_out_bytes_per_second",
  "disk_read_bytes_per_second",
  "disk_write_bytes_per_second",
] as const;

/** Two guests in five idle; the others follow the hours of the day with noise on top, and memory grows in some. */
function fillRow(block: Block, row: number, guest: number, ts: number, stepS: number): void {
  const idle = guest % 5 < 2;
  const busy = idle ? 0.01 : 0.25 + 0.2 * Math.sin((ts / dayMs) * 2 * Math.PI + guest);
  const cpu = Math.max(0, busy * (0.7 + 0.6 * noise(guest, ts)));
  const memory = (4 + (guest % 13)) * gibibyte;
  const growth = guest % 50 === 0 ? (ts % (40 * dayMs)) / (80 * dayMs) : 0;
  const rate = idle ? 0 : 1e5 * (1 + (guest % 20)) * (0.5 + noise(guest + 7, ts));
  const values = [
    1,
    cpu,
    2 + (guest % 7),
    memory,
    Math.floor(memory * Math.min(0.95, 0.4 + growth + (idle ? 0 : 0.05 * noise(guest + 3, ts)))),
    Math.floor(memory * 0.9),
    Math.floor((ts - 1.7e12) / 1000),
    Math.floor((rate * ts) / 1e5),
    Math.floor((rate * ts) / 2e5),
    Math.floor((rate * ts) / 4e5),
    Math.floor((rate * ts) / 3e5),
    rate,
    rate / 2,
    rate / 4,
    rate / 3,
  ];
  block.idIndex[row] = guest;
  block.nodeIndex[row] = 1 + (guest % nodes.length);
  block.ts[row] = ts + (guest % stepS) * 10;
  for (const [i, name] of fields.entries()) {
    const column = block.columns[name];
    if (column !== undefined) column[row] = values[i] ?? 0;
  }
}

/** From 0 to 1, the same for the same guest and moment. */
export function noise(guest: number, ts: number): number {
  let state = (Math.imul(guest, 0x9e3779b1) ^ Math.imul(ts / 10_000, 0x85ebca6b)) >>> 0;
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0;
  state = Math.imul(state ^ (state >>> 12), 0x297a2d39) >>> 0;
  return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
}
