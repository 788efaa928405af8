// What the InfluxDB sink costs beside a bare POST of the same lines: in one run, round by round in turns, into two
// databases of one real influxd. The sink makes the lines and sends them; the bare one is handed them.
import { readFileSync } from "node:fs";
import { Agent, request } from "undici";
import { systemClock } from "../src/lib/clock.ts";
import type { Batch } from "../src/model/batch.ts";
import { rowCount } from "../src/model/batch.ts";
import { batchLines } from "../src/store/drivers/influx/batch-lines.ts";
import { defaultInfluxOptions } from "../src/store/drivers/influx/influx-options.ts";
import { InfluxSink } from "../src/store/drivers/influx/influx-sink.ts";
import { SeriesKeys } from "../src/store/drivers/influx/series-keys.ts";
import { startInflux } from "../test/debian-binaries.ts";
import { demoPolls } from "./demo-rows.ts";
import type { Benchmark, Figure } from "./figure.ts";

const guests = 2_130;
const pollsPerRound = 15;
const rounds = 12;
const fromMs = Math.floor(Date.now() / 86_400_000 - 2) * 86_400_000;
const ticksPerSecond = 100;

export const influx: Benchmark = {
  name: "influx",
  summary: "rows through the InfluxDB sink beside a bare POST of the same lines",
  run: async () => {
    const server = await startInflux();
    if (server === undefined) throw new Error("influxd cannot be had: apt-get download influxdb");
    try {
      return await measure(server.url, server.pid);
    } finally {
      await server.close();
    }
  },
};

interface Cost {
  readonly wallMs: number;
  /** Of this process. */
  readonly ownMs: number;
  /** Of the server; in ticks of 10 ms. */
  readonly serverMs: number;
}

interface Way {
  readonly name: string;
  write(batch: Batch, lines: string): Promise<void>;
}

async function measure(url: string, pid: number): Promise<Figure[]> {
  const polls = [...demoPolls(guests, 16, fromMs, pollsPerRound * rounds)];
  const lines = polls.map(linesOf);
  const sink = new InfluxSink({
    name: "influx",
    options: { ...defaultInfluxOptions, url, bucket: "sink" },
    clock: systemClock,
    tags: null,
  });
  await fetch(`${url}/query?q=CREATE+DATABASE+bare`, { method: "POST" });
  const dispatcher = new Agent();
  const ways: readonly Way[] = [
    { name: "sink", write: (batch) => writeTo(sink, batch) },
    { name: "bare", write: (_, body) => post(dispatcher, `${url}/write?db=bare&precision=ns`, body) },
  ];
  const costs: Cost[][] = ways.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const from = round * pollsPerRound;
    // Who is first takes turns: the server may still be busy with what came before.
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const number of order) {
      const way = ways[number];
      if (way === undefined) continue;
      const cost = await costOf(pid, async () => {
        for (let at = from; at < from + pollsPerRound; at++) await way.write(polls[at] as Batch, lines[at] ?? "");
      });
      costs[number]?.push(cost);
    }
  }
  await sink.close();
  await dispatcher.close();
  const made = await costOf(pid, async () => Promise.resolve(void polls.map(linesOf)));
  return figures(polls, costs, made);
}

const rules = { tagsOf: () => undefined, keys: new SeriesKeys(), fromMs: 0, untilMs: Number.POSITIVE_INFINITY };
const linesOf = (batch: Batch): string => batchLines(batch, rules).lines.join("\n");

async function writeTo(sink: InfluxSink, batch: Batch): Promise<void> {
  await sink.write(batch, new AbortController().signal);
}

async function post(dispatcher: Agent, url: string, body: string): Promise<void> {
  const { statusCode, body: answer } = await request(url, { method: "POST", body, dispatcher });
  await answer.dump();
  if (statusCode !== 204) throw new Error(`the bare write was answered with ${statusCode}`);
}

async function costOf(pid: number, work: () => Promise<void>): Promise<Cost> {
  const [begun, own, server] = [performance.now(), process.cpuUsage(), serverMs(pid)];
  await work();
  const { user, system } = process.cpuUsage(own);
  return {
    wallMs: performance.now() - begun,
    ownMs: (user + system) / 1000,
    serverMs: serverMs(pid) - server,
  };
}

/** User and system time of a process so far. */
function serverMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** The first round warms up. Wall time is taken from the least disturbed round; CPU from all, because its ticks are coarse. */
function figures(polls: readonly Batch[], costs: readonly (readonly Cost[])[], made: Cost): Figure[] {
  const rows = polls.slice(0, pollsPerRound).reduce((sum, batch) => sum + rowCount(batch), 0);
  const [sink = [], bare = []] = costs.map((all) => all.slice(1));
  const wall = (all: readonly Cost[]): number => Math.min(...all.map(({ wallMs }) => wallMs));
  const mean = (all: readonly Cost[], key: "ownMs" | "serverMs"): number =>
    all.reduce((sum, cost) => sum + cost[key], 0) / all.length;
  const micros = (ms: number): number => (ms * 1000) / rows;
  const cpu = (all: readonly Cost[]): number => mean(all, "ownMs") + mean(all, "serverMs");
  const making = (made.ownMs * 1000) / polls.reduce((sum, batch) => sum + rowCount(batch), 0);
  return [
    { name: "rows_per_write", value: rows / pollsPerRound, unit: "rows" },
    { name: "sink_rows_per_second", value: (rows * 1000) / wall(sink), unit: "rows/s" },
    { name: "bare_rows_per_second", value: (rows * 1000) / wall(bare), unit: "rows/s" },
    { name: "slower_than_bare", value: wall(sink) / wall(bare), unit: "×", must: "<= 1.5" },
    { name: "sink_cpu_per_row", value: micros(mean(sink, "ownMs")), unit: "µs" },
    { name: "sink_cpu_of_making_lines", value: making, unit: "µs" },
    { name: "bare_cpu_per_row", value: micros(mean(bare, "ownMs")), unit: "µs" },
    { name: "server_cpu_per_row", value: micros(mean(bare, "serverMs")), unit: "µs" },
    { name: "cpu_with_server_to_bare", value: cpu(sink) / cpu(bare), unit: "×", must: "<= 1.5" },
    {
      name: "cpu_to_making_and_posting_bare",
      value: micros(mean(sink, "ownMs")) / (micros(mean(bare, "ownMs")) + making),
      unit: "×",
      must: "<= 1.5",
    },
  ];
}
