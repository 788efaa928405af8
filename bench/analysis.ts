// The analysis of a night on ninety days of two thousand guests, in the threads of a real service, while polls go on.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { jobs } from "../src/analyse/index.ts";
import { Analyst } from "../src/app/analysis/analyst.ts";
import { type Clock, systemClock } from "../src/lib/clock.ts";
import { silentLog } from "../src/lib/log.ts";
import { uniqueId } from "../src/lib/unique-id.ts";
import { FactBook } from "../src/live/fact-book.ts";
import { Fleet } from "../src/live/fleet.ts";
import { defaultAnalysisChoices } from "../src/model/analysis-settings.ts";
import { decodeBatch, encodeBatch } from "../src/model/batch-codec.ts";
import { openState, openStore, storeClient } from "../src/store/index.ts";
import { buildAnalysisData, cluster, days, entitiesAt, guestCount, nodeCount } from "./analysis-data.ts";
import { demoPolls } from "./demo-rows.ts";
import type { Benchmark, Figure } from "./figure.ts";

/** Changed whenever what is built changes. */
const version = 1;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const pollMs = 10_000;
/** Of ten seconds each: longer than a night may take. */
const mostPolls = 40;
const resolutionMs = 1;

export const analysis: Benchmark = {
  name: "analysis",
  summary: `the jobs of a night on ${guestCount} guests with ${days} days, beside polls: time, memory, event loop`,
  run: async () => {
    const data = await analysisData();
    // Everything is learnt in the first night; the benchmark is of the nights after it, and each begins with that state.
    const first: Figure[] = data.isNew ? [await firstNight(data)] : [];
    copyFileSync(learnt(data), join(data.directory, "state.db"));
    return [...first, ...(await inService(data, measuredNight))];
  },
};

interface AnalysisData {
  readonly directory: string;
  readonly endMs: number;
  readonly isNew: boolean;
}

/** Kept for ten days, with what its first night learnt. */
async function analysisData(): Promise<AnalysisData> {
  const directory = join(tmpdir(), `pilothouse-bench-analysis-v${version}`);
  const mark = join(directory, "complete");
  const madeFor = existsSync(mark) ? Number(readFileSync(mark, "utf8")) : 0;
  if (systemClock.now() - madeFor < 10 * dayMs) return { directory, endMs: madeFor, isNew: false };
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const endMs = Math.floor(systemClock.now() / hourMs) * hourMs;
  await buildAnalysisData(directory, endMs);
  return { directory, endMs, isNew: true };
}

const learnt = ({ directory }: AnalysisData): string => join(directory, "state-of-first-night.db");

async function firstNight(data: AnalysisData): Promise<Figure> {
  const value = await inService(data, (service) => night(service, 0));
  copyFileSync(join(data.directory, "state.db"), learnt(data));
  writeFileSync(join(data.directory, "complete"), String(data.endMs));
  return { name: "the first night, everything learnt", value, unit: "s" };
}

async function inService<Result>(
  data: AnalysisData,
  work: (service: BenchService) => Promise<Result>,
): Promise<Result> {
  for (const file of data.isNew ? [] : ["state.db-wal", "state.db-shm"])
    rmSync(join(data.directory, file), { force: true });
  const service = await openService(data);
  try {
    return await work(service);
  } finally {
    await service.close();
  }
}

interface BenchService {
  readonly analyst: Analyst;
  /** What a poll brings, as the collector's thread sends it. */
  readonly poll: () => Promise<void>;
  /** Moves the clock of analysis on by whole days. */
  readonly setNight: (night: number) => void;
  readonly close: () => Promise<void>;
}

async function openService({ directory, endMs }: AnalysisData): Promise<BenchService> {
  let nowMs = endMs + 1;
  const clock: Clock = { ...systemClock, now: () => nowMs };
  const fleet = new Fleet(clock);
  fleet.restore(entitiesAt(endMs), []);
  const state = await openState({ path: join(directory, "state.db"), clock });
  const store = await openStore({
    dataDir: directory,
    log: silentLog,
    problems: { raise: () => undefined, clear: () => undefined },
  });
  const analyst = new Analyst({
    fleet,
    state,
    store,
    book: new FactBook(),
    settings: { ...defaultAnalysisChoices, clusters: [{ id: cluster, name: "Bench", costModel: null }] },
    clock,
    log: silentLog,
  });
  const client = storeClient(store.port());
  // Of the night that is measured. Made beforehand: the collector's thread makes them, and the main thread decodes its own copy.
  const polls = Array.from(demoPolls(guestCount, nodeCount, endMs + dayMs, mostPolls), (batch) =>
    encodeBatch({ ...batch, batchId: uniqueId(systemClock.now()) }),
  );
  return {
    analyst,
    poll: async () => {
      const bytes = polls.shift();
      if (bytes === undefined) return;
      fleet.applyBatch(decodeBatch(bytes.slice(0)));
      await client.appendEncoded(bytes);
    },
    setNight: (night) => {
      nowMs = endMs + 1 + night * dayMs;
    },
    close: async () => {
      client.close();
      await analyst.close();
      await store.close();
      await state.close();
    },
  };
}

/** Seconds of all jobs of one night. */
async function night(
  service: BenchService,
  number: number,
  onJob?: (id: string, seconds: number) => void,
): Promise<number> {
  service.setNight(number);
  let total = 0;
  for (const { id } of jobs) {
    const begun = performance.now();
    const said = await service.analyst.run(id, () => undefined);
    const seconds = (performance.now() - begun) / 1000;
    console.error(`  ${id}: ${seconds.toFixed(1)} s, ${said}`);
    onJob?.(id, seconds);
    total += seconds;
  }
  return total;
}

async function measuredNight(service: BenchService): Promise<Figure[]> {
  const polls = setInterval(() => void service.poll(), pollMs);
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 200);
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  const perJob: Figure[] = [];
  const cpu = process.cpuUsage();
  const seconds = await night(service, 1, (id, value) => perJob.push({ name: `of it ${id}`, value, unit: "s" }));
  delay.disable();
  clearInterval(polls);
  clearInterval(watch);
  const { user, system } = process.cpuUsage(cpu);
  const loopMs = (ns: number): number => ns / 1e6 - resolutionMs;
  return [
    { name: "a night, a seventh learnt anew", value: seconds, unit: "s", must: "<= 300", aim: "<= 60" },
    ...perJob,
    { name: "processor time of it", value: (user + system) / 1e6, unit: "s" },
    { name: "main event loop p99", value: loopMs(delay.percentile(99)), unit: "ms", must: "<= 20" },
    { name: "main event loop, longest", value: loopMs(delay.max), unit: "ms" },
    { name: "resident memory, most", value: most / 2 ** 20, unit: "MB", must: "<= 1024" },
  ];
}
