// A cost model with round numbers, guests, and slots to charge; tests change what they are about.
import type { GuestSlot } from "../../../src/analyse/cost/charge.ts";
import type { CostSlot } from "../../../src/analyse/cost/engine.ts";
import type { CostOwner } from "../../../src/model/cost-ledger.ts";
import type { CostModel, Purchase, Tariff } from "../../../src/model/cost-model.ts";

export const aTariff = (change: Partial<Tariff> = {}): Tariff => ({
  name: "always",
  fromMs: null,
  untilMs: null,
  rates: { cpuPerCoreHour: 0.02, memoryPerGibHour: 0.005, storagePerGibMonth: 0.1, storageClasses: {} },
  nodeFixedMonth: 0,
  energyPerKwh: null,
  purchases: [],
  sharedCosts: [],
  ...change,
});

export const aPurchase = (change: Partial<Purchase> = {}): Purchase => ({
  name: "servers",
  price: 87_600,
  residual: 0,
  years: 5,
  powerKw: 0,
  pue: 1,
  licencesPerYear: 0,
  staffPerMonth: 0,
  paysFor: ["cpu", "memory", "storage"],
  ...change,
});

export const aModel = (change: Partial<CostModel> = {}): CostModel => ({
  currency: "EUR",
  basis: "allocated",
  containerFactor: 1,
  hoursPerMonth: 730,
  targetOvercommit: { cpu: 1, memory: 1, storage: 1 },
  idleShare: "none",
  tariffs: [aTariff()],
  attribution: {
    tagPrefixes: ["team-", "project-"],
    pools: {},
    names: [],
    environmentPrefixes: ["env-"],
    mandatoryPrefixes: ["team-"],
  },
  budgets: [],
  units: [],
  power: null,
  ...change,
});

export const anOwner = (vmid: number, change: Partial<CostOwner> = {}): CostOwner => ({
  id: `c/guest/${vmid}~1`,
  name: `guest-${vmid}`,
  type: "qemu",
  node: "pve1",
  pool: null,
  tags: [],
  owner: null,
  ownerBy: null,
  environment: null,
  compliant: false,
  ...change,
});

export const aGuestSlot = (change: Partial<GuestSlot> = {}): GuestSlot => ({
  hours: 1,
  runningHours: 1,
  allocatedCores: 4,
  usedCores: 1,
  allocatedMemoryGib: 8,
  usedMemoryGib: 6,
  storageGib: { ssd: 100 },
  estimated: false,
  ...change,
});

export const noon = Date.UTC(2026, 8, 10, 12);

/** An hour of a cluster with 16 cores, 64 GiB and 1,000 GiB; September has 720 hours. */
export const aSlot = (guests: readonly GuestSlot[], change: Partial<CostSlot> = {}): CostSlot => ({
  startMs: noon,
  hours: 1,
  nodes: 2,
  cores: 16,
  memoryGib: 64,
  storageGib: { ssd: 1000 },
  storageTypes: { ssd: "lvmthin" },
  guests: new Map(guests.entries()),
  energyKwh: null,
  ...change,
});
