// What the store's tests are made of: batches, a store in this thread, and a clock that only moves when told.
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { type Batch, blocksFromRows, type Row } from "../../src/model/batch.ts";
import { encodeBatch } from "../../src/model/batch-codec.ts";
import { parseEntityId } from "../../src/model/ids.ts";
import type { MetricsStore } from "../../src/model/store.ts";
import { capabilitiesOf } from "../../src/store/capabilities.ts";
import { StoreEngine } from "../../src/store/engine.ts";
import type { EngineOptions, EngineParts } from "../../src/store/engine-parts.ts";
import { unpackResult } from "../../src/store/frames.ts";
import type { StoreEvent } from "../../src/store/store-events.ts";
import { engineOptions } from "../../src/store/store-options.ts";

/** 2026-03-01T00:00:00Z: a whole hour, day and every roll-up window. */
export const t0 = Date.UTC(2026, 2, 1);
export const minute = 60_000;
export const hour = 3_600_000;
export const day = 24 * hour;

/** The questions of tests are about a fixed day, so nothing may be too old by the clock on the wall. */
export const forEver = { rawDays: 36_500, fiveMinuteDays: 36_500, hourDays: 36_500 };

let batches = 0;

export function aBatch(rows: readonly Row[], other: Partial<Batch> = {}): Batch {
  return {
    batchId: `batch-${String(++batches).padStart(8, "0")}`,
    cluster: "demo",
    source: "poll",
    marks: {},
    blocks: blocksFromRows((id) => parseEntityId(id)?.kind ?? "cluster", rows),
    ...other,
  };
}

export const aRow = (other: Partial<Row> = {}): Row => ({
  id: "demo/guest/100~1",
  ts: t0,
  stepS: 10,
  origin: "export",
  node: "pve1",
  values: { cpu_ratio: 0.5 },
  ...other,
});

/** Samples of one guest every ten seconds. */
export const samples = (
  count: number,
  fromMs = t0,
  value = (i: number): number => i,
  other: Partial<Row> = {},
): Row[] =>
  Array.from({ length: count }, (_, i) => aRow({ ts: fromMs + i * 10_000, values: { cpu_ratio: value(i) }, ...other }));

/** A store whose jobs a test can call; `engine` is there for what only the real one has. */
export interface TestStore extends MetricsStore {
  rollup(nowMs: number): Promise<void>;
}

export interface EngineStore extends TestStore {
  tidy(nowMs: number): Promise<string>;
  readonly engine: StoreEngine;
  readonly events: readonly StoreEvent[];
}

export async function engineStore(
  dataDir: string,
  options: Partial<EngineOptions> = {},
  parts: Partial<EngineParts> = {},
): Promise<EngineStore> {
  const events: StoreEvent[] = [];
  const engine = await StoreEngine.open(
    { ...engineOptions({ dataDir }), ...options },
    { clock: systemClock, tell: (event) => events.push(event), ...parts },
  );
  return {
    capabilities: capabilitiesOf(options.readFrom == null ? "duckdb" : "influx"),
    engine,
    events,
    append: async (batch) => engine.append(encodeBatch(batch)),
    marks: async (cluster) => engine.marks(cluster),
    range: async (query) => unpackResult(await engine.range(query)),
    latest: async (kind, sinceMs) => engine.latest(kind, sinceMs),
    quantiles: async (query) => engine.quantiles(query),
    trend: async (query) => engine.trend(query),
    totals: async (query) => engine.totals(query),
    stats: async () => engine.stats(),
    rollup: async (nowMs) => {
      await engine.rollup(nowMs);
    },
    tidy: async (nowMs) => engine.tidy(nowMs),
    close: async () => engine.close(),
  };
}

/** Lets sleepers go on when the test says so. */
export class ManualClock implements Clock {
  #now = t0;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#sleepers.push({ at: this.#now + ms, wake });
      signal?.addEventListener("abort", wake);
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter(({ at }) => at <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
    for (const sleeper of due) sleeper.wake();
  }
}
