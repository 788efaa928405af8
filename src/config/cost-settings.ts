// From the checked cost model to what analysis is told.
import {
  type Budget,
  type CostModel,
  type CostScope,
  costScopeTypes,
  type Rates,
  type Tariff,
} from "../model/cost-model.ts";
import type { CostModelConfig } from "./cost-schema.ts";

type TariffConfig = Omit<CostModelConfig["tariffs"][number], "from" | "until">;

/**
 * The ratio of prices that is kept when purchases are entered without prices: those of OpenCost's default model, per
 * core-hour, GiB-hour and GiB-month.
 */
export const usualRatio: Rates = {
  cpuPerCoreHour: 0.031611,
  memoryPerGibHour: 0.004237,
  storagePerGibMonth: 0.04,
  storageClasses: {},
};

export function costModelOf(config: CostModelConfig): CostModel {
  const { attribution, power, target_overcommit: overcommit } = config;
  return {
    currency: config.currency,
    basis: config.basis,
    containerFactor: config.container_factor,
    hoursPerMonth: config.hours_per_month,
    targetOvercommit: overcommit,
    idleShare: config.idle_share,
    tariffs: tariffsOf(config),
    attribution: {
      tagPrefixes: attribution.tags,
      pools: attribution.pools,
      names: attribution.names,
      environmentPrefixes: attribution.environment_tags,
      mandatoryPrefixes: attribution.mandatory_tags,
    },
    budgets: config.budgets.map(amountOf),
    units: config.units.map(amountOf),
    power:
      power === undefined
        ? null
        : {
            idleWatts: power.idle_watts,
            maxWatts: power.max_watts,
            pue: power.pue,
            co2KgPerKwh: power.co2_kg_per_kwh ?? null,
          },
  };
}

function tariffsOf(config: CostModelConfig): readonly Tariff[] {
  if (config.tariffs.length === 0) return isPriced(config) ? [tariffOf(config, "always", null, null)] : [];
  return [...config.tariffs]
    .sort((a, b) => a.from - b.from)
    .map((tariff, index, all) => {
      const untilMs = tariff.until ?? all[index + 1]?.from ?? null;
      return tariffOf(tariff, new Date(tariff.from).toISOString().slice(0, 10), tariff.from, untilMs);
    });
}

export const priceKeys = ["cpu_per_core_hour", "memory_per_gb_hour", "storage_per_gb_month"] as const;

function isPriced(config: TariffConfig): boolean {
  const hasPrice = priceKeys.some((key) => config[key] !== undefined) || Object.keys(config.storage_classes).length > 0;
  return hasPrice || config.purchases.length > 0 || config.node_fixed_month > 0 || config.shared_costs.length > 0;
}

function tariffOf(config: TariffConfig, name: string, fromMs: number | null, untilMs: number | null): Tariff {
  return {
    ...{ name, fromMs, untilMs },
    rates: ratesOf(config),
    nodeFixedMonth: config.node_fixed_month,
    energyPerKwh: config.energy_per_kwh ?? null,
    purchases: config.purchases.map((purchase) => ({
      name: purchase.name,
      price: purchase.price,
      residual: purchase.residual,
      years: purchase.years,
      powerKw: purchase.power_kw,
      pue: purchase.pue,
      licencesPerYear: purchase.licences_per_year,
      staffPerMonth: purchase.staff_per_month,
      paysFor: purchase.pays_for,
    })),
    sharedCosts: config.shared_costs.map(({ name: shared, per_month: perMonth, split }) => ({
      ...{ name: shared, perMonth, split },
    })),
  };
}

/** A resource without a price is given away. */
function ratesOf(config: TariffConfig): Rates {
  const isRatio = config.purchases.length > 0 && priceKeys.every((key) => config[key] === undefined);
  if (isRatio) return { ...usualRatio, storageClasses: config.storage_classes };
  return {
    cpuPerCoreHour: config.cpu_per_core_hour ?? 0,
    memoryPerGibHour: config.memory_per_gb_hour ?? 0,
    storagePerGibMonth: config.storage_per_gb_month ?? 0,
    storageClasses: config.storage_classes,
  };
}

function amountOf(amount: CostModelConfig["budgets"][number]): Budget {
  return { name: amount.name, scope: scopeOf(amount), perMonth: amount.per_month };
}

function scopeOf(amount: CostModelConfig["budgets"][number]): CostScope {
  for (const type of costScopeTypes) {
    const key = type === "cluster" ? undefined : amount[type];
    if (key !== undefined) return { type, key };
  }
  return { type: "cluster", key: "" };
}
