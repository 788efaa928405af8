import fc from "fast-check";
import { expect, test } from "vitest";
import type { CostPeriod } from "../../../src/model/cost-ledger.ts";
import type { CostModel } from "../../../src/model/cost-model.ts";
import { aGuest } from "../../build.ts";
import { aModel, aPurchase, aTariff } from "./a-model.ts";
import { day, hour, LedgerWorld } from "./ledger-world.ts";

const begin = Date.UTC(2026, 9, 30);
const bought = (price = 87_600): CostModel => aModel({ tariffs: [aTariff({ purchases: [aPurchase({ price })] })] });

function linesSum({ guests, idle, shared }: CostPeriod): number {
  const uses = [...guests.map(({ use }) => use), idle].flatMap((use) => Object.values(use));
  return [...uses, ...shared].reduce((sum, { micros }) => sum + micros, 0);
}

/** Two days, hour by hour, with one guest of team a. */
async function twoDays(): Promise<LedgerWorld> {
  const world = new LedgerWorld(begin);
  world.guest(100, { tags: ["team-a"], name: "web" });
  await world.measure(begin, begin + 2 * day, [100]);
  for (let now = begin + hour; now <= begin + 2 * day; now += hour) await world.run(now + 30 * 60_000, bought());
  return world;
}

test("the running day grows by the hour, is closed when it is over, and costs what was entered", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100, { tags: ["team-a"], name: "web" });
  await world.measure(begin, begin + 2 * day, [100]);
  await world.run(begin + 6 * hour + 30 * 60_000, bought());
  expect(world.period("cost-day", "2026-10-30")).toMatchObject({ state: "running", hours: 6, totalMicros: 12_000_000 });
  await world.run(begin + 25 * hour, bought());
  expect(world.period("cost-day", "2026-10-30")).toMatchObject({
    state: "running",
    hours: 24,
    totalMicros: 48_000_000,
  });
  await world.run(begin + 26 * hour, bought());
  const closed = world.period("cost-day", "2026-10-30");
  expect(closed).toMatchObject({ state: "closed", hours: 24, totalMicros: 48_000_000, estimated: false });
  expect(closed?.guests).toMatchObject([{ name: "web", owner: "a", ownerBy: "tag", hours: 24, estimatedHours: 0 }]);
  expect(closed?.guests[0]?.use["cpu"]).toMatchObject({ quantity: 96, used: 48 });
  expect(linesSum(closed as CostPeriod)).toBe(48_000_000);
});

test("a closed day does not change: not by another tariff, other tags, another name, or a guest that is deleted", async () => {
  const world = await twoDays();
  await world.run(begin + 27 * hour, bought());
  const before = JSON.stringify(world.period("cost-day", "2026-10-30"));
  expect(before).toContain('"closed"');
  const gone = aGuest("lab", 100, begin + day, { tags: ["team-b"], name: "renamed", goneAt: begin + 40 * hour });
  world.put(gone);
  await world.run(begin + 55 * hour, bought(1_000_000));
  await world.run(begin + 80 * hour, aModel({ currency: "USD", tariffs: [aTariff()] }));
  expect(JSON.stringify(world.period("cost-day", "2026-10-30"))).toBe(before);
});

test("a closed month has the lines of its days and stays as it was", async () => {
  const world = await twoDays();
  await world.run(begin + 2 * day + 3 * hour, bought());
  const month = world.period("cost-month", "2026-10");
  expect(month).toMatchObject({ state: "closed", hours: 48, totalMicros: 96_000_000, currency: "EUR" });
  expect(month?.days?.map(({ period }) => period)).toEqual(["2026-10-30", "2026-10-31"]);
  expect(linesSum(month as CostPeriod)).toBe(96_000_000);
  const before = JSON.stringify(month);
  await world.run(begin + 40 * day, bought(5));
  expect(JSON.stringify(world.period("cost-month", "2026-10"))).toBe(before);
});

test("whatever changes after a day is closed, in any order, the day stays as it was", async () => {
  const change = fc.constantFrom("tariff", "tags", "delete", "currency", "silence", "none");
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const world = new LedgerWorld(begin);
      world.guest(100, { tags: ["team-a"] });
      await world.measure(begin, begin + 4 * day, [100]);
      await world.run(begin + 26 * hour, bought());
      const before = JSON.stringify(world.period("cost-day", "2026-10-30"));
      let model = bought();
      for (const [step, kind] of changes.entries()) {
        if (kind === "tariff") model = bought(1000 * (step + 2));
        if (kind === "currency") model = { ...model, currency: "USD" };
        if (kind === "tags") world.guest(100, { tags: [`team-${step}`] });
        if (kind === "delete") world.guest(100, { goneAt: begin + 26 * hour });
        await world.run(begin + (30 + 13 * step) * hour, kind === "silence" ? aModel({ tariffs: [] }) : model);
        for (const { body, name } of world.documents.values()) {
          if (name === "cost-day") expect(linesSum(body as CostPeriod)).toBe((body as CostPeriod).totalMicros);
        }
      }
      expect(JSON.stringify(world.period("cost-day", "2026-10-30"))).toBe(before);
    }),
    { numRuns: 25 },
  );
});

