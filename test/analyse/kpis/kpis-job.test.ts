// The job over a month whose figures are known beforehand.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kpis } from "../../../src/analyse/jobs/kpis.ts";
import { blocksFromRows } from "../../../src/model/batch.ts";
import { type KpiLine, linesOfCluster } from "../../../src/model/kpi-lines.ts";
import type { KpisDocument, UtilizationDocument } from "../../../src/model/kpis.ts";
import { aMonth, gib, hourMs, type Month, type MonthGuest, monthFrom, nowMs } from "./a-month.ts";

const twoNodes = [
  { name: "pve1", threads: 16, memoryGib: 64 },
  { name: "pve2", threads: 16, memoryGib: 64 },
];
const guest = (vmid: number, more: Partial<MonthGuest> = {}): MonthGuest => ({
  vmid,
  node: "pve1",
  cores: 4,
  memoryGib: 8,
  cpu: () => 0.5,
  usedGib: 4,
  ...more,
});

async function ran(month: Month) {
  const context = await aMonth(month);
  const outcome = await kpis.run(context);
  const documents = outcome.documents ?? [];
  const document = documents.find(({ name }) => name === "kpis")?.body as KpisDocument;
  const lines = linesOfCluster({ cluster: "a", body: document });
  const line = (id: string, scope = "cluster:a"): KpiLine => {
    const found = lines.find(({ kpi, scope: own }) => kpi.id === id && own === scope);
    if (found === undefined) throw new Error(`no ${id} of ${scope}`);
    return found;
  };
  const items = (window: string) => {
    const found = documents.find(({ name, key }) => name === "utilization" && key === window);
    return (found?.body as UtilizationDocument | undefined)?.items ?? [];
  };
  return { context, outcome, lines, line, items, rows: outcome.rows ?? [] };
}

describe("Utilization of a cluster", () => {
  it("is what guests use of what may be used: all less the largest node less what hosts take", async () => {
    const { line } = await ran({ nodes: twoNodes, guests: [guest(100), guest(101, { node: "pve2", usedGib: 11 })] });

    // CPU: 4 of 16 cores. Memory: 15 GiB of 128 − 62 − 4 = 62.
    expect(line("cpu_utilization").value).toBeCloseTo(4 / 16);
    expect(line("memory_utilization").value).toBeCloseTo(15 / 62);
    expect(line("cpu_utilization")).toMatchObject({ coverage: 1, state: null });
    expect(line("cpu_overcommit").value).toBeCloseTo(8 / 32);
    expect(line("memory_overcommit").value).toBeCloseTo(16 / 128);
  });

  it("names no most constrained resource while one of them is not known", async () => {
    const { line } = await ran({ nodes: twoNodes, guests: [guest(100)] });

    expect(line("utilization")).toMatchObject({ value: null, state: expect.stringContaining("storage") as string });
  });

  it("in busy hours is that of business hours alone", async () => {
    const busyAtNight = guest(100, { cpu: (hour) => (isNight(hour) ? 1 : 0.25) });
    const { line, items } = await ran({ nodes: twoNodes, guests: [busyAtNight] });

    expect(line("cpu_p95_utilization").value).toBeCloseTo(1 / 16);
    const cluster = items("30d").find(({ type }) => type === "cluster");
    expect(cluster?.cpu).toMatchObject({ p95: 4, businessP95: 1 });
  });

  it("has a state instead of a value below 80 % of the window", async () => {
    const { line } = await ran({ nodes: twoNodes, guests: [guest(100)], isBlind: (hour) => hour < 648 });

    expect(line("cpu_utilization")).toMatchObject({ value: null, state: "needs 24 of 30 days, has 3" });
    expect(line("efficiency")).toMatchObject({ value: null, coverage: 0.1 });
  });

  it("is the same when loads and capacities are twice as large", async () => {
    const month: Month = { nodes: twoNodes, guests: [guest(100), guest(101, { cpu: (hour) => (hour % 7) / 7 })] };
    const [one, two] = [await ran(month), await ran({ ...month, scale: 2 })];

    for (const id of ["cpu_utilization", "cpu_p95_utilization", "efficiency", "cpu_overcommit"]) {
      expect(two.line(id).value).toBeCloseTo(one.line(id).value ?? Number.NaN, 9);
    }
  });
});

const isNight = (hour: number): boolean => new Date(monthFrom + hour * hourMs).getUTCHours() < 6;

describe("Resource efficiency", () => {
  it("weighs cores and memory by what they cost, over the hours in which guests ran", async () => {
    const halfTime = guest(100, { cpu: (hour) => (hour % 2 === 0 ? 0.5 : null) });
    const { line } = await ran({ nodes: twoNodes, guests: [halfTime] });

    // While it ran: 2 of 4 cores, 4 of 8 GiB.
    expect(line("efficiency").value).toBeCloseTo(0.5);
    expect(line("efficiency").inputs).toMatchObject({ used_core_hours: 720, allocated_core_hours: 1440 });
  });
});

