// An InfluxDB that Proxmox VE's own metric server filled becomes history here, beside a running service and without one.
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { appendMethods } from "../../src/cli/append-methods.ts";
import { serveControl } from "../../src/cli/control.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import type { Entity } from "../../src/model/inventory.ts";
import type { MetricsStore } from "../../src/model/store.ts";
import { openState, openStore } from "../../src/store/index.ts";
import { influxd, runningInflux } from "../store/influx/influx-under-test.ts";
import { aFolder, cli } from "./run-in-process.ts";

const hour = 3_600_000;
const day = 24 * hour;
const seenAt = Math.floor((Date.now() - 2 * hour) / hour) * hour;
const begin = seenAt - 200 * day;
const base = { cluster: "prod", firstSeenAt: seenAt, lastSeenAt: seenAt, goneAt: null };

const entities: readonly Entity[] = [
  {
    ...base,
    ...{
      id: "prod/cluster",
      name: "prod",
      kind: "cluster",
      release: "9.0",
      quorate: true,
      simulated: false,
      webUrl: null,
    },
  },
  {
    ...base,
    ...{
      id: "prod/node/pve1",
      name: "pve1",
      kind: "node",
      status: "online",
      haState: null,
      address: null,
      version: null,
    },
  },
  aGuest(1, { goneAt: begin + 30 * day }),
  aGuest(2, {}),
  {
    ...base,
    ...{ id: "prod/storage/@nfs", name: "nfs", kind: "storage", storage: "nfs", node: null, nodes: ["pve1"] },
    ...{ shared: true, status: "available", pluginType: "nfs", content: [] },
  },
];

function aGuest(generation: number, other: Partial<Entity>): Entity {
  return {
    ...base,
    ...{ id: `prod/guest/100~${generation}`, name: "web", kind: "guest", vmid: 100, generation, type: "qemu" },
    ...{ node: "pve1", status: "running", template: false, lock: null, tags: [], pool: null, haState: null },
    ...other,
  } as Entity;
}

/** As PVE writes them: to the second, floats without a suffix. Two hours at the beginning, and the last two. */
function pveWrites(): string {
  const lines: string[] = [];
  for (const from of [begin, seenAt - 2 * hour]) {
    for (let ts = from; ts < from + 2 * hour; ts += 10_000) {
      const [at, seconds] = [`${ts / 1000}000000000`, (ts - from) / 1000];
      const busy = ts % 60_000 === 0 ? 0.9 : 0.1;
      lines.push(`cpustat,object=nodes,host=pve1 cpu=${busy},wait=0.01,cpus=8,avg1=1 ${at}`);
      lines.push(`memory,object=nodes,host=pve1 memtotal=1000,memused=400 ${at}`);
      lines.push(`system,object=nodes,host=pve1 uptime=${seconds} ${at}`);
      const counters = `netin=${1_000 * seconds},netout=0`;
      lines.push(
        `system,object=qemu,vmid=100,nodename=pve1,host=web cpu=${busy},cpus=2,mem=512,${counters},name="web" ${at}`,
      );
      lines.push(`system,object=qemu,vmid=999,nodename=pve1,host=gone cpu=0.5 ${at}`);
      lines.push(`system,object=qemu,vmid=100,nodename=other1,host=foreign cpu=0.77 ${at}`);
      lines.push(`system,object=storages,nodename=pve1,host=nfs,type=nfs total=2000,used=${500 + seconds} ${at}`);
    }
  }
  return lines.join("\n");
}

async function filledBucket(url: string): Promise<void> {
  await fetch(`${url}/query?q=CREATE+DATABASE+proxmox`, { method: "POST" });
  const { status } = await fetch(`${url}/write?db=proxmox`, { method: "POST", body: pveWrites() });
  expect(status).toBe(204);
}

async function dataDirectory(): Promise<string> {
  const dataDir = aFolder();
  const state = await openState({ path: join(dataDir, "state.db"), clock: systemClock });
  await state.entities.save(entities);
  await state.close();
  return dataDir;
}

const problems = { raise: () => undefined, clear: () => undefined };
const open = async (dataDir: string) => {
  const store = await openStore({ dataDir, log: silentLog, problems });
  onTestFinished(async () => store.close());
  return store;
};