test("a guest that gets another owner within the day has two lines, each with the hours it was so", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100, { tags: ["team-a"] });
  await world.measure(begin, begin + day, [100]);
  await world.run(begin + 6 * hour + 30 * 60_000, bought());
  world.guest(100, { tags: ["team-b"] });
  await world.run(begin + 12 * hour + 30 * 60_000, bought());
  expect(world.period("cost-day", "2026-10-30")?.guests.map(({ owner, hours }) => [owner, hours])).toEqual([
    ["a", 6],
    ["b", 6],
  ]);
});

test("a guest that is deleted keeps the line of the time it was there; one that is off pays for its disk", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100);
  world.guest(101, { goneAt: begin + 6 * hour });
  world.guest(102, { status: "stopped" });
  await world.measure(begin, begin + 6 * hour, [100, 101], [102]);
  await world.measure(begin + 6 * hour, begin + day, [100], [102]);
  await world.run(begin + 12 * hour + 30 * 60_000, bought());
  const lines = world.period("cost-day", "2026-10-30")?.guests ?? [];
  expect(lines.map(({ hours }) => hours)).toEqual([12, 6, 12]);
  expect(Object.keys(lines[2]?.use ?? {})).toEqual(["storage:ssd"]);
});

test("hours that nobody saw stand as the hour before, and are counted as estimated", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100);
  await world.measure(begin, begin + 6 * hour, [100]);
  await world.measure(begin + 9 * hour, begin + 12 * hour, [100]);
  await world.run(begin + 12 * hour + 30 * 60_000, bought());
  const [line] = world.period("cost-day", "2026-10-30")?.guests ?? [];
  expect(line).toMatchObject({ hours: 12, estimatedHours: 3 });
  expect(line?.use["cpu"]?.quantity).toBe(48);
});

test("history from before the first run is computed once, and says that it is an estimate", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100);
  await world.measure(begin, begin + 5 * day, [100]);
  await world.run(begin + 5 * day + 30 * 60_000, bought());
  expect(world.period("cost-day", "2026-10-30")).toMatchObject({ state: "closed", estimated: true, hours: 24 });
  expect(world.period("cost-day", "2026-11-03")).toMatchObject({ state: "running", estimated: false });
  expect(world.period("cost-month", "2026-10")).toMatchObject({ estimated: true, hours: 48 });
});

test("the ledger begins when PVE's own history is in: a day is computed once, and never from half of it", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100);
  await world.measure(begin + 2 * day, begin + 3 * day, [100]);
  world.importing = ["lab"];
  expect((await world.run(begin + 3 * day, bought())).summary).toBe(
    "Lab: waits for samples, or for PVE's own history to be in",
  );
  expect(world.documents.size).toBe(0);
  await world.measure(begin, begin + 2 * day, [100]);
  world.importing = [];
  await world.run(begin + 3 * day, bought());
  expect(world.period("cost-day", "2026-10-30")).toMatchObject({ hours: 24 });
});

test("the ledger begins with the first tariff, and hours in a hole cost nothing", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100);
  await world.measure(begin, begin + 5 * day, [100]);
  const tariffs = [
    aTariff({ name: "2026-10-31", fromMs: begin + day, untilMs: begin + 2 * day }),
    aTariff({ name: "2026-11-02", fromMs: begin + 3 * day }),
  ];
  await world.run(begin + 5 * day, aModel({ tariffs }));
  const days = [...world.documents.values()].filter(({ name }) => name === "cost-day").map(({ key }) => key);
  expect(days).toEqual(["2026-10-31", "2026-11-02", "2026-11-03"]);
});

test("without rates nothing is kept, and the job says why", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100);
  await world.measure(begin, begin + day, [100]);
  for (const model of [null, aModel({ tariffs: [] })]) {
    const outcome = await world.run(begin + day, model);
    expect(outcome).toMatchObject({ documents: [], rows: [] });
    expect(outcome.summary).toContain("No rates are entered");
  }
});

test("a closed day becomes points of series: the cluster with everything, pools, tags and guests with their own", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100, { tags: ["team-a", "web"], pool: "shop" });
  await world.measure(begin, begin + day, [100]);
  const { rows = [] } = await world.run(begin + 26 * hour, bought());
  const costs = Object.fromEntries(rows.map(({ id, values }) => [id, values["cost_per_hour"]]));
  expect(costs["lab/scope/cluster"]).toBe(2);
  expect(costs["lab/scope/tag:web"]).toBe(costs["lab/scope/guest:100~1"]);
  expect(costs["lab/scope/pool:shop"]).toBe(costs["lab/scope/guest:100~1"]);
  expect(costs["lab/scope/guest:100~1"]).toBeLessThan(2);
  expect(rows[0]).toMatchObject({ ts: begin, stepS: 86_400, origin: "analysis" });
});

test("contradicting owners are findings of the guest", async () => {
  const world = new LedgerWorld(begin);
  world.guest(100, { tags: ["team-a", "team-b"], name: "web" });
  await world.measure(begin, begin + day, [100]);
  const { findings } = await world.run(begin + day, bought());
  expect(findings).toMatchObject([
    {
      kind: "cost-attribution-conflict",
      subject: "lab/guest/100~1",
      message:
        "web (100) is charged to a, and it is not clear that it should be: tag team-b says b, tag team-a says a.",
    },
  ]);
});
