// The watch on a month of two thousand guests in DuckDB: what it costs to learn them after a start, what a run costs from
// then on, and what it keeps in memory. The processor time counts every thread, the store's included.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AnomalyWatch } from "../src/analyse/anomaly-watch/anomaly-watch.ts";
import type { JobContext } from "../src/analyse/job.ts";
import { systemClock } from "../src/lib/clock.ts";
import { silentLog } from "../src/lib/log.ts";
import { Fleet } from "../src/live/fleet.ts";
import { defaultAnalysisChoices } from "../src/model/analysis-settings.ts";
import type { MetricsStore } from "../src/model/store.ts";
import { openStore } from "../src/store/index.ts";
import { aCluster, aGuest } from "../test/build.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { median } from "./figure.ts";
import { fleetData, guestIds } from "./fleet-data.ts";

const minuteMs = 60_000;
/** Runs that find new rows only. */
const followed = 10;

export const anomalyWatch: Benchmark = {
  name: "anomaly-watch",
  summary: "watching 12,000 series of 2,000 guests: learning after a start, a run every five minutes, memory",
  run: async () => {
    const data = await fleetData(Date.now(), (line) => console.error(line));
    const { problemList: problems } = new Fleet(systemClock);
    const store = await openStore({ dataDir: data.directory, log: silentLog, problems });
    try {
      return await measured(store, data.endMs);
    } finally {
      await store.close();
    }
  },
};

async function measured(store: MetricsStore, endMs: number): Promise<readonly Figure[]> {
  const watch = new AnomalyWatch();
  const startMs = endMs - (followed + 1) * 5 * minuteMs;
  const before = memory();
  const learning: number[] = [];
  let open = 0;
  for (let waiting = Number.POSITIVE_INFINITY; waiting > 0; ) {
    const seconds = await cpuSeconds(async () => {
      waiting = (await watch.run(contextOf(store, startMs))).waiting;
    });
    learning.push(seconds);
    console.error(`learned in ${seconds.toFixed(1)} s, ${waiting} series wait`);
  }
  const held = memory() - before;
  const runs: number[] = [];
  let rows = 0;
  for (let run = 1; run <= followed; run++) {
    const seconds = await cpuSeconds(async () => {
      const outcome = await watch.run(contextOf(store, startMs + run * 5 * minuteMs));
      rows += outcome.judged;
      open = outcome.open.length;
    });
    runs.push(seconds);
  }
  console.error(`${rows} rows judged in ${followed} runs, ${open} anomalies open`);
  return [
    { name: "learning 12,000 series, processor time", value: sum(learning), unit: "s" },
    { name: "the dearest run of it", value: Math.max(...learning), unit: "s" },
    { name: "a run with one new row per series, processor time", value: median(runs), unit: "s", must: "<= 5" },
    { name: "memory held", value: held / 2 ** 20, unit: "MiB", must: "<= 250" },
  ];
}

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Objects and the arrays beside them, after a collection. */
function memory(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function contextOf(store: MetricsStore, nowMs: number): JobContext {
  const clock = { ...systemClock, now: () => nowMs };
  const fleet = new Fleet(clock);
  const guests = guestIds.map((_, index) => aGuest("bench", 100 + index, nowMs, { node: `pve${1 + (index % 16)}` }));
  fleet.restore([aCluster("bench", nowMs), ...guests], []);
  return {
    nowMs: nowMs + 3 * minuteMs,
    fleet,
    facts: { list: () => [] },
    settings: { ...defaultAnalysisChoices, clusters: [] },
    store,
    events: { query: async () => Promise.resolve([]) },
    history: { changes: async () => Promise.resolve([]) },
    findings: {
      list: async () => Promise.resolve([]),
      find: async () => Promise.resolve(undefined),
      changes: async () => Promise.resolve([]),
    },
    documents: { list: async () => Promise.resolve([]) },
    threads: 1,
    progress: () => undefined,
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
