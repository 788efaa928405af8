// A collector whose rounds begin by themselves, on a cluster whose time runs as fast as its own, some times faster than
// real: slow answers, timeouts and breakers are all in proportion, and minutes pass in seconds.
import { afterAll } from "vitest";
import { ClusterPoller } from "../../src/collect/cluster-poller.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { Secret } from "../../src/lib/secret.ts";
import { uniqueId } from "../../src/lib/unique-id.ts";
import { type Batch, type Row, rowsOf } from "../../src/model/batch.ts";
import type { CollectorEvent } from "../../src/model/collector.ts";
import { type EmittedRequest, PveCluster, type PveLimits } from "../../src/pve/index.ts";
import { defaultLimits } from "../../src/pve/limits.ts";
import { type SimulatorOptions, startSimulator } from "../../src/simulator/index.ts";
import { MemoryStore } from "../../src/store/index.ts";
import { expectTruth } from "./compare.ts";
import { Oracle } from "./oracle.ts";

export interface ScaledSetup {
  readonly simulator?: SimulatorOptions;
  /** How many times faster than real. */
  readonly speed?: number;
  readonly limits?: Partial<PveLimits>;
}

const opened: (() => Promise<void>)[] = [];

// Not when a test has finished: of tests that run beside each other, vitest takes the one that finishes first, and its end
// would stop the pollers of the others.
afterAll(async () => {
  for (const close of opened.splice(0)) await close();
});

/** Real time, stretched; it begins at the present. */
export function scaledClock(speed: number): Clock {
  const began = systemClock.now();
  const since = systemClock.monotonic();
  const passed = (): number => (systemClock.monotonic() - since) * speed;
  return {
    now: () => began + passed(),
    monotonic: passed,
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
  };
}

export async function scaledPoller({ simulator: options = {}, speed = 10, limits = {} }: ScaledSetup = {}) {
  const clock = scaledClock(speed);
  const simulator = await startSimulator({ nodes: 3, guests: 12, clock, speed: 1, unauthorizedDelayMs: 0, ...options });
  const oracle = new Oracle(simulator.state);
  const watching = setInterval(() => oracle.watch(), 500);
  const store = new MemoryStore();
  const events: CollectorEvent[] = [];
  const requests: (EmittedRequest & { readonly at: number })[] = [];
  const inFlight: number[] = [];
  const batches: Batch[] = [];
  const { timeoutMs, forwardedTimeoutMs, connectTimeoutMs } = { ...defaultLimits, ...limits };
  const pve = new PveCluster({
    cluster: "sim",
    endpoints: [simulator.url],
    token: { id: simulator.tokenId, secret: new Secret(simulator.tokenSecret) },
    trust: { kind: "pin", sha256: simulator.fingerprint },
    // Sockets live in real time.
    limits: {
      ...limits,
      timeoutMs: timeoutMs / speed,
      forwardedTimeoutMs: forwardedTimeoutMs / speed,
      connectTimeoutMs: connectTimeoutMs / speed,
    },
    clock,
    log: silentLog,
    onRequest: (request) => {
      requests.push({ ...request, at: clock.now() });
      inFlight.push(pve.stats().inFlight);
    },
  });
  const stopping = new AbortController();
  const keep = async (batch: Batch): Promise<void> => {
    batches.push(batch);
    await store.append(batch);
  };
  const poller = new ClusterPoller({
    cluster: {
      id: "sim",
      name: "Simulated",
      webUrl: null,
      simulated: true,
      pollPeriodS: null,
      history: { import: false, requestsPerSecond: 1 },
    },
    pve,
    clock,
    log: silentLog,
    known: [],
    marks: {},
    newBatchId: () => uniqueId(systemClock.now()),
    append: keep,
    publish: keep,
    event: (event) => events.push(event),
  });
  const running = poller.run(stopping.signal);
  let stopped: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    stopping.abort();
    await pve.close();
    await running;
  };
  const stop = (): Promise<void> => (stopped ??= end());
  opened.push(async () => {
    await stop();
    clearInterval(watching);
    await simulator.close();
  });
  return {
    simulator,
    clock,
    requests,
    pve,
    events,
    oracle,
    nodes: Object.keys(simulator.nodeUrls),
    faults: simulator.state.faults,
    rows: (): Row[] => batches.flatMap((batch) => [...rowsOf(batch)]),
    /** The most requests that were under way at once. */
    mostInFlight: (): number => Math.max(0, ...inFlight),
    /** What the collector last said of its own work. */
    cost: () => events.findLast((event) => event.type === "cost")?.cost,
    pass: (ms: number) => clock.sleep(ms),
    stop,
    expectTruth: () => expectTruth(store, oracle),
  };
}
