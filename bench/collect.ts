// What one minute of a large cluster costs: CPU, memory and the main thread's delay of the whole process (all threads,
// TLS included), beside the floor that nobody can go below: inflating and JSON.parse of the same bodies.
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CollectingOptions, Usage } from "./collecting-process.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { inflate, readRecordedPoll } from "./recorded-cluster.ts";
import type { ReplayOptions, ReplayReady } from "./replay-server.ts";

const nodes = Number(process.env["BENCH_NODES"] ?? 32);
const guests = Number(process.env["BENCH_GUESTS"] ?? 10_000);
const warmUp = 4;
const measured = 4;
const rounds = 2;
/** A recorded minute is served every so many seconds. */
const periodS = 8;

export const collect: Benchmark = {
  name: "collect",
  summary: "CPU, memory and delay of a minute of 32 nodes and 10,000 guests, in the threads of the service",
  run: async () => {
    const scratch = mkdtempSync(join(tmpdir(), "pilothouse-bench-"));
    try {
      return await measure(scratch);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};

async function measure(scratch: string): Promise<Figure[]> {
  const polls = 1 + warmUp + rounds * measured;
  const options: ReplayOptions = { nodes, guests, polls, periodMs: 60_000, directory: scratch };
  const server = start("./replay-server.ts", options);
  const ready = await next<ReplayReady>(server, () => true);
  const dataDir = join(scratch, "data");
  const process = start("./collecting-process.ts", { ...ready, dataDir, periodS } satisfies CollectingOptions);
  const result = await follow(process, scratch);
  process.send("stop");
  await new Promise((resolve) => process.once("exit", resolve));
  server.disconnect();
  return result;
}

async function follow(process: ChildProcess, scratch: string): Promise<Figure[]> {
  const polled = async (count: number): Promise<Usage> => {
    let usage = await next<Usage>(process, ({ event }) => event === "polled");
    for (let poll = 1; poll < count; poll++) {
      usage = await next<Usage>(process, ({ event }) => event === "polled");
    }
    return usage;
  };
  const after = async (message: "apply" | "rollup", event: Usage["event"]): Promise<Usage> => {
    process.send(message);
    return next<Usage>(process, (usage) => usage.event === event);
  };
  await polled(1);
  process.send("restart");
  await polled(warmUp);
  process.send("reset");
  let before = await after("apply", "applied");
  const costs: number[] = [];
  const floors: number[] = [];
  let last = before;
  for (let round = 0; round < rounds; round++) {
    await polled(measured);
    last = await after("apply", "applied");
    if (last.rows - before.rows < measured * guests * 4) throw new Error("the process did not take in every poll");
    costs.push((last.cpuMs - before.cpuMs) / measured);
    floors.push(floorMs(scratch, 1 + warmUp + round * measured, measured));
    before = last;
  }
  const rolled = await after("rollup", "rolled-up");
  const [cost, floor] = [Math.min(...costs), Math.min(...floors)];
  return [
    { name: "rows_per_cycle", value: last.rows / (1 + warmUp + rounds * measured), unit: "rows" },
    { name: "floor", value: floor, unit: "ms CPU per cycle" },
    { name: "process", value: cost, unit: "ms CPU per cycle" },
    { name: "process_to_floor", value: cost / floor, unit: "×", must: "<= 1.8", aim: "<= 1.4" },
    { name: "main_thread_delay_p99", value: last.delayP99Ms, unit: "ms", must: "<= 20", aim: "<= 10" },
    { name: "main_thread_delay_max", value: last.delayMaxMs, unit: "ms" },
    { name: "resident_memory_peak", value: last.peakRssMb, unit: "MB", must: "<= 1024", aim: "<= 500" },
    { name: "resident_memory_now", value: last.rssMb, unit: "MB" },
    { name: "rollup", value: rolled.cpuMs - last.cpuMs, unit: "ms CPU for all cycles" },
  ];
}

/** Inflating and parsing what was served, in a process that does nothing else. */
function floorMs(directory: string, from: number, count: number): number {
  const bodies = Array.from({ length: count }, (_, poll) => readRecordedPoll(directory, from + poll)).flat();
  const parseAll = (): void => {
    for (const body of bodies) JSON.parse(inflate(body).toString("utf8"));
  };
  parseAll();
  const begun = cpuMs();
  parseAll();
  return (cpuMs() - begun) / count;
}

/** As the service is started (see `pilothouse`). */
const nodeFlags = ["--single-threaded-gc"];

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const start = (module: string, options: object): ChildProcess =>
  fork(new URL(module, import.meta.url), [JSON.stringify(options)], { execArgv: [...process.execArgv, ...nodeFlags] });

function next<T>(child: ChildProcess, matches: (message: T) => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    const take = (message: unknown): void => {
      if (!matches(message as T)) return;
      child.off("message", take);
      child.off("exit", gone);
      resolve(message as T);
    };
    const gone = (code: number | null): void => reject(new Error(`a measured process ended with ${code}`));
    child.on("message", take);
    child.once("exit", gone);
  });
}
