// What a guest that does not exist yet will cost: per hour, and for a planned month of 730 hours.
import { InputError } from "../../lib/errors.ts";
import type { PlannedPrice } from "../../model/cost-answer.ts";
import { type CostPeriod, storageResource } from "../../model/cost-ledger.ts";
import type { CostModel, Tariff } from "../../model/cost-model.ts";
import { effectiveRates } from "./effective-rates.ts";
import { minorDigits } from "./money.ts";
import { storageRate } from "./tariff.ts";

export interface PlannedGuest {
  readonly type: "qemu" | "lxc";
  readonly cores: number;
  readonly memoryGib: number;
  readonly disks: readonly { readonly storage: string; readonly type: string | null; readonly gib: number }[];
}

export interface PriceInput {
  readonly cluster: string;
  readonly model: CostModel;
  readonly tariff: Tariff;
  /** The newest day of the ledger, which derived rates are taken from. */
  readonly day: CostPeriod | undefined;
  readonly guest: PlannedGuest;
}

/** Throws an InputError where rates are derived and nothing has been computed yet. */
export function plannedPrice({ cluster, model, tariff, day, guest }: PriceInput): PlannedPrice {
  const digits = minorDigits(model.currency);
  const rates = tariff.purchases.length > 0 ? derived(day, model) : null;
  const factor = guest.type === "lxc" ? model.containerFactor : 1;
  const { cpuPerCoreHour, memoryPerGibHour } = tariff.rates;
  const parts = [
    part("cpu", guest.cores, "cores", (rates?.get("cpu") ?? cpuPerCoreHour) * factor, model),
    part("memory", guest.memoryGib, "GiB", (rates?.get("memory") ?? memoryPerGibHour) * factor, model),
    ...guest.disks.map(({ storage, type, gib }) => {
      const entered = storageRate(tariff.rates, { storage, type }) / model.hoursPerMonth;
      return part(storageResource(storage), gib, "GiB", rates?.get(storageResource(storage)) ?? entered, model);
    }),
  ];
  const perHour = parts.reduce((sum, { quantity, rate_per_hour: rate }) => sum + quantity * rate, 0);
  return {
    cluster,
    currency: model.currency,
    per_hour: Number(perHour.toFixed(6)),
    per_month: Number((perHour * model.hoursPerMonth).toFixed(digits)),
    hours_per_month: model.hoursPerMonth,
    tariff: tariff.name,
    basis:
      day === undefined || rates === null
        ? "The prices that are entered."
        : `Derived from the purchases: what a core and a GiB cost on ${day.period}, at the load of that day.`,
    parts,
  };
}

function derived(day: CostPeriod | undefined, model: CostModel): ReadonlyMap<string, number> {
  if (day !== undefined) return effectiveRates(day, model.containerFactor);
  const message = "rates are derived from purchases, and no hour has been computed yet; ask again in an hour";
  throw new InputError(`The price cannot be said: ${message}.`, [{ pointer: "/cluster", message }]);
}

function part(
  resource: string,
  quantity: number,
  unit: "cores" | "GiB",
  rate: number,
  { currency, hoursPerMonth }: Pick<CostModel, "currency" | "hoursPerMonth">,
): PlannedPrice["parts"][number] {
  const perMonth = Number((quantity * rate * hoursPerMonth).toFixed(minorDigits(currency)));
  return { resource, quantity, unit, rate_per_hour: Number(rate.toPrecision(9)), per_month: perMonth };
}
