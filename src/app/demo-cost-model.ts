// What the simulated cluster of the demo costs: an example, so that the cost page has something to show. The page says
// that the data is simulated.
import type { CostModel } from "../model/cost-model.ts";

export const demoCostModel: CostModel = {
  currency: "EUR",
  basis: "allocated",
  containerFactor: 0.7,
  hoursPerMonth: 730,
  targetOvercommit: { cpu: 3, memory: 1, storage: 1 },
  idleShare: "none",
  tariffs: [
    {
      name: "always",
      fromMs: null,
      untilMs: null,
      rates: {
        cpuPerCoreHour: 0.012,
        memoryPerGibHour: 0.004,
        storagePerGibMonth: 0.06,
        storageClasses: { nfs: 0.03 },
      },
      nodeFixedMonth: 0,
      energyPerKwh: 0.28,
      purchases: [
        {
          name: "Servers of the example",
          price: 48_000,
          residual: 3_000,
          years: 5,
          powerKw: 1.4,
          pue: 1.4,
          licencesPerYear: 3_200,
          staffPerMonth: 900,
          paysFor: ["cpu", "memory", "storage"],
        },
      ],
      sharedCosts: [{ name: "Backup service", perMonth: 180, split: "weighted" }],
    },
  ],
  attribution: {
    tagPrefixes: ["team-", "owner-", "project-", "cc-"],
    pools: {},
    names: [],
    environmentPrefixes: ["env-"],
    mandatoryPrefixes: [],
  },
  budgets: [{ name: "Whole cluster", scope: { type: "cluster", key: "" }, perMonth: 2_800 }],
  units: [],
  power: { idleWatts: 140, maxWatts: 420, pue: 1.4, co2KgPerKwh: 0.35 },
};
