import fc from "fast-check";
import { expect, test } from "vitest";
import type { GuestSlot } from "../../../src/analyse/cost/charge.ts";
import { type CostSlice, type CostSlot, costSlice, fixedLineName } from "../../../src/analyse/cost/engine.ts";
import { mergeSlices } from "../../../src/analyse/cost/ledger.ts";
import { apportion, inCoins, toMicros } from "../../../src/analyse/cost/money.ts";
import { purchasePerHour } from "../../../src/analyse/cost/tariff.ts";
import type { CostModel, Tariff } from "../../../src/model/cost-model.ts";
import { aGuestSlot, aModel, anOwner, aPurchase, aSlot, aTariff, noon } from "./a-model.ts";

const owners = [anOwner(100), anOwner(101)];

function linesSum({ guests, idle, shared }: CostSlice): number {
  const uses = [...guests.map(({ use }) => use), idle].flatMap((use) => Object.values(use));
  return [...uses, ...shared].reduce((sum, { micros }) => sum + micros, 0);
}

test("known answers with entered rates: what is given away, what is idle, and what it comes to", () => {
  const slice = costSlice(aModel(), owners, [aSlot([aGuestSlot()])]);
  const [guest] = slice.guests;
  expect(guest?.use["cpu"]).toEqual({ quantity: 4, used: 1, micros: 80_000 });
  expect(guest?.use["memory"]).toEqual({ quantity: 8, used: 6, micros: 40_000 });
  // 100 GiB · 0.10 / 720 h: a closed month has its real hours.
  expect(guest?.use["storage:ssd"]).toEqual({ quantity: 100, used: null, micros: 13_889 });
  expect(slice.idle["cpu"]).toEqual({ quantity: 12, used: null, micros: 240_000 });
  expect(slice.idle["memory"]).toEqual({ quantity: 56, used: null, micros: 280_000 });
  expect(slice.totalMicros).toBe(toMicros(16 * 0.02 + 64 * 0.005 + (1000 * 0.1) / 720));
  expect(slice.guests).toHaveLength(1);
});

test("a GiB that is there all month costs the price of a month, however long the month is", () => {
  for (const [year, month, hours] of [
    [2026, 1, 672],
    [2026, 2, 744],
    [2024, 1, 696],
  ] as const) {
    const slots = Array.from({ length: hours }, (_, hour) =>
      aSlot([aGuestSlot({ runningHours: 0 })], {
        startMs: Date.UTC(year, month, 1) + hour * 3_600_000,
        storageGib: {},
      }),
    );
    expect(costSlice(aModel(), owners, slots).guests[0]?.use["storage:ssd"]?.micros).toBe(10_000_000);
  }
});

test("charges the larger of given and used, by what the basis says, and a guest that is off for its disks alone", () => {
  const cores = (basis: CostModel["basis"], guest: Partial<GuestSlot>) =>
    costSlice(aModel({ basis }), owners, [aSlot([aGuestSlot(guest)])]).guests[0]?.use["cpu"]?.quantity;
  expect(cores("allocated", { allocatedCores: 4, usedCores: 1 })).toBe(4);
  expect(cores("allocated", { allocatedCores: 4, usedCores: 5 })).toBe(5);
  expect(cores("used", { allocatedCores: 4, usedCores: 1 })).toBe(1);
  expect(cores("blended", { allocatedCores: 4, usedCores: 1 })).toBe(2.5);
  expect(cores("allocated", { allocatedCores: null, usedCores: 1.5 })).toBe(1.5);
  expect(cores("used", { allocatedCores: 4, usedCores: null })).toBe(4);
  expect(cores("allocated", { allocatedCores: null, usedCores: null })).toBeUndefined();
  const off = costSlice(aModel(), owners, [aSlot([aGuestSlot({ runningHours: 0 })])]).guests[0];
  expect(Object.keys(off?.use ?? {})).toEqual(["storage:ssd"]);
});

