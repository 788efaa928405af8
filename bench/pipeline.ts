// CPU per poll from received bytes to rows that are durable and applied, beside the floor that nobody can go below:
// inflating and JSON.parse of the same bytes in the same run. The network (TLS, HTTP) is in neither.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterPoller } from "../src/collect/cluster-poller.ts";
import type { PolledPve } from "../src/collect/polled-cluster.ts";
import type { Clock } from "../src/lib/clock.ts";
import { silentLog } from "../src/lib/log.ts";
import { uniqueId } from "../src/lib/unique-id.ts";
import { Fleet } from "../src/live/fleet.ts";
import { decodeBatch, encodeBatch } from "../src/model/batch-codec.ts";
import { type PveAnswer, type PveGet, parseAnswer } from "../src/pve/index.ts";
import { openStore, storeClient } from "../src/store/index.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { exportKey, inflate, isPolled, type RecordedPoll, type Recording, record } from "./recorded-cluster.ts";

/** Samples are rolled up every five minutes, and before that the database takes what the journal holds. */
const pollsPerApply = 30;
const rounds = 5;
/** A service polls for months: what it costs is told when everything is compiled, which few guests take longer to reach. */
const sizes: readonly Size[] = [
  { nodes: 6, guests: 120, warmUpPolls: 300, measuredPolls: 600 },
  { nodes: 16, guests: 2_000, warmUpPolls: 60, measuredPolls: 180 },
];

interface Size {
  readonly nodes: number;
  readonly guests: number;
  readonly warmUpPolls: number;
  readonly measuredPolls: number;
}

export const pipeline: Benchmark = {
  name: "pipeline",
  summary: "CPU per poll for 120 and 2,000 guests, beside inflate + JSON.parse of the same bodies",
  run: async () => {
    const figures: Figure[] = [];
    for (const size of sizes) figures.push(...(await measure(size)));
    return figures;
  },
};

async function measure(size: Size): Promise<Figure[]> {
  const { nodes, guests, warmUpPolls, measuredPolls } = size;
  const recording = await record(nodes, guests, warmUpPolls + measuredPolls);
  const floors: number[] = [];
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    floors.push(floorMsPerPoll(recording, size));
    costs.push(await pipelineMsPerPoll(recording, size));
  }
  // Whatever else the machine does only adds: the least disturbed round tells the cost.
  const [floor, cost] = [Math.min(...floors), Math.min(...costs)];
  return [
    { name: `floor_${guests}_guests`, value: floor, unit: "ms CPU per poll" },
    { name: `pipeline_${guests}_guests`, value: cost, unit: "ms CPU per poll" },
    { name: `pipeline_to_floor_${guests}_guests`, value: cost / floor, unit: "×", must: "<= 2.5" },
  ];
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function floorMsPerPoll({ polls }: Recording, { warmUpPolls, measuredPolls }: Size): number {
  let begun = 0;
  for (const [index, { answers }] of polls.entries()) {
    if (index === warmUpPolls) begun = cpuMs();
    for (const [path, body] of answers) if (isPolled(path)) JSON.parse(inflate(body).toString("utf8"));
  }
  return (cpuMs() - begun) / measuredPolls;
}

async function pipelineMsPerPoll(recording: Recording, { warmUpPolls, measuredPolls }: Size): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), "pilothouse-bench-"));
  const clock = new SteppedClock(recording.polls[0]?.at ?? 0);
  const fleet = new Fleet(clock);
  const store = await openStore({ dataDir, log: silentLog, problems: fleet.problemList });
  const client = storeClient(store.port());
  const pve = new RecordedPve(recording);
  const stop = new AbortController();
  let begun = 0;
  const poller = new ClusterPoller({
    cluster: {
      id: "bench",
      name: "Bench",
      webUrl: null,
      simulated: true,
      pollPeriodS: 10,
      history: { import: false, requestsPerSecond: 1 },
    },
    pve,
    clock,
    log: silentLog,
    known: [],
    marks: {},
    newBatchId: () => uniqueId(clock.now()),
    append: (batch) => store.append(batch),
    // As between threads: encoded once, and the main thread decodes its own copy.
    publish: (batch) => {
      const encoded = encodeBatch(batch);
      fleet.applyBatch(decodeBatch(encoded.slice(0)));
      return client.appendEncoded(encoded);
    },
    event: (event) => fleet.applyEvent(structuredClone(event)),
  });
  const running = poller.run(stop.signal);
  for (const [index, { at, answers }] of recording.polls.entries()) {
    if (index === warmUpPolls) {
      await store.latest("node", 0);
      begun = cpuMs();
    }
    pve.answers = answers;
    await clock.stepTo(at);
    if (index % pollsPerApply === pollsPerApply - 1) await store.latest("cluster", at);
  }
  stop.abort();
  await running;
  // Whatever is acknowledged but not yet applied belongs to the cost, too.
  const newest = await store.latest("node", 0);
  const spent = cpuMs() - begun;
  if (newest.length !== recording.nodes.length) throw new Error("the pipeline did not store what was recorded");
  client.close();
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
  return spent / measuredPolls;
}

/** The client without its socket: bytes are inflated and parsed by the same code. */
class RecordedPve implements PolledPve {
  answers: RecordedPoll;
  readonly #recording: Recording;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.answers = recording.polls[0]?.answers ?? new Map();
  }

  async get<T>({ path, node, ...reader }: PveGet<T>): Promise<PveAnswer<T>> {
    const key = path === "/cluster/metrics/export" ? exportKey(node ?? "") : path;
    const body = this.answers.get(key);
    if (body === undefined) throw new Error(`${key} was not recorded`);
    const inflated = inflate(body);
    const data = parseAnswer(inflated, reader);
    return await Promise.resolve({
      data,
      endpoint: "https://bench",
      node: null,
      receivedBytes: body.length,
      bodyBytes: inflated.length,
      durationMs: 1,
      status: 200,
    });
  }

  learn = (): void => undefined;
  learnFingerprints = (): void => undefined;

  reaches(node: string): "direct" | "forwarded" {
    return this.#recording.nodes.includes(node) ? "direct" : "forwarded";
  }

  stats() {
    const none = { requests: 0, waitedMs: 0, longestWaitMs: 0 };
    const byPriority = { interactive: none, poll: none, background: none };
    const use = { byPriority, peakInFlight: 0, peakInFlightPerNode: 0, peakPerSecond: 0 };
    return { requests: 0, failedRequests: 0, retries: 0, receivedBytes: 0, bodyBytes: 0, queued: 0, inFlight: 0, use };
  }
}

/** Stands still until it is stepped; the poller's pause ends with each step. */
class SteppedClock implements Clock {
  #now: number;
  #wake: (() => void) | null = null;
  #waiting: () => void = () => undefined;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      signal?.addEventListener("abort", wake, { once: true });
      // The time limit of a round never comes; the pause between rounds is what is stepped over.
      if (ms < 7_000) return;
      this.#wake = wake;
      this.#waiting();
    });
  }

  /** Lets one poll run, and returns when the poller pauses again. */
  async stepTo(now: number): Promise<void> {
    if (this.#wake === null) await this.#paused();
    this.#now = now;
    const paused = this.#paused();
    this.#wake?.();
    this.#wake = null;
    await paused;
  }

  #paused(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
