// The process that is measured: collector thread, store thread and a main thread with the live view, as in the service.
// The parent says when to begin and when to tell; messages carry what was used.
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { startCollector } from "../src/collect/index.ts";
import { systemClock } from "../src/lib/clock.ts";
import { silentLog } from "../src/lib/log.ts";
import { Fleet } from "../src/live/fleet.ts";
import { defaultFactSettings } from "../src/model/facts-paces.ts";
import { entityKinds } from "../src/model/ids.ts";
import type { Entity } from "../src/model/inventory.ts";
import { openStore } from "../src/store/index.ts";
import type { ReplayReady } from "./replay-server.ts";

export interface CollectingOptions extends ReplayReady {
  readonly dataDir: string;
  readonly periodS: number;
}

/** After each batch of a poll, and after everything was applied. */
export interface Usage {
  readonly event: "polled" | "applied" | "rolled-up";
  readonly rows: number;
  readonly cpuMs: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly peakRssMb: number;
  readonly rssMb: number;
}

const options = JSON.parse(process.argv[2] ?? "{}") as CollectingOptions;
const resolutionMs = 2;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();
let rows = 0;

const fleet = new Fleet(systemClock);
const store = await openStore({ dataDir: options.dataDir, log: silentLog, problems: fleet.problemList });
const startPolling = (known: readonly Entity[]) =>
  startCollector({
    clusters: [
      {
        cluster: {
          id: "bench",
          name: "Bench",
          webUrl: null,
          simulated: true,
          pollPeriodS: options.periodS,
          history: { import: false, requestsPerSecond: 0.001 },
        },
        endpoints: [options.url],
        access: { token: { id: "pilothouse@pve!bench", secret: "00000000-0000-0000-0000-000000000000" } },
        trust: { kind: "ca", pem: options.caPem },
        // Time is compressed: a cycle of a minute every few seconds.
        limits: { requestsPerSecond: 100 },
        agent: false,
      },
    ],
    known,
    // Only the fast poll is measured.
    facts: { ...defaultFactSettings, requestsPerSecond: 0.0001 },
    factReads: [],
    pushed: [],
    storePort: store.port(),
    log: silentLog,
    onBatch: (batch) => fleet.applyBatch(batch),
    onEvent: (event) => {
      fleet.applyEvent(event);
      if (event.type === "job" && event.job.id.startsWith("poll/")) tell("polled");
    },
    onCrash: (error) => {
      throw error;
    },
  });

let collector = startPolling([]);

process.on("message", (message: "apply" | "reset" | "rollup" | "restart" | "stop") => {
  void handle(message);
});

async function handle(message: "apply" | "reset" | "rollup" | "restart" | "stop"): Promise<void> {
  if (message === "reset") delay.reset();
  if (message === "restart") {
    // As after the first restart of a service: it knows how large the fleet is.
    await collector.stop();
    collector = startPolling(entityKinds.flatMap((kind) => fleet.list(kind).map(({ entity }) => entity)));
  }
  if (message === "apply") {
    await store.latest("cluster", 0);
    rows = (await store.stats()).rowsWritten;
    tell("applied");
  }
  if (message === "rollup") {
    await store.jobs.rollup(systemClock.now());
    tell("rolled-up");
  }
  if (message !== "stop") return;
  await collector.stop();
  await store.close();
  process.exit(0);
}

function tell(event: Usage["event"]): void {
  const { user, system } = process.cpuUsage();
  const usage: Usage = {
    event,
    rows,
    cpuMs: (user + system) / 1000,
    delayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - resolutionMs),
    delayMaxMs: Math.max(0, delay.max / 1e6 - resolutionMs),
    peakRssMb: peakRssMb(),
    rssMb: process.memoryUsage.rss() / 2 ** 20,
  };
  process.send?.(usage);
}

function peakRssMb(): number {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Number(peak ?? Number.NaN) / 1024;
}
