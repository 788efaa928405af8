import { describe, expect, it } from "vitest";
import { usualWeights, weightsOf } from "../../../src/analyse/kpis/weights.ts";
import type { CostModel, Tariff } from "../../../src/model/cost-model.ts";

const tariff = (cpuPerCoreHour: number, memoryPerGibHour: number): Tariff => ({
  name: "2026",
  fromMs: 0,
  untilMs: null,
  rates: { cpuPerCoreHour, memoryPerGibHour, storagePerGibMonth: 0, storageClasses: {} },
  nodeFixedMonth: 0,
  energyPerKwh: null,
  purchases: [],
  sharedCosts: [],
});
const model = (...tariffs: Tariff[]): CostModel => ({
  currency: "EUR",
  basis: "allocated",
  containerFactor: 1,
  hoursPerMonth: 730,
  targetOvercommit: { cpu: 1, memory: 1, storage: 1 },
  idleShare: "none",
  tariffs,
  attribution: { tagPrefixes: [], pools: {}, names: [], environmentPrefixes: [], mandatoryPrefixes: [] },
  budgets: [],
  units: [],
  power: null,
});

describe("Weights of cores and memory", () => {
  it("are the rates that are in force", () => {
    expect(weightsOf(model(tariff(0.02, 0.004)), 1)).toEqual({
      perCoreHour: 0.02,
      perGibHour: 0.004,
      source: "tariff 2026",
    });
  });

  it("are the usual ratio where nothing was entered, a tariff has a hole, or all rates are 0", () => {
    expect(weightsOf(null, 1)).toBe(usualWeights);
    expect(weightsOf(model(tariff(0.02, 0.004)), -1)).toBe(usualWeights);
    expect(weightsOf(model(tariff(0, 0)), 1)).toBe(usualWeights);
  });
});