test("overcommitted, the price of a core falls, so that guests pay the bill and idle is nothing, never less", () => {
  const model = aModel({ tariffs: [aTariff({ purchases: [aPurchase()] })] });
  const guests = [aGuestSlot({ allocatedCores: 24 }), aGuestSlot({ allocatedCores: 40 })];
  const slice = costSlice(model, owners, [aSlot(guests)]);
  expect(slice.idle["cpu"]).toBeUndefined();
  expect(slice.totalMicros).toBe(2_000_000);
  const [a, b] = slice.guests.map(({ use }) => use["cpu"]?.micros ?? 0);
  expect((b ?? 0) / (a ?? 1)).toBeCloseTo(40 / 24, 4);
  expect(linesSum(slice)).toBe(2_000_000);
});

test("purchases: 87,600 over five years are two an hour, split by base price times what is there", () => {
  const tariff = aTariff({ purchases: [aPurchase()] });
  expect(purchasePerHour(aPurchase(), tariff, 720)).toBe(2);
  const slice = costSlice(aModel({ tariffs: [tariff] }), owners, [aSlot([])]);
  const weights = [16 * 0.02, 64 * 0.005, (1000 * 0.1) / 720];
  const sum = weights.reduce((all, weight) => all + weight, 0);
  expect(slice.idle["cpu"]?.micros).toBeCloseTo((2e6 * (weights[0] ?? 0)) / sum, -1);
  expect(slice.totalMicros).toBe(2_000_000);
});

test("a purchase costs energy by its power and PUE, licences and staff besides", () => {
  const purchase = aPurchase({ residual: 43_800, powerKw: 1.5, pue: 1.4, licencesPerYear: 8760, staffPerMonth: 720 });
  // 1 paid off + 1.5 · 1.4 · 0.30 energy + 1 licences + 1 staff
  expect(purchasePerHour(purchase, { energyPerKwh: 0.3 }, 720)).toBeCloseTo(3.63, 10);
});

test("target overcommit: cores that are meant to be given away four times cost a quarter, and idle counts them so", () => {
  const model = aModel({
    targetOvercommit: { cpu: 4, memory: 1, storage: 1 },
    tariffs: [aTariff({ purchases: [aPurchase({ paysFor: ["cpu"] })] })],
  });
  const slice = costSlice(model, owners, [aSlot([aGuestSlot({ allocatedCores: 16 })])]);
  expect(slice.guests[0]?.use["cpu"]?.micros).toBe(500_000);
  expect(slice.idle["cpu"]?.micros).toBe(1_500_000);
});

test("with no capacity and nobody, what was bought is idle as a whole", () => {
  const model = aModel({ tariffs: [aTariff({ purchases: [aPurchase()] })] });
  const slice = costSlice(model, owners, [aSlot([], { cores: 0, memoryGib: 0, storageGib: {}, nodes: 0 })]);
  expect(slice.totalMicros).toBe(2_000_000);
  expect(linesSum(slice)).toBe(2_000_000);
});

test("a container's cores and memory cost its factor; its disks cost what disks cost", () => {
  const lxc = [anOwner(100, { type: "lxc" })];
  const use = costSlice(aModel({ containerFactor: 0.5 }), lxc, [aSlot([aGuestSlot()])]).guests[0]?.use;
  expect(use?.["cpu"]).toEqual({ quantity: 4, used: 1, micros: 40_000 });
  expect(use?.["storage:ssd"]?.micros).toBe(13_889);
});

test("a storage costs what is entered for its id, else for its type, else for any storage", () => {
  const price = (storageClasses: Readonly<Record<string, number>>) => {
    const rates = { ...aTariff().rates, storageClasses };
    const guest = aGuestSlot({ storageGib: { ssd: 720 } });
    return costSlice(aModel({ tariffs: [aTariff({ rates })] }), owners, [aSlot([guest])]).guests[0]?.use["storage:ssd"]
      ?.micros;
  };
  expect(price({ ssd: 3, lvmthin: 2 })).toBe(3_000_000);
  expect(price({ lvmthin: 2, nfs: 1 })).toBe(2_000_000);
  expect(price({ nfs: 1 })).toBe(100_000);
});

