import fc from "fast-check";
import { expect, test } from "vitest";
import { costSlice } from "../../../src/analyse/cost/engine.ts";
import { costTable } from "../../../src/analyse/cost/table.ts";
import { costPrice } from "../../../src/analyse/questions/cost-price.ts";
import { costRoi } from "../../../src/analyse/questions/cost-roi.ts";
import { type CostsQuestion, costs } from "../../../src/analyse/questions/costs.ts";
import { type CostsAnswer, costAggregates, type PlannedPrice } from "../../../src/model/cost-answer.ts";
import { type CostModel, costSplits } from "../../../src/model/cost-model.ts";
import { aGuestSlot, aModel, anOwner, aPurchase, aSlot, aTariff } from "./a-model.ts";
import { day, hour, LedgerWorld } from "./ledger-world.ts";

const begin = Date.UTC(2026, 10, 1);
const now = begin + 5 * day + 30 * 60_000;
const everything = { clusters: null, pools: null, tags: null };

const aQuestion = (change: Partial<CostsQuestion> = {}): CostsQuestion => ({
  window: "month",
  aggregate: "owner",
  tag_prefix: "",
  include_idle: true,
  share_idle: null,
  share_cost: null,
  cluster: null,
  scope: everything,
  ...change,
});

const bought: CostModel = aModel({
  tariffs: [aTariff({ purchases: [aPurchase()], sharedCosts: [{ name: "Backup", perMonth: 72, split: "even" }] })],
  budgets: [
    { name: "All", scope: { type: "cluster", key: "" }, perMonth: 1000 },
    { name: "A", scope: { type: "owner", key: "a" }, perMonth: 10 },
    { name: "Web", scope: { type: "tag", key: "web" }, perMonth: 10 },
    { name: "Lab", scope: { type: "pool", key: "lab" }, perMonth: 10 },
  ],
  units: [{ name: "users", scope: { type: "owner", key: "a" }, perMonth: 720 }],
});

/** Five days of November: 100 of team a with the tag web, 101 of team b in pool lab, 102 of nobody. */
async function aMonth(model: CostModel = bought): Promise<LedgerWorld> {
  const world = new LedgerWorld(begin);
  world.guest(100, { tags: ["team-a", "web"], name: "web" });
  world.guest(101, { tags: ["team-b"], name: "db", pool: "lab" });
  world.guest(102, { name: "lost" });
  await world.measure(begin, begin + 5 * day, [100, 101, 102]);
  await world.run(now, model);
  return world;
}

const ask = async (world: LedgerWorld, change: Partial<CostsQuestion> = {}, model: CostModel | null = bought) =>
  (await costs.answer(world.context(now, model), aQuestion(change))) as CostsAnswer;

test("the month to date adds up to what was entered, by owner, with idle and shared costs as lines of their own", async () => {
  const { lists } = await ask(await aMonth(), { share_cost: "none" });
  expect(lists).toHaveLength(1);
  // 5 days · 24 h · (2 of the purchase + 72 / 720 of the backup), the last quarter of an hour not yet.
  expect(lists[0]).toMatchObject({ currency: "EUR", total: 252, hours: 120, from: "2026-11-01", to: "2026-11-06" });
  const rows = lists[0]?.rows ?? [];
  expect(Number(rows.reduce((sum, { cost }) => sum + cost, 0).toFixed(2))).toBe(252);
  expect(rows.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    expect.stringMatching(/^group /),
    expect.stringMatching(/^group /),
    expect.stringMatching(/^group /),
    expect.stringMatching(/^idle /),
    expect.stringMatching(/^idle /),
    expect.stringMatching(/^idle /),
    "shared Backup",
  ]);
  expect(new Set(rows.slice(0, 3).map(({ name }) => name))).toEqual(new Set(["a", "b", "No owner"]));
  expect(rows[0]).toMatchObject({ guests: 1, core_hours: 480, memory_gib_hours: 960, used_share: 0.5 });
});