describe("Availability", () => {
  it("counts guests that should run, and says how their outages went", async () => {
    const { line } = await ran({
      nodes: twoNodes,
      guests: [
        guest(100, { cpu: (hour) => (hour >= 100 && hour < 104 ? null : 0.1) }),
        guest(101, { startAtBoot: false, cpu: () => null }),
      ],
    });

    expect(line("availability")).toMatchObject({ value: 716 / 720, coverage: 1, isOnTarget: false });
    expect(line("error_budget").value).toBeCloseTo(1 - 4 / 0.72);
    expect(line("mttr").value).toBe(4);
    expect(line("mtbf").value).toBe(716);
  });

  it("has no outage to speak of when there was none, and no guest when none should run", async () => {
    const calm = await ran({ nodes: twoNodes, guests: [guest(100)] });
    expect(calm.line("mttr")).toMatchObject({ value: null, state: "no outage in the window" });

    const lazy = await ran({ nodes: twoNodes, guests: [guest(100, { startAtBoot: false })] });
    expect(lazy.line("availability").state).toContain("no guest should run");
  });

  it("leaves out what nobody watched", async () => {
    const month: Month = { nodes: twoNodes, guests: [guest(100, { cpu: (hour) => (hour === 300 ? null : 0.1) })] };
    const all = await ran(month);
    const blind = await ran({ ...month, isBlind: (hour) => hour >= 500 && hour < 572 });

    expect(all.line("availability").value).toBe(719 / 720);
    expect(blind.line("availability")).toMatchObject({ value: 647 / 648, coverage: 0.9 });
  });
});

describe("Scopes", () => {
  const load = fc.record({
    pool: fc.constantFrom("x", "y", null),
    node: fc.constantFrom("pve1", "pve2"),
    level: fc.integer({ min: 0, max: 10 }),
    usedGib: fc.integer({ min: 1, max: 8 }),
  });

  it("add up: pools with the guests in none, and nodes, make the cluster", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(load, { minLength: 1, maxLength: 5 }), async (loads) => {
        const guests = loads.map(({ pool, node, level, usedGib }, n) =>
          guest(100 + n, { node, usedGib, cpu: (hour) => ((level + hour) % 11) / 10, entity: { pool } }),
        );
        const { rows, items } = await ran({ nodes: twoNodes, guests });
        const sums = (metric: string, of: (id: string) => boolean): number =>
          rows.filter(({ id }) => of(id)).reduce((sum, { values }) => sum + (values[metric] ?? 0), 0);
        const isPool = (id: string): boolean => id.startsWith("a/scope/pool:");
        const isCluster = (id: string): boolean => id === "a/scope/cluster";
        const without = items("30d").filter(({ type, id }) => type === "guest" && isWithout(guests, id));
        const cpu = without.reduce((sum, item) => sum + (item.cpu.avg ?? 0) * 720, 0);
        const memory = without.reduce((sum, item) => sum + (item.memory.avg ?? 0) * 720, 0);
        // Lines of the table are rounded to four digits.
        expect(sums("cpu_demand_cores", isPool) + cpu).toBeCloseTo(sums("cpu_demand_cores", isCluster), -1);
        const whole = sums("mem_demand_bytes", isCluster);
        expect((sums("mem_demand_bytes", isPool) + memory) / whole).toBeCloseTo(1, 3);
        const nodes = items("30d").filter(({ type }) => type === "node");
        const onNodes = nodes.reduce((sum, item) => sum + (item.cpu.avg ?? 0) * 720, 0);
        expect(onNodes).toBeCloseTo(sums("cpu_demand_cores", isCluster), -1);
      }),
      { numRuns: 4 },
    );
  }, 60_000);

  const isWithout = (guests: readonly MonthGuest[], id: string): boolean =>
    guests.some(({ vmid, entity }) => id === `a/guest/${vmid}~1` && entity?.pool == null);

  it("leave a point for each hour, and only those that are not there yet", async () => {
    const month: Month = { nodes: twoNodes, guests: [guest(100, { entity: { tags: ["web"] } })] };
    const { context, rows } = await ran(month);
    expect(rows).toHaveLength(2 * 720);
    expect(rows[0]).toMatchObject({
      id: "a/scope/cluster",
      stepS: 3600,
      origin: "analysis",
      values: { cpu_demand_cores: 2, cpu_usable_cores: 16, mem_demand_bytes: 4 * gib, coverage_ratio: 1 },
    });
    const blocks = blocksFromRows(() => "scope", rows);
    await context.store.append({ batchId: "rows", cluster: "a", source: "analysis", blocks, marks: {} });

    const again = await kpis.run({ ...context, nowMs: nowMs + 20 * 60_000 });
    expect(again.rows).toEqual([]);
  });

  it("of a pool and a tag have what can be said of guests alone", async () => {
    const { lines } = await ran({
      nodes: twoNodes,
      guests: [guest(100, { entity: { pool: "prod", tags: ["web"] } }), guest(101)],
    });
    const of = (scope: string) => lines.filter((line) => line.scope === scope).map(({ kpi }) => kpi.id);

    expect(of("pool:a/prod")).toEqual(of("tag:a/web"));
    expect(of("pool:a/prod")).toContain("efficiency");
    expect(of("pool:a/prod")).not.toContain("cpu_utilization");
  });
});

describe("The table of utilization", () => {
  it("says of a guest what it is given, what it takes, and how much of the time is known", async () => {
    const { items } = await ran({
      nodes: twoNodes,
      guests: [guest(100, { cpu: (hour) => (hour >= 696 ? 1 : 0.25) }), guest(101, { cpu: () => undefined })],
    });
    const find = (window: string, id: string) => items(window).find((item) => item.id === id);

    expect(find("1d", "a/guest/100~1")).toMatchObject({
      coverage: 1,
      state: null,
      cpu: { capacity: 4, avg: 4, p95: 4 },
      memory: { capacity: 8 * gib, avg: Number((4 * gib).toPrecision(4)) },
    });
    expect(find("30d", "a/guest/100~1")?.cpu).toMatchObject({ p50: 1, max: 4 });
    expect(find("7d", "a/guest/101~1")).toMatchObject({
      coverage: 0,
      state: "needs 5.6 of 7 days, has 0",
      cpu: { avg: null, p95: null },
    });
  });
});
