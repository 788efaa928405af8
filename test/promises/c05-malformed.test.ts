// C5: every answer that the collector lives on, spoilt in ten thousand ways.
import fc from "fast-check";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Drops } from "../../src/collect/drops.ts";
import { gatherPoints } from "../../src/collect/export-points.ts";
import { Inventory } from "../../src/collect/inventory.ts";
import { NodeIntake } from "../../src/collect/node-intake.ts";
import { RateTracker } from "../../src/collect/rates.ts";
import { RowTarget } from "../../src/collect/row-target.ts";
import { PilothouseError } from "../../src/lib/errors.ts";
import { rowsOf } from "../../src/model/batch.ts";
import { parseAnswer } from "../../src/pve/answer.ts";
import {
  type ClusterResources,
  type ClusterStatus,
  clusterResources,
  clusterStatus,
  clusterTasks,
  type ExportPoints,
  metricsExport,
  nodes,
  nodeVersion,
  type PveAnswer,
  type PveGet,
  type PveReader,
  permissions,
  rrdData,
  version,
} from "../../src/pve/index.ts";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { isLongRun, measured } from "./figure.ts";
import { garbled, misshapen, withUnknownMembers } from "./spoilt-answers.ts";

const cases = isLongRun ? 60_000 : 12_000;
const at = 1_790_000_000_000;

interface Call {
  readonly name: string;
  readonly ask: (pve: PveReader) => Promise<PveAnswer<unknown>>;
  /** What the collector does with it; must not throw either. */
  readonly use?: (data: never) => void;
}

const calls: readonly Call[] = [
  { name: "version", ask: (pve) => version(pve) },
  { name: "version of a node", ask: (pve) => nodeVersion(pve, "pve1") },
  { name: "permissions", ask: (pve) => permissions(pve) },
  { name: "nodes", ask: (pve) => nodes(pve) },
  {
    name: "cluster status",
    ask: (pve) => clusterStatus(pve),
    use: (status: ClusterStatus) => observe(undefined, status),
  },
  { name: "listing", ask: (pve) => clusterResources(pve), use: (listing: ClusterResources) => observe(listing, null) },
  { name: "tasks", ask: (pve) => clusterTasks(pve) },
  { name: "export", ask: (pve) => metricsExport(pve, { history: false, localOnly: true, node: "pve1" }), use: takeIn },
  {
    name: "history",
    ask: (pve) => rrdData(pve, { node: "pve1", timeframe: "hour", cf: "AVERAGE" }),
  },
];

let simulator: RunningSimulator;
/** The simulator's own answers, by call. */
const bodies = new Map<string, Buffer>();
let broken = 0;
let readable = 0;

beforeAll(async () => {
  simulator = await startSimulator({ nodes: 2, guests: 5, speed: 0 });
  const dispatcher = new Agent({ connect: { ca: simulator.caPem, checkServerIdentity: () => undefined } });
  const authorization = `PVEAPIToken=${simulator.tokenId}=${simulator.tokenSecret}`;
  for (const { name, ask } of calls) {
    const pve = readerOf(async ({ path, query = {} }) => {
      const words = Object.entries(query).filter(([, value]) => value !== undefined);
      const search = words.map(([key, value]) => `${key}=${value === true ? "1" : String(value)}`).join("&");
      const { body } = await request(`${simulator.url}/api2/json${path}?${search}`, {
        dispatcher,
        headers: { authorization },
      });
      const bytes = Buffer.from(await body.arrayBuffer());
      bodies.set(name, bytes);
      return bytes;
    });
    await ask(pve);
  }
  await dispatcher.close();
});
afterAll(async () => {
  await simulator.close();
  measured(
    "C5",
    `${broken + readable} spoilt answers: ${broken} refused with a clear error, ${readable} read as far as they go, 0 crashes`,
  );
});

describe("C5: a spoilt answer", () => {
  it.each(calls)("of $name is read as far as it goes, or refused as what it is", { timeout: 120_000 }, async (call) => {
    const body = bodies.get(call.name) ?? Buffer.alloc(0);
    const answer: unknown = JSON.parse(body.toString());
    const spoilt = fc.oneof({ arbitrary: misshapen(answer), weight: 2 }, { arbitrary: garbled(body), weight: 1 });
    await fc.assert(
      fc.asyncProperty(spoilt, async (bytes) => {
        const data = await readOrRefuse(call, bytes);
        if (data !== undefined) call.use?.(data as never);
      }),
      { numRuns: Math.ceil(cases / calls.length) },
    );
  });

  it.each(calls)("of $name may have members that nobody knows", async (call) => {
    const body = bodies.get(call.name) ?? Buffer.alloc(0);
    const known = await call.ask(readerOf(async () => body));
    const more = Buffer.from(JSON.stringify(withUnknownMembers(JSON.parse(body.toString()))));
    const read = await call.ask(readerOf(async () => more));

    // Privileges are whatever PVE calls one.
    if (call.name === "permissions") expect(read.data).toBeDefined();
    else expect(read.data).toEqual(known.data);
  });
});

async function readOrRefuse(call: Call, bytes: Buffer): Promise<unknown> {
  try {
    const { data } = await call.ask(readerOf(async () => bytes));
    readable++;
    return data;
  } catch (error) {
    // Any other class would be a crash somewhere.
    if (!(error instanceof PilothouseError)) throw error;
    expect(error.message.length).toBeLessThan(2_000);
    broken++;
    return undefined;
  }
}

/** The client without a socket: the same parsing of the same bytes. */
function readerOf(answer: (spec: PveGet<unknown>) => Promise<Buffer>): PveReader {
  return {
    get: async (spec) => {
      const body = await answer(spec);
      const data = parseAnswer(body, spec);
      return {
        data,
        endpoint: "https://pve1:8006",
        node: null,
        receivedBytes: body.length,
        bodyBytes: body.length,
        durationMs: 1,
        status: 200,
      };
    },
  };
}

function observe(resources: ClusterResources | undefined, status: ClusterStatus | null): void {
  const inventory = new Inventory("sim", []);
  const listing = resources ?? { nodes: [], guests: [], storages: [], pools: [], rejected: 0 };
  const facts = { name: "Simulated", webUrl: null, simulated: true, release: "9.2", notes: [], versions: new Map() };
  inventory.observe({ resources: listing, status, complete: true, at }, facts);
}

function takeIn(points: ExportPoints): void {
  const drops = new Drops();
  const { samples, values } = gatherPoints(points, drops);
  const target = new RowTarget();
  const facts = new Inventory("sim", []).exportFacts(true);
  new NodeIntake("pve1", 0, new RateTracker(), drops).take(samples, values, facts, target);
  for (const { ts, values: row } of rowsOf(target.batch("b", "sim", "poll"))) {
    expect(Number.isFinite(ts)).toBe(true);
    for (const value of Object.values(row)) expect(Number.isFinite(value)).toBe(true);
  }
}