test("what each node costs whatever runs, and shared costs, are lines of their own", () => {
  const tariff = aTariff({ nodeFixedMonth: 360, sharedCosts: [{ name: "Backup", perMonth: 72, split: "even" }] });
  const { shared } = costSlice(aModel({ tariffs: [tariff] }), owners, [aSlot([])]);
  expect(shared).toEqual([
    { name: "Backup", split: "even", micros: 100_000 },
    { name: fixedLineName, split: "none", micros: 1_000_000 },
  ]);
});

test("hours without a tariff in force cost nothing and are not counted", () => {
  const tariffs = [aTariff({ name: "2026-10-01", fromMs: Date.UTC(2026, 9, 1) })];
  const slice = costSlice(aModel({ tariffs }), owners, [aSlot([aGuestSlot()])]);
  expect(slice).toMatchObject({ totalMicros: 0, hours: 0, guests: [], tariffs: [] });
});

test("a guest that was there for half an hour pays half, and says how much of it was not seen", () => {
  const half = aGuestSlot({ hours: 0.5, runningHours: 0.5, estimated: true });
  const [line] = costSlice(aModel(), owners, [aSlot([half])]).guests;
  expect(line).toMatchObject({ hours: 0.5, estimatedHours: 0.5 });
  expect(line?.use["cpu"]?.micros).toBe(40_000);
});

// --- laws -----------------------------------------------------------------------------------------------------------

const price = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e3, noNaN: true }));
const amount = fc.oneof(fc.constant(null), fc.constant(0), fc.double({ min: 1e-6, max: 1e5, noNaN: true }));
const capacity = fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 1e5, noNaN: true }));
const storage = fc.dictionary(fc.constantFrom("ssd", "hdd", "nfs"), fc.double({ min: 0, max: 1e5, noNaN: true }));

const guestSlot = fc.record({
  hours: fc.constantFrom(0.25, 1, 6),
  runningHours: fc.constantFrom(0, 0.25, 1),
  allocatedCores: amount,
  usedCores: amount,
  allocatedMemoryGib: amount,
  usedMemoryGib: amount,
  storageGib: storage,
  estimated: fc.boolean(),
});
const slot = (hour: number): fc.Arbitrary<CostSlot> =>
  fc.record({
    startMs: fc.constant(noon + hour * 3_600_000),
    hours: fc.constant(1),
    nodes: fc.integer({ min: 0, max: 64 }),
    cores: capacity,
    memoryGib: capacity,
    storageGib: storage,
    storageTypes: fc.constant({ ssd: "lvmthin" }),
    guests: fc
      .array(fc.tuple(fc.integer({ min: 0, max: 5 }), guestSlot), { maxLength: 8 })
      .map((list) => new Map(list)),
    energyKwh: fc.constant(null),
  });
const purchase = fc.record({
  name: fc.constant("servers"),
  price: fc.double({ min: 0, max: 1e8, noNaN: true }),
  residual: fc.constant(0),
  years: fc.integer({ min: 1, max: 20 }),
  powerKw: price,
  pue: fc.double({ min: 1, max: 3, noNaN: true }),
  licencesPerYear: price,
  staffPerMonth: price,
  paysFor: fc.subarray(["cpu", "memory", "storage"] as const, { minLength: 1 }),
});
const tariff: fc.Arbitrary<Tariff> = fc.record({
  name: fc.constant("always"),
  fromMs: fc.constant(null),
  untilMs: fc.constant(null),
  rates: fc.record({
    cpuPerCoreHour: price,
    memoryPerGibHour: price,
    storagePerGibMonth: price,
    storageClasses: fc.dictionary(fc.constantFrom("ssd", "hdd"), price),
  }),
  nodeFixedMonth: price,
  energyPerKwh: fc.oneof(fc.constant(null), price),
  purchases: fc.array(purchase, { maxLength: 3 }),
  sharedCosts: fc.uniqueArray(
    fc.record({ name: fc.constantFrom("a", "b"), perMonth: price, split: fc.constantFrom("none", "even", "weighted") }),
    { selector: ({ name }) => name },
  ),
});
const model: fc.Arbitrary<CostModel> = fc
  .tuple(
    tariff,
    fc.constantFrom("allocated", "used", "blended"),
    fc.double({ min: 0, max: 2, noNaN: true }),
    fc.record({
      cpu: fc.double({ min: 0.1, max: 16, noNaN: true }),
      memory: fc.double({ min: 0.1, max: 4, noNaN: true }),
      storage: fc.double({ min: 0.1, max: 4, noNaN: true }),
    }),
  )
  .map(([only, basis, containerFactor, targetOvercommit]) =>
    aModel({ tariffs: [only], basis, containerFactor, targetOvercommit }),
  );