test("run rate, forecast, coverage, budgets and unit costs follow from the ledger", async () => {
  const { lists } = await ask(await aMonth());
  const outlook = lists[0]?.outlook;
  expect(outlook).toMatchObject({
    month: "2026-11",
    month_to_date: 252,
    elapsed_hours: 120,
    run_rate: 1533,
    last_month: null,
    forecast_state: null,
    idle_share: expect.any(Number) as number,
  });
  // 252 + 2.1 · the hours left (720 − 120.5)
  expect(outlook?.forecast).toBeCloseTo(252 + 2.1 * 599.5, 1);
  expect(outlook?.allocation_coverage).toBeGreaterThan(0.2);
  expect(outlook?.allocation_coverage).toBeLessThan(0.5);
  expect(outlook?.tag_compliance).toBeCloseTo(2 / 3, 2);
  const [all, a] = outlook?.budgets ?? [];
  expect(all).toMatchObject({
    scope: "cluster",
    spent: 252,
    variance: -0.748,
    year_spent: 252,
    year_budget: 1000,
    overlaps: [],
  });
  expect(a).toMatchObject({ scope: "owner a", overlaps: ["Web"] });
  expect(outlook?.units).toMatchObject([{ name: "users", scope: "owner a" }]);
  // 720 users a month are 120 in a sixth of it.
  expect(outlook?.units[0]?.cost_per_unit).toBeCloseTo((a?.spent ?? 0) / 120, 2);
});

test("a forecast needs three closed days, and says so", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100);
  await world.measure(begin, begin + day, [100]);
  await world.run(begin + day + 3 * hour, bought);
  const answer = (await costs.answer(world.context(begin + day + 3 * hour, bought), aQuestion())) as CostsAnswer;
  expect(answer.lists[0]?.outlook).toMatchObject({
    forecast: null,
    forecast_state: "A forecast needs 3 closed days and has 1.",
  });
});

test("those who see some guests only see those guests' lines: no total, no idle, no shared costs, no rates", async () => {
  const world = await aMonth();
  const scope = { clusters: null, pools: null, tags: ["team-b"] };
  const { lists, tag_prefixes: prefixes } = await ask(world, {
    scope,
    aggregate: "guest",
    share_idle: "even",
    share_cost: "even",
  });
  expect(lists[0]).toMatchObject({ total: null, outlook: null, trend: [], tariffs: [] });
  expect(lists[0]?.rows.map(({ name, shared }) => [name, shared])).toEqual([["db", 0]]);
  expect(prefixes).toEqual(["team-"]);
  expect((await ask(world, { scope: { ...everything, clusters: ["other"] } })).lists).toEqual([]);
});

test("a line is seen by the tags of its time, not by those of now", async () => {
  const world = await aMonth();
  world.guest(101, { tags: ["team-c"], name: "db", pool: "lab" });
  const names = async (tag: string) =>
    (await ask(world, { scope: { ...everything, tags: [tag] }, aggregate: "guest" })).lists[0]?.rows.map(
      ({ name }) => name,
    );
  expect(await names("team-b")).toEqual(["db"]);
  expect(await names("team-c")).toEqual([]);
});

test("without rates there is no money anywhere, only shares", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100, { tags: ["team-a"] });
  await world.measure(begin, begin + 5 * day, [100]);
  const answer = await ask(world, {}, null);
  expect(answer.lists).toEqual([]);
  expect(answer.unpriced).toMatchObject([{ cluster: "lab", hours: 24 }]);
  expect(answer.unpriced[0]?.state).toContain("No rates are entered");
  expect(answer.unpriced[0]?.rows).toEqual([
    { kind: "group", key: "a", name: "a", cpu: 0.25, memory: 0.125, storage: 0.1 },
    { kind: "idle", key: "storage:ssd", name: "Idle storage ssd", cpu: 0, memory: 0, storage: 0.9 },
    { kind: "idle", key: "memory", name: "Idle memory", cpu: 0, memory: 0.875, storage: 0 },
    { kind: "idle", key: "cpu", name: "Idle CPU", cpu: 0.75, memory: 0, storage: 0 },
  ]);
  expect(JSON.stringify(answer)).not.toMatch(/"cost":|currency|total/);
});

test("a window that is closed months and days is answered from both, and a hole in tariffs is said", async () => {
  const world = new LedgerWorld(Date.UTC(2026, 9, 1));
  world.guest(100);
  await world.measure(Date.UTC(2026, 9, 1), begin + 5 * day, [100], [], 3600);
  const dated = {
    ...bought,
    tariffs: [aTariff({ name: "2026-10-01", fromMs: Date.UTC(2026, 9, 1), purchases: [aPurchase()] })],
  };
  await world.run(now, dated);
  const [list] = (await ask(world, { window: "2026-09-30,2026-11-02" }, dated)).lists;
  expect(list).toMatchObject({ hours: 31 * 24 + 48, total: 2 * (31 * 24 + 48), tariffs: ["2026-10-01"] });
  expect(list?.trend).toHaveLength(33);
  expect(list?.notes.join(" ")).toMatch(/the ledger begins on 2026-10-01.*no tariff is in force on 2026-09-30/);
  expect(list?.outlook?.last_month).toBe(1488);
  await expect(ask(world, { window: "yesteryear" })).rejects.toThrow(/window: expected today/);
});

