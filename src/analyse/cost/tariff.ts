// Which tariff is in force, and what a stretch of time costs by it.
import type { CostModel, CostPart, Purchase, Rates, Tariff } from "../../model/cost-model.ts";
import { hoursOfMonth } from "./calendar.ts";

const hoursPerYear = 8760;

/** null: there is a hole, and what was before the first one is one too. */
export function tariffAt(model: Pick<CostModel, "tariffs">, ms: number): Tariff | null {
  const begun = model.tariffs.filter(({ fromMs }) => fromMs === null || fromMs <= ms);
  const latest = begun.at(-1);
  return latest === undefined || (latest.untilMs !== null && latest.untilMs <= ms) ? null : latest;
}

/** When the next tariff takes over or the present one ends; Infinity when neither is entered. */
export function nextTariffChange(model: Pick<CostModel, "tariffs">, ms: number): number {
  const changes = model.tariffs.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]);
  return Math.min(...changes.flatMap((at) => (at !== null && at > ms ? [at] : [])), Number.POSITIVE_INFINITY);
}

/**
 * What a purchase costs in an hour:
 * (price − residual) / (years · 8760) + kW · PUE · price of a kWh + licences / 8760 + staff / hours of the month.
 */
export function purchasePerHour(purchase: Purchase, tariff: Pick<Tariff, "energyPerKwh">, monthHours: number): number {
  const { price, residual, years, powerKw, pue, licencesPerYear, staffPerMonth } = purchase;
  const paidOff = (price - residual) / (years * hoursPerYear);
  const energy = powerKw * pue * (tariff.energyPerKwh ?? 0);
  return paidOff + energy + licencesPerYear / hoursPerYear + staffPerMonth / monthHours;
}

/** The price of a GiB-month on a storage: by its id, else its type, else what any storage costs. */
export const storageRate = (
  { storageClasses, storagePerGibMonth }: Rates,
  { storage, type }: { readonly storage: string; readonly type: string | null },
): number => storageClasses[storage] ?? storageClasses[type ?? ""] ?? storagePerGibMonth;

/** One resource of a cluster in one stretch of time, in unit-hours. */
export interface Supply {
  /** `cpu`, `memory`, `storage:CLASS`. */
  readonly resource: string;
  readonly part: CostPart;
  /** Price of one unit-hour as entered. */
  readonly base: number;
  /** Physical capacity. */
  readonly physical: number;
  /** What is meant to be given away: physical × target overcommit. */
  readonly available: number;
  readonly charged: number;
}

/**
 * What each supply costs in a stretch of `hours`.
 *
 * With entered rates: rate · max(available, charged), for what is meant to be given away costs whether it is or not.
 * With purchases: their cost is split by base · physical, so that the ratio of the base prices is kept and the sum is the
 * cost of the purchases (after OpenCost's scaling of base prices to the price of a node).
 */
export function potsOf(tariff: Tariff, supplies: readonly Supply[], hours: number, atMs: number): readonly number[] {
  if (tariff.purchases.length === 0) {
    return supplies.map(({ base, available, charged }) => base * Math.max(available, charged));
  }
  const pots = supplies.map(() => 0);
  for (const purchase of tariff.purchases) {
    const cost = purchasePerHour(purchase, tariff, hoursOfMonth(atMs)) * hours;
    for (const [index, share] of sharesOf(purchase, supplies).entries())
      pots[index] = (pots[index] ?? 0) + cost * share;
  }
  return pots;
}

/** Add up to 1. A purchase whose resources have no known capacity goes to the first of them, whole. */
function sharesOf({ paysFor }: Purchase, supplies: readonly Supply[]): readonly number[] {
  const paid = (supply: Supply): boolean => paysFor.includes(supply.part);
  const weights = supplies.map((supply) => (paid(supply) ? supply.base * supply.physical : 0));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum > 0) return weights.map((weight) => weight / sum);
  const first = Math.max(0, supplies.findIndex(paid));
  return supplies.map((_, index) => (index === first ? 1 : 0));
}