const sixGuests = Array.from({ length: 6 }, (_, index) =>
  anOwner(100 + index, { type: index % 2 === 0 ? "qemu" : "lxc" }),
);
const runs = { numRuns: Number(process.env["FUZZ_RUNS"] ?? 300) };

test("whatever is entered and measured, the lines add up to the total to the millionth, and nothing is below zero", () => {
  const slots = fc
    .integer({ min: 1, max: 5 })
    .chain((hours) => fc.tuple(...Array.from({ length: hours }, (_, h) => slot(h))));
  fc.assert(
    fc.property(model, slots, (anyModel, anySlots) => {
      const slice = costSlice(anyModel, sixGuests, anySlots);
      expect(linesSum(slice)).toBe(slice.totalMicros);
      const uses = [...slice.guests.map(({ use }) => use), slice.idle].flatMap((use) => Object.values(use));
      for (const { micros, quantity } of uses) {
        expect(micros).toBeGreaterThanOrEqual(0);
        expect(quantity).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(quantity)).toBe(true);
      }
    }),
    runs,
  );
});

test("with purchases the total is what was entered for the time, to the millionth, however guests come and go", () => {
  fc.assert(
    fc.property(model, slot(0), slot(1), purchase, (anyModel, first, second, bought) => {
      const entered = {
        ...(anyModel.tariffs[0] ?? aTariff()),
        purchases: [bought],
        sharedCosts: [],
        nodeFixedMonth: 0,
      };
      const slice = costSlice({ ...anyModel, tariffs: [entered] }, sixGuests, [first, second]);
      const expected = purchasePerHour(bought, entered, 720) * 2;
      expect(Math.abs(slice.totalMicros - toMicros(expected))).toBeLessThanOrEqual(1);
    }),
    runs,
  );
});

test("a day computed hour by hour has the lines of all its hours, and still adds up", () => {
  fc.assert(
    fc.property(model, slot(0), slot(1), slot(2), (anyModel, ...hours) => {
      const [first, ...others] = hours.map((hour) => costSlice(anyModel, sixGuests, [hour]));
      const merged = mergeSlices([first as CostSlice, ...others]);
      const whole = costSlice(anyModel, sixGuests, hours);
      expect(linesSum(merged)).toBe(merged.totalMicros);
      expect(Math.abs(merged.totalMicros - whole.totalMicros)).toBeLessThanOrEqual(3 + whole.totalMicros * 1e-14);
      expect(merged.guests.map(({ id }) => id).sort()).toEqual(whole.guests.map(({ id }) => id).sort());
    }),
    runs,
  );
});

test("apportioning: parts add up and none is off by a whole; coins of a table add up to its rounded total", () => {
  const parts = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e12 }), parts, (total, some) => {
      const whole = apportion(total, some);
      expect(whole.reduce((sum, part) => sum + part, 0)).toBe(total);
      const sum = some.reduce((all, part) => all + part, 0);
      if (sum > 0)
        for (const [k, part] of whole.entries())
          expect(Math.abs(part - (total * (some[k] ?? 0)) / sum)).toBeLessThan(1.001);
    }),
    runs,
  );
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1e9 }), { maxLength: 30 }),
      fc.constantFrom(0, 2, 3),
      (micros, digits) => {
        const { parts: coins, total } = inCoins(micros, digits);
        expect(coins.reduce((sum, coin) => sum + coin, 0)).toBe(micros.length === 0 ? 0 : total);
      },
    ),
    runs,
  );
});