test("price of a planned guest: entered prices, a planned month of 730 hours, and a container's factor", async () => {
  const world = await aMonth();
  const model = aModel({ containerFactor: 0.5 });
  const price = async (type: string) =>
    (await costPrice.answer(world.context(now, model), {
      ...{ cluster: "lab", type, cores: 2, memory_gib: 4 },
      disks: [{ storage: "ssd", gib: 50 }],
    })) as PlannedPrice;
  // 2 · 0.02 + 4 · 0.005 an hour, and 50 · 0.10 a month
  expect(await price("qemu")).toMatchObject({ per_month: 48.8, hours_per_month: 730, tariff: "always" });
  expect(await price("lxc")).toMatchObject({ per_month: 26.9 });
});

test("price of a planned guest: derived from purchases at the load of the last day, or not yet", async () => {
  const world = await aMonth();
  const asked = { cluster: "lab", type: "qemu", cores: 16, memory_gib: 64, disks: [{ storage: "ssd", gib: 1000 }] };
  const price = (await costPrice.answer(world.context(now, bought), asked)) as PlannedPrice;
  // The whole cluster costs what it costs: 2 an hour.
  expect(price.per_hour).toBeCloseTo(2, 4);
  expect(price.basis).toContain("Derived from the purchases");
  const empty = new LedgerWorld(begin);
  await expect(costPrice.answer(empty.context(now, bought), asked)).rejects.toThrow(/no hour has been computed yet/);
  await expect(costPrice.answer(empty.context(now, null), asked)).rejects.toThrow(/no rates are in force/);
});

test("return on investment by its formula; without a programme there is none", async () => {
  const world = new LedgerWorld(begin);
  const roi = async (cost: number) =>
    await costRoi.answer(world.context(now, null), {
      programme_cost: cost,
      avoided_purchase: 9000,
      realized_savings: 4000,
      months: 12,
    });
  expect(await roi(10_000)).toMatchObject({ roi: 0.3, state: null });
  expect(await roi(0)).toMatchObject({ roi: null, state: expect.stringContaining("needs the cost") as string });
});

test("however a table is grouped and shared, its rows add up to the same total", () => {
  const slots = fc.array(
    fc.record({
      cores: fc.double({ min: 0, max: 64, noNaN: true }),
      runningHours: fc.constantFrom(0, 1),
      gib: fc.double({ min: 0, max: 999, noNaN: true }),
    }),
    { maxLength: 6 },
  );
  const owners = Array.from({ length: 6 }, (_, index) =>
    anOwner(100 + index, { owner: index % 2 === 0 ? "a" : null, tags: index % 3 === 0 ? ["x", "team-a"] : [] }),
  );
  const splits = fc.constantFrom(...costSplits);
  fc.assert(
    fc.property(
      slots,
      fc.constantFrom(...costAggregates),
      splits,
      splits,
      fc.constantFrom(0, 2, 3),
      (guests, aggregate, shareIdle, shareCost, digits) => {
        const uses = guests.map(({ cores, runningHours, gib }) =>
          aGuestSlot({ allocatedCores: cores, runningHours, storageGib: { ssd: gib } }),
        );
        const slice = costSlice(bought, owners, [aSlot(uses)]);
        const { rows, total } = costTable(slice, { aggregate, tagPrefix: "", shareIdle, shareCost }, digits);
        const coins = (amount: number): number => Math.round(amount * 10 ** digits);
        expect(rows.reduce((sum, { cost }) => sum + coins(cost), 0)).toBe(coins(total));
        expect(coins(total)).toBe(Math.round((slice.totalMicros / 1e6) * 10 ** digits));
        for (const row of rows)
          expect(coins(row.cpu) + coins(row.memory) + coins(row.storage) + coins(row.shared)).toBe(coins(row.cost));
      },
    ),
  );
});
