// Key figures on the command line: worked out from a data directory, and those that a running service holds.
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { serveControl } from "../../src/cli/control.ts";
import { kpiMethods } from "../../src/cli/lab/kpis.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { blocksFromRows, type Row } from "../../src/model/batch.ts";
import { parseEntityId } from "../../src/model/ids.ts";
import type { KpisDocument } from "../../src/model/kpis.ts";
import { openState, openStore } from "../../src/store/index.ts";
import { aCluster, aGuest, aNode } from "../build.ts";
import { aFolder, cli } from "./run-in-process.ts";

const hourMs = 3_600_000;
const gib = 2 ** 30;
const nowMs = Math.floor(Date.now() / hourMs) * hourMs;

const row = (id: string, at: number, values: Row["values"]): Row => ({
  id,
  ts: at,
  stepS: 3600,
  origin: "export",
  node: null,
  values,
});

/** A month of one node with one guest that uses one of its four cores, as a demo leaves it. */
async function aDataDirectory(): Promise<string> {
  const dataDir = aFolder();
  const state = await openState({ path: join(dataDir, "state.db"), clock: systemClock });
  await state.entities.save([
    aCluster("demo", nowMs),
    aNode("demo", "pve1", nowMs),
    aGuest("demo", 100, nowMs, { status: "running" }),
  ]);
  await state.close();
  const rows = Array.from({ length: 720 }, (_, hour) => nowMs - (720 - hour) * hourMs).flatMap((at) => [
    row("demo/cluster", at, { nodes_online: 1, nodes_total: 1 }),
    row("demo/node/pve1", at, { cpu_ratio: 0.125, cpu_count: 8, mem_used_bytes: 6 * gib, mem_total_bytes: 16 * gib }),
    row("demo/guest/100~1", at, {
      running: 1,
      cpu_ratio: 0.25,
      cpu_count: 4,
      mem_host_bytes: 4 * gib,
      mem_total_bytes: 8 * gib,
    }),
  ]);
  const store = await openStore({
    dataDir,
    log: silentLog,
    problems: { raise: () => undefined, clear: () => undefined },
  });
  const blocks = blocksFromRows((id) => parseEntityId(id)?.kind ?? "guest", rows);
  await store.append({ batchId: "01", cluster: "demo", source: "test", marks: {}, blocks });
  await store.close();
  return dataDir;
}

interface Line {
  readonly scope: string;
  readonly kpi: string;
  readonly value: number | null;
  readonly state: string | null;
  readonly formula: string;
  readonly inputs: Readonly<Record<string, number>>;
}

describe("pilothouse lab kpis", () => {
  it("works out every figure from a data directory that no service runs on", async () => {
    const dataDir = await aDataDirectory();

    const { exitCode, stdout, stderr } = await cli(["lab", "kpis", "--data-dir", dataDir, "--json"]);

    expect(exitCode, stderr).toBe(0);
    const lines = JSON.parse(stdout) as Line[];
    const find = (kpi: string) => lines.find((line) => line.kpi === kpi && line.scope === "cluster:demo");
    // A node alone keeps nothing free; its host takes 2 GiB.
    expect(find("memory_utilization")?.value).toBeCloseTo(4 / 14);
    expect(find("cpu_utilization")).toMatchObject({ value: 0.125, inputs: { cpu_demand_core_hours: 720 } });
    expect(find("cpu_overcommit")).toMatchObject({ value: null, state: "needs the hardware of 1 nodes, has 0" });
    expect(new Set(lines.map(({ scope }) => scope))).toEqual(new Set(["fleet", "cluster:demo"]));
  }, 60_000);

  it("prints the figures that a running service holds, with formula and numbers", async () => {
    const dataDir = aFolder();
    const body: KpisDocument = {
      fromMs: 0,
      toMs: 720 * hourMs,
      timeZone: "UTC",
      weights: { perCoreHour: 7.5, perGibHour: 1, source: "" },
      scopes: [
        {
          type: "cluster",
          key: "",
          guests: 1,
          measures: [
            { id: "availability", inputs: { up_hours: 99_958, down_hours: 42 }, coverage: 0.97, state: null },
            { id: "mttr", inputs: {}, coverage: 0.1, state: "needs 24 of 30 days, has 3" },
          ],
        },
      ],
    };
    const documents = { list: () => Promise.resolve([{ name: "kpis", cluster: "lab", key: "", at: 0, body }]) };
    const control = await serveControl(dataDir, kpiMethods({ documents }), silentLog);
    onTestFinished(() => control.close());

    const { stdout } = await cli(["lab", "kpis", "--data-dir", dataDir, "--scope", "cluster:lab"]);

    expect(stdout).toContain("99.958 % · target at least 99.9 % · 97 % of the time is known");
    expect(stdout).toContain("= up_hours / (up_hours + down_hours)\n      up_hours 99960, down_hours 42");
    expect(stdout).toContain("needs 24 of 30 days, has 3");
  });

  it("says what to do when there is nothing yet", async () => {
    const { exitCode, stderr } = await cli(["lab", "kpis", "--data-dir", join(aFolder(), "none")]);

    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("does not exist");
  });
});
