// CPU of importing Proxmox VE's own history, beside the floor that nobody can go below: inflating and JSON.parse of the
// same answers in the same run. The network is in neither.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Drops } from "../src/collect/drops.ts";
import { importSteps } from "../src/collect/import-plan.ts";
import { Pace } from "../src/collect/pace.ts";
import type { PolledPve } from "../src/collect/polled-cluster.ts";
import { RrdRun } from "../src/collect/rrd-run.ts";
import type { RrdStep } from "../src/collect/rrd-step.ts";
import type { Clock } from "../src/lib/clock.ts";
import { silentLog } from "../src/lib/log.ts";
import { Fleet } from "../src/live/fleet.ts";
import type { Batch } from "../src/model/batch.ts";
import { encodeBatch } from "../src/model/batch-codec.ts";
import type { GuestEntity, NodeEntity } from "../src/model/inventory.ts";
import { capabilitiesOf, type PveAnswer, type PveGet, parseAnswer } from "../src/pve/index.ts";
import { startSimulator } from "../src/simulator/index.ts";
import { openStore } from "../src/store/index.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { fetchBody, inflate } from "./recorded-cluster.ts";

const nodes = 3;
const guests = 40;
const rounds = 7;

export const importing: Benchmark = {
  name: "import",
  summary: "CPU of importing PVE's own history, beside inflate + JSON.parse of the same answers",
  run: async () => {
    const { steps, bodies } = await recordHistory();
    const floors: number[] = [];
    const costs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      floors.push(cpuOf(() => parseAll(bodies)));
      costs.push(await importMs(steps, bodies, encoding));
    }
    const [floor, cost] = [Math.min(...floors), Math.min(...costs)];
    return [
      { name: "answers", value: bodies.size, unit: "answers" },
      { name: "floor", value: floor, unit: "ms CPU" },
      { name: "import", value: cost, unit: "ms CPU, to batches as the store takes them" },
      { name: "import_to_floor", value: cost / floor, unit: "×", must: "<= 2" },
      await withStore(steps, bodies, floor),
    ];
  },
};

type Bodies = ReadonlyMap<string, Buffer>;
const keyOf = (path: string, timeframe: unknown, cf: unknown): string =>
  `${path}?timeframe=${String(timeframe)}&cf=${String(cf)}`;

async function recordHistory(): Promise<{ steps: readonly RrdStep[]; bodies: Bodies }> {
  const simulator = await startSimulator({ nodes, guests, speed: 0, unauthorizedDelayMs: 0 });
  const base = { cluster: "bench", firstSeenAt: 1, lastSeenAt: 1, goneAt: null, haState: null };
  const entities = [
    ...Object.keys(simulator.nodeUrls).map(
      (name): NodeEntity => ({
        ...base,
        id: `bench/node/${name}`,
        kind: "node",
        name,
        status: "online",
        address: null,
        version: null,
      }),
    ),
    ...[...simulator.state.guests.values()].map(
      ({ vmid, type, node }): GuestEntity => ({
        ...base,
        id: `bench/guest/${vmid}~1`,
        kind: "guest",
        name: String(vmid),
        vmid,
        generation: 1,
        type,
        node,
        status: "running",
        template: false,
        lock: null,
        tags: [],
        pool: null,
      }),
    ),
  ];
  const steps = importSteps(entities, capabilitiesOf("9.2.1"), () => undefined);
  const bodies = new Map<string, Buffer>();
  for (const { subject, timeframe, withMax } of steps) {
    const { node, guest } = subject.where;
    const path = `/nodes/${node}${guest === undefined ? "" : `/${guest.type}/${guest.vmid}`}/rrddata`;
    for (const cf of withMax ? ["AVERAGE", "MAX"] : ["AVERAGE"]) {
      const key = keyOf(path, timeframe, cf);
      bodies.set(key, await fetchBody(`${simulator.url}/api2/json${key}`, simulator));
    }
  }
  await simulator.close();
  return { steps, bodies };
}

function parseAll(bodies: Bodies): void {
  for (const body of bodies.values()) JSON.parse(inflate(body).toString("utf8"));
}

/** Encoded for the store's thread, and no further. */
const encoding = (batch: Batch): Promise<void> => {
  encodeBatch(batch);
  return Promise.resolve();
};

async function importMs(
  steps: readonly RrdStep[],
  bodies: Bodies,
  append: (batch: Batch) => Promise<void>,
): Promise<number> {
  let batches = 0;
  const begun = cpuMs();
  const run = new RrdRun(
    {
      cluster: "bench",
      pve: new RecordedHistory(bodies),
      clock: standing,
      log: silentLog,
      drops: new Drops(),
      pace: new Pace({ clock: standing, requestsPerSecond: Number.POSITIVE_INFINITY, mustWait: () => false }),
      newBatchId: () => `b${batches++}-${performance.now()}`,
      append,
      whereIs: (id) => steps.find((step) => step.subject.id === id)?.subject.where.node,
      learnOrigin: () => Promise.resolve(),
    },
    {
      source: "import",
      steps,
      windowOf: () => ({ fromMs: 0, toMs: Number.POSITIVE_INFINITY }),
      marksOf: () => ({}),
      kept: () => undefined,
      left: () => undefined,
      report: () => undefined,
    },
  );
  const { failed } = await run.run(new AbortController().signal);
  if (failed > 0) throw new Error(`${failed} histories were not read`);
  return cpuMs() - begun;
}

/** Journal, database and their threads included; a figure to know, without a bound. */
async function withStore(steps: readonly RrdStep[], bodies: Bodies, floor: number): Promise<Figure> {
  const dataDir = mkdtempSync(join(tmpdir(), "pilothouse-bench-"));
  const store = await openStore({ dataDir, log: silentLog, problems: new Fleet(standing).problemList });
  const begun = cpuMs();
  await importMs(steps, bodies, (batch) => store.append(batch));
  await store.latest("node", 0);
  const spent = cpuMs() - begun;
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
  return { name: "import_and_store_to_floor", value: spent / floor, unit: "×, durable and applied" };
}

class RecordedHistory implements PolledPve {
  readonly #bodies: Bodies;

  constructor(bodies: Bodies) {
    this.#bodies = bodies;
  }

  async get<T>({ path, query, ...reader }: PveGet<T>): Promise<PveAnswer<T>> {
    const body = this.#bodies.get(keyOf(path, query?.["timeframe"], query?.["cf"]));
    if (body === undefined) throw new Error(`${path} was not recorded`);
    const inflated = inflate(body);
    const data = parseAnswer(inflated, reader);
    const sizes = { receivedBytes: body.length, bodyBytes: inflated.length };
    return Promise.resolve({ data, endpoint: "https://bench", node: null, ...sizes, durationMs: 1, status: 200 });
  }

  learn = (): void => undefined;
  learnFingerprints = (): void => undefined;
  reaches = (): "direct" => "direct";
  stats = (): never => {
    throw new Error("an import does not look at the client's counts");
  };
}

const standing: Clock = { now: () => 1.79e12, monotonic: () => 0, sleep: () => Promise.resolve() };

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function cpuOf(work: () => void): number {
  const begun = cpuMs();
  work();
  return cpuMs() - begun;
}
