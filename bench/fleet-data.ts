// A month of two thousand guests in a real data directory, made once and kept: what the benchmark of questions asks.
// The last day has a sample every ten seconds, the days before one a minute; roll-ups and sketches are as large as with
// ten seconds throughout, and those are what the questions about long ranges read.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Batch, Block } from "../src/model/batch.ts";
import { DuckDbDriver } from "../src/store/drivers/duckdb/duckdb-driver.ts";
import { defaultRetention } from "../src/store/retention.ts";

/** Changed whenever what is built changes. */
const version = 1;
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
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await build(directory, endMs, say);
  writeFileSync(mark, String(endMs));
  return { directory, endMs };
}

async function build(directory: string, endMs: number, say: (line: string) => void): Promise<void> {
  const driver = await DuckDbDriver.open({
    path: join(directory, "metrics.duckdb"),
    memoryLimit: "512MB",
    temporaryDirectory: join(directory, "tmp"),
    parquetDirectory: join(directory, "parquet"),
    queryDeadlineMs: 600_000,
    retention: defaultRetention,
  });
  const beginMs = endMs - days * dayMs;
  let seq = 0;
  for (let hour = beginMs; hour < endMs; hour += hourMs) {
    const stepS = hour >= endMs - dayMs ? 10 : 60;
    await driver.apply([{ seq: ++seq, batch: hourOf(hour, stepS, seq) }]);
    await driver.rollup(hour + hourMs + 10 * 60_000);
    if ((hour - beginMs) % dayMs !== dayMs - hourMs) continue;
    await driver.sketch(hour + hourMs + 10 * 60_000);
    await driver.tidy(hour + hourMs + 10 * 60_000);
    await driver.retention(hour + hourMs);
    await driver.checkpoint();
    say(`day ${(hour + hourMs - beginMs) / dayMs} of ${days}`);
  }
  await driver.close();
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
