// A poller on a simulated cluster, round by round: the test says when time passes, and everything between is real
// (HTTPS, parsing, the inventory); only the store is the one in memory.
import { ClusterPoller } from "../../src/collect/cluster-poller.ts";
import type { PushedMomentsOf } from "../../src/collect/index.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { Secret } from "../../src/lib/secret.ts";
import { Fleet } from "../../src/live/fleet.ts";
import { type Batch, type Row, rowsOf } from "../../src/model/batch.ts";
import type { CollectorEvent } from "../../src/model/collector.ts";
import type { Entity } from "../../src/model/inventory.ts";
import type { PushAnswer, PushRequest } from "../../src/model/push.ts";
import type { MetricsStore } from "../../src/model/store.ts";
import { type EmittedRequest, PveCluster, type PveLimits, type Trust } from "../../src/pve/index.ts";
import { type RunningSimulator, type SimulatorOptions, startSimulator } from "../../src/simulator/index.ts";
import { MemoryStore } from "../../src/store/index.ts";

export interface PollerSetup {
  readonly simulator?: SimulatorOptions;
  /** Given: the poller runs on a simulator that another one has used before. */
  readonly on?: RunningSimulator;
  readonly store?: Pick<MetricsStore, "append" | "marks">;
  readonly known?: readonly Entity[];
  readonly pushed?: readonly PushedMomentsOf[];
  readonly token?: { readonly id: string; readonly secret: string };
  readonly trust?: Trust;
  readonly importHistory?: boolean;
  /** Addresses to ask in place of the simulator's own. */
  readonly endpoints?: (simulator: RunningSimulator) => readonly string[];
  readonly limits?: Partial<PveLimits>;
  /** How far our own clock is off, in milliseconds; asked at every look at it. */
  readonly ourSkewMs?: () => number;
}

/** Everything in the poller that lasts longer than a round waits for `poll`; shorter pauses are real, but brief. */
const roundMs = 7_000;
const briefPauseMs = 50;
/** A round waits this long for answers, also in a test. */
const settleMs = 1_500;

class RoundClock implements Clock {
  readonly #simulator: RunningSimulator;
  readonly #skewMs: () => number;
  #wake: (() => void) | null = null;
  #paused: () => void = () => undefined;

  constructor(simulator: RunningSimulator, skewMs: () => number) {
    this.#simulator = simulator;
    this.#skewMs = skewMs;
  }

  now(): number {
    return this.#simulator.now() + this.#skewMs();
  }

  monotonic(): number {
    return this.#simulator.now();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms < roundMs) return systemClock.sleep(ms === settleMs ? ms : Math.min(ms, briefPauseMs), signal);
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      signal?.addEventListener("abort", wake, { once: true });
      this.#wake = wake;
      this.#paused();
    });
  }

  /** Resolves when the poller pauses. */
  async paused(): Promise<void> {
    if (this.#wake !== null) return;
    await new Promise<void>((resolve) => {
      this.#paused = resolve;
    });
  }

  resume(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

export async function pollSimulated(setup: PollerSetup = {}) {
  const simulator =
    setup.on ?? (await startSimulator({ nodes: 3, guests: 12, speed: 0, unauthorizedDelayMs: 0, ...setup.simulator }));
  const store = setup.store ?? new MemoryStore();
  const clock = new RoundClock(simulator, setup.ourSkewMs ?? (() => 0));
  const fleet = new Fleet(clock);
  const batches: Batch[] = [];
  const events: CollectorEvent[] = [];
  const requests: EmittedRequest[] = [];
  const pve = new PveCluster({
    cluster: "sim",
    endpoints: setup.endpoints?.(simulator) ?? [simulator.url],
    token: {
      id: setup.token?.id ?? simulator.tokenId,
      secret: new Secret(setup.token?.secret ?? simulator.tokenSecret),
    },
    trust: setup.trust ?? { kind: "pin", sha256: simulator.fingerprint },
    limits: {
      requestsPerSecond: 10_000,
      breakerOpenMs: 10,
      timeoutMs: 3_000,
      connectTimeoutMs: 500,
      ...setup.limits,
    },
    clock: systemClock,
    log: silentLog,
    onRequest: (request) => requests.push(request),
  });
  const stopping = new AbortController();
  const poller = new ClusterPoller({
    cluster: {
      id: "sim",
      name: "Simulated",
      webUrl: simulator.url,
      simulated: true,
      pollPeriodS: null,
      history: { import: setup.importHistory ?? false, requestsPerSecond: 1_000 },
    },
    pve,
    clock,
    log: silentLog,
    known: setup.known ?? [],
    marks: await store.marks("sim"),
    pushed: setup.pushed ?? [],
    newBatchId: () => `b${batchNumber()}`,
    append: async (batch) => {
      batches.push(batch);
      await store.append(batch);
    },
    publish: async (batch) => {
      batches.push(batch);
      fleet.applyBatch(batch);
      await store.append(batch);
    },
    event: (event) => {
      events.push(event);
      fleet.applyEvent(event);
    },
  });
  const running = poller.run(stopping.signal);
  return {
    simulator,
    store,
    fleet,
    events,
    requests,
    pve,
    /** Rows of the polls so far. */
    rows: (): Row[] => batches.flatMap((batch) => [...rowsOf(batch)]),
    lastRows: (): Row[] => (batches.at(-1) === undefined ? [] : [...rowsOf(batches.at(-1) as Batch)]),
    push: (request: Omit<PushRequest, "cluster">): Promise<PushAnswer> => poller.push({ cluster: "sim", ...request }),
    /** Waits for the first round. */
    first: () => clock.paused(),
    /** Lets time pass, then one round. */
    poll: async (ms = 10_000): Promise<void> => {
      await clock.paused();
      simulator.advance(ms);
      clock.resume();
      await clock.paused();
    },
    openProblems: (): string[] =>
      fleet
        .problems()
        .filter((problem) => problem.clearedAt === null)
        .map((problem) => `${problem.code} ${problem.subject}`)
        .sort(),
    /** Ends the poller, and the simulator unless it goes on. */
    stop: async (andSimulator = true): Promise<void> => {
      stopping.abort();
      await running;
      await pve.close();
      if (andSimulator) await simulator.close();
    },
  };
}

let lastBatch = 0;
function batchNumber(): number {
  lastBatch += 1;
  return lastBatch;
}
