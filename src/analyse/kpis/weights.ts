// What a core-hour is worth beside a GiB-hour: by the rates that were entered, else by the usual ratio of list prices.
import type { CostModel } from "../../model/cost-model.ts";
import type { ResourceWeights } from "../../model/kpis.ts";
import { tariffAt } from "../cost/tariff.ts";

/** Of clouds' list prices, where a vCPU-hour costs seven to eight times a GiB-hour. */
export const usualWeights: ResourceWeights = {
  perCoreHour: 7.5,
  perGibHour: 1,
  source: "usual ratio of list prices",
};

export function weightsOf(model: CostModel | null, nowMs: number): ResourceWeights {
  const tariff = model === null ? null : tariffAt(model, nowMs);
  if (tariff === null) return usualWeights;
  const { cpuPerCoreHour: perCoreHour, memoryPerGibHour: perGibHour } = tariff.rates;
  if (perCoreHour + perGibHour <= 0) return usualWeights;
  return { perCoreHour, perGibHour, source: `tariff ${tariff.name}` };
}
