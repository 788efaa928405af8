// A store that holds a sample every ten seconds of every entity, in a wave that can be computed, so that it answers any
// range. It keeps to the store's port: buckets begin at whole multiples of the step, from ≤ ts < to.
import type { SinkStatus } from "../../src/model/sink.ts";
import type { RangeQuery, RangeResult, StoreStats } from "../../src/model/store.ts";
import type { ServeDeps } from "../../src/serve/context.ts";
import { MemoryStore } from "../../src/store/drivers/memory/memory-store.ts";

const sampleMs = 10_000;

export const waveAt = (ms: number): number => Math.sin(ms / 600_000);

const aSink = (more: Partial<SinkStatus>): SinkStatus => ({
  name: "",
  kind: "",
  state: "ok",
  reason: null,
  since: Date.UTC(2026, 0, 5, 11),
  lastDeliveredAt: null,
  batchesPending: 0,
  batchesUnverified: 0,
  batchesDropped: 0,
  batchesResent: 0,
  rowsRejected: 0,
  traffic: { writes: 1, rows: 2, bytes: 3 },
  backfill: null,
  ...more,
});

const stats: StoreStats = {
  journalBytes: 1,
  journalSegments: 1,
  databaseBytes: 2,
  rowsWritten: 3,
  batchesWritten: 4,
  batchesPending: 0,
  batchesDropped: 0,
  degraded: false,
  writeError: null,
  sinks: [
    aSink({ name: "duckdb", kind: "duckdb" }),
    aSink({
      name: "influx-main",
      kind: "influx",
      state: "held",
      reason: "401 unauthorized access: check its token",
      batchesPending: 12,
      backfill: { done: 3, total: 24 },
    }),
  ],
};

export interface WaveStore {
  readonly asked: RangeQuery[];
  /** What answers about many series come from; a test fills it. */
  readonly memory: MemoryStore;
}

export function waveStore(): ServeDeps["store"] & WaveStore {
  const asked: RangeQuery[] = [];
  const memory = new MemoryStore();
  return {
    asked,
    memory,
    quantiles: async (query) => memory.quantiles(query),
    trend: async (query) => memory.trend(query),
    totals: async (query) => memory.totals(query),
    capabilities: {
      aggregations: ["avg", "min", "max", "last", "sum"],
      maxRangeMs: null,
      percentiles: "nearest-rank",
      reader: "memory",
    },
    range: async (query): Promise<RangeResult> => {
      asked.push(query);
      const stepMs = query.stepMs === 0 ? sampleMs : query.stepMs;
      const timeMs: number[] = [];
      for (let ms = Math.ceil(query.fromMs / stepMs) * stepMs; ms < query.toMs; ms += stepMs) timeMs.push(ms);
      const frame = {
        timeMs,
        values: timeMs.map(waveAt),
        resolutionS: timeMs.map(() => stepMs / 1_000),
        origins: timeMs.map(() => "export" as const),
      };
      return {
        stepMs: query.stepMs,
        frames: query.ids.map((id) => ({ id, ...frame })),
        tiers: ["raw"],
        exact: true,
        reader: "memory",
      };
    },
    latest: async () => [],
    stats: async () => stats,
  };
}