const valuesOf = async (
  store: MetricsStore,
  id: string,
  metric: string,
  fromMs: number,
  aggregation: "avg" | "max",
) => {
  const { frames } = await store.range({
    ids: [id],
    metric,
    aggregation,
    fromMs,
    toMs: fromMs + 2 * hour,
    stepMs: hour,
  });
  return frames[0]?.values.map((value) => Math.round((value ?? Number.NaN) * 1e6) / 1e6);
};

describe.skipIf(influxd === undefined)("pilothouse import influx", () => {
  const url = runningInflux();
  const run = (dataDir: string, ...more: readonly string[]) =>
    cli(["import", "influx", "--url", url(), "--cluster", "prod", "--data-dir", dataDir, "--json", ...more]);

  it("imports years as averages and maxima, finely where they are kept finely, and goes on where it ended", async () => {
    await filledBucket(url());
    const dataDir = await dataDirectory();

    const first = await run(dataDir);
    expect(first).toMatchObject({ exitCode: 0 });
    const outcome = JSON.parse(first.stdout) as { rows: number; unknown: number; from: string; finished: boolean };
    expect(outcome).toMatchObject({ finished: true, from: new Date(begin).toISOString() });
    // Node, guest and storage: two windows of an hour long ago, and 120 minutes of late; the unknown guest as often.
    expect(outcome).toMatchObject({ rows: 3 * (2 + 120), unknown: 2 + 120 });
    expect(first.stderr).toContain("100 %");
    expect(JSON.parse((await run(dataDir)).stdout)).toMatchObject({ rows: 0 });

    const store = await open(dataDir);
    const mean = (0.9 + 5 * 0.1) / 6;
    const rounded = Math.round(mean * 1e6) / 1e6;
    for (const from of [begin, seenAt - 2 * hour]) {
      expect(await valuesOf(store, "prod/node/pve1", "cpu_ratio", from, "avg")).toEqual([rounded, rounded]);
      expect(await valuesOf(store, "prod/node/pve1", "cpu_ratio", from, "max")).toEqual([0.9, 0.9]);
      expect((await valuesOf(store, "prod/storage/@nfs", "used_bytes", from, "avg"))?.length).toBe(2);
    }
    expect(await valuesOf(store, "prod/guest/100~1", "cpu_ratio", begin, "avg")).toEqual([rounded, rounded]);
    expect(await valuesOf(store, "prod/guest/100~2", "cpu_ratio", seenAt - 2 * hour, "avg")).toEqual([
      rounded,
      rounded,
    ]);
    expect(await valuesOf(store, "prod/guest/100~2", "cpu_ratio", begin, "avg")).toEqual([]);
    const rates = await valuesOf(store, "prod/guest/100~2", "net_in_bytes_per_second", seenAt - 2 * hour, "avg");
    expect(rates?.[1]).toBeCloseTo(1_000, 6);
  });

  it("hands its rows to a service that runs", async () => {
    await filledBucket(url());
    const dataDir = await dataDirectory();
    const store = await open(dataDir);
    const methods = { ...appendMethods(store), status: () => Promise.resolve({}) };
    const control = await serveControl(dataDir, methods, silentLog);
    onTestFinished(async () => control.close());

    const { exitCode, stdout } = await run(dataDir, "--from", new Date(seenAt - 2 * hour).toISOString());

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 3 * 120, finished: true });
    expect((await valuesOf(store, "prod/node/pve1", "cpu_ratio", seenAt - 2 * hour, "max"))?.[0]).toBe(0.9);
  });

  it("says what is missing, and what does not answer", async () => {
    const dataDir = await dataDirectory();
    const complaint = async (argv: readonly string[]) => (await cli([...argv, "--data-dir", dataDir])).stderr;

    expect(await complaint(["import", "influx", "--cluster", "prod"])).toContain("Say where with --url");
    expect(await complaint(["import", "influx", "--url", url()])).toContain("--cluster is needed");
    expect(await complaint(["import", "influx", "--url", url(), "--cluster", "nix"])).toContain(
      "Nothing is known of nix",
    );
    const nowhere = await complaint(["import", "influx", "--url", "http://127.0.0.1:1", "--cluster", "prod"]);
    expect(nowhere).toContain("cannot be reached");
  });
});
