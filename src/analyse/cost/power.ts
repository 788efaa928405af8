// Power as an estimate: a straight line from a node's idle draw to its full load.
import type { PowerModel } from "../../model/cost-model.ts";

/** kWh = (idle + (max − idle) · cpu) · PUE · hours / 1000, for one node. */
export function energyKwh({ idleWatts, maxWatts, pue }: PowerModel, cpuRatio: number, hours: number): number {
  const load = Math.min(1, Math.max(0, cpuRatio));
  return ((idleWatts + (maxWatts - idleWatts) * load) * pue * hours) / 1000;
}

/** kg of CO2; null without a factor. */
export const carbonKg = ({ co2KgPerKwh }: Pick<PowerModel, "co2KgPerKwh">, kwh: number | null): number | null =>
  co2KgPerKwh === null || kwh === null ? null : kwh * co2KgPerKwh;
