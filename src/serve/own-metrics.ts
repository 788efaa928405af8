// What the service costs and does, as Prometheus text: its requests, its streams, its event loop, its store, the fleet.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { FleetView } from "../model/fleet.ts";
import { entityKinds, partKinds } from "../model/ids.ts";
import type { MetricsStore, StoreStats } from "../model/store.ts";

export interface OwnMetrics {
  readonly contentType: string;
  observeRequest(labels: { method: string; route: string; status: string }, seconds: number): void;
  /** Frames that went out to stream clients. */
  countFrames(topic: string, frames: number): void;
  /** Times a client that was too slow skipped to the latest. */
  countSkips(topic: string): void;
  text(): Promise<string>;
  close(): void;
}

export interface MetricsSource {
  readonly fleet: FleetView;
  readonly store: Pick<MetricsStore, "stats">;
  /** Further lines, in Prometheus text format. */
  readonly metricsText: () => Promise<string>;
  readonly streamClients: () => number;
}

export function ownMetrics(source: MetricsSource): OwnMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: "pilothouse_http_request_duration_seconds",
    help: "Time to answer a request",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.025, 0.1, 0.3, 1, 3, 10],
    registers,
  });
  const frames = new Counter({
    name: "pilothouse_stream_frames_total",
    help: "Frames sent to stream clients",
    labelNames: ["topic"],
    registers,
  });
  const skips = new Counter({
    name: "pilothouse_stream_skips_total",
    help: "Times a slow client skipped to the latest",
    labelNames: ["topic"],
    registers,
  });
  const loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();
  addProcessGauges(registers, loop);
  addFleetGauges(registers, source.fleet);
  const storeGauges = addStoreGauges(registers);
  gauge(registers, "pilothouse_stream_clients", "Open stream connections", () => source.streamClients());
  return {
    contentType: registry.contentType,
    observeRequest: (labels, seconds) => requests.observe(labels, seconds),
    countFrames: (topic, count) => frames.inc({ topic }, count),
    countSkips: (topic) => skips.inc({ topic }),
    async text() {
      storeGauges(await source.store.stats());
      const own = await registry.metrics();
      const more = await source.metricsText();
      return more === "" || more.endsWith("\n") ? own + more : `${own}${more}\n`;
    },
    close: () => void loop.disable(),
  };
}

function gauge(registers: Registry[], name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}

function addProcessGauges(registers: Registry[], loop: ReturnType<typeof monitorEventLoopDelay>): void {
  // Of all that the process has used since its start; prom-client's counters cannot be set, a gauge serves as well.
  gauge(registers, "pilothouse_process_cpu_seconds", "CPU time used since the start", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge(registers, "pilothouse_process_resident_bytes", "Resident memory", () => process.memoryUsage.rss());
  gauge(registers, "pilothouse_process_heap_bytes", "JavaScript heap in use", () => process.memoryUsage().heapUsed);
  new Gauge({
    name: "pilothouse_event_loop_delay_seconds",
    help: "Delay of the event loop since the last scrape",
    labelNames: ["quantile"],
    registers,
    collect() {
      this.set({ quantile: "0.5" }, loop.percentile(50) / 1e9);
      this.set({ quantile: "0.99" }, loop.percentile(99) / 1e9);
      this.set({ quantile: "1" }, loop.max / 1e9);
      loop.reset();
    },
  });
}

function addFleetGauges(registers: Registry[], fleet: FleetView): void {
  new Gauge({
    name: "pilothouse_entities",
    help: "Clusters, nodes, guests and storages that exist",
    labelNames: ["kind"],
    registers,
    collect() {
      for (const kind of entityKinds) if (!partKinds.includes(kind)) this.set({ kind }, fleet.list(kind).length);
    },
  });
  new Gauge({
    name: "pilothouse_problems_open",
    help: "Open problems",
    labelNames: ["severity"],
    registers,
    collect() {
      const open = fleet.problems().filter((problem) => problem.clearedAt === null);
      for (const severity of ["info", "warning", "critical"] as const) {
        this.set({ severity }, open.filter((problem) => problem.severity === severity).length);
      }
    },
  });
  gauge(
    registers,
    "pilothouse_tasks_running",
    "PVE tasks that run",
    () => fleet.tasks().filter((task) => task.state === "running").length,
  );
}

type NumberOfStats = Exclude<keyof StoreStats, "degraded" | "writeError" | "sinks">;

const storeMetrics: Readonly<Record<NumberOfStats, readonly [name: string, help: string]>> = {
  journalBytes: ["pilothouse_journal_bytes", "Size of the journal"],
  journalSegments: ["pilothouse_journal_segments", "Segments of the journal"],
  databaseBytes: ["pilothouse_database_bytes", "Size of the database"],
  rowsWritten: ["pilothouse_store_rows_written", "Rows written since the start"],
  batchesWritten: ["pilothouse_store_batches_written", "Batches written since the start"],
  batchesPending: ["pilothouse_store_batches_pending", "Batches in the journal that the database does not have yet"],
  batchesDropped: ["pilothouse_store_batches_dropped", "Batches dropped because the journal was full"],
};

function addStoreGauges(registers: Registry[]): (stats: StoreStats) => void {
  const gauges = Object.entries(storeMetrics).map(
    ([key, [name, help]]) => [key as NumberOfStats, new Gauge({ name, help, registers })] as const,
  );
  const degraded = new Gauge({
    name: "pilothouse_store_degraded",
    help: "1 while a damaged database is rebuilt",
    registers,
  });
  const failing = new Gauge({
    name: "pilothouse_store_write_failing",
    help: "1 while samples do not reach the disk",
    registers,
  });
  return (stats) => {
    for (const [key, own] of gauges) own.set(stats[key]);
    degraded.set(stats.degraded ? 1 : 0);
    failing.set(stats.writeError === null ? 0 : 1);
  };
}
