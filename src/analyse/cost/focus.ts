// A day of the ledger in the columns of FOCUS, the FinOps Foundation's specification of cost data, so that FinOps tools
// read it. Amounts have six digits and add up to the day's total.
import type { CostLine, CostPeriod, CostResource } from "../../model/cost-ledger.ts";
import type { FocusRow } from "../../model/focus.ts";
import { dayPeriod, monthPeriod } from "./calendar.ts";
import { resourceName } from "./table.ts";

export interface FocusDay {
  readonly cluster: string;
  readonly clusterName: string;
  readonly day: CostPeriod;
  readonly sees: (line: CostLine) => boolean;
  /** False for those who see some guests only. */
  readonly isWhole: boolean;
}

export function focusRows({ cluster, clusterName, day, sees, isWhole }: FocusDay): FocusRow[] {
  const base = baseOf(cluster, clusterName, day);
  const guests = day.guests.filter(sees).flatMap((line) =>
    Object.entries(line.use).map(([resource, use]) => ({
      ...base,
      ...serviceOf(resource),
      ...money(use.micros),
      ...quantity(resource, use.quantity),
      ...resourceOf(line),
      ChargeDescription: `${resourceName(resource)} of ${line.name}`,
    })),
  );
  if (!isWhole) return guests;
  const idle = Object.entries(day.idle).map(([resource, { micros, quantity: left }]) => ({
    ...base,
    ...serviceOf(resource),
    ...money(micros),
    ...quantity(resource, left),
    ...noResource,
    ChargeDescription: `Idle ${resourceName(resource)}`,
  }));
  const shared = day.shared.map(({ name, micros }) => ({
    ...base,
    ...money(micros),
    ...noResource,
    ServiceCategory: "Other",
    ServiceName: name,
    ChargeCategory: "Purchase",
    ChargeFrequency: "Recurring",
    ChargeDescription: name,
    ConsumedQuantity: null,
    ConsumedUnit: null,
  }));
  return [...guests, ...idle, ...shared];
}

const time = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

function baseOf(cluster: string, clusterName: string, { period, currency }: CostPeriod) {
  const charge = dayPeriod(period);
  const billing = monthPeriod(period.slice(0, 7));
  return {
    BillingAccountId: cluster,
    BillingAccountName: clusterName,
    BillingCurrency: currency,
    BillingPeriodStart: time(billing.fromMs),
    BillingPeriodEnd: time(billing.toMs),
    ChargePeriodStart: time(charge.fromMs),
    ChargePeriodEnd: time(charge.toMs),
    ChargeCategory: "Usage",
    ChargeFrequency: "Usage-Based",
    ProviderName: "Proxmox VE",
    PublisherName: "Proxmox VE",
    InvoiceIssuerName: clusterName,
  };
}

function money(micros: number) {
  const amount = (micros / 1e6).toFixed(6);
  return { BilledCost: amount, EffectiveCost: amount, ListCost: amount, ContractedCost: amount };
}

function serviceOf(resource: CostResource) {
  const isStorage = resource.startsWith("storage:");
  const name = isStorage ? "Storage" : resource === "cpu" ? "CPU" : "Memory";
  return { ServiceCategory: isStorage ? "Storage" : "Compute", ServiceName: `Proxmox VE ${name}` };
}

const quantity = (resource: CostResource, amount: number) => ({
  ConsumedQuantity: amount.toFixed(6),
  ConsumedUnit: resource === "cpu" ? "Core-Hours" : "GiB-Hours",
});

const noResource = {
  ResourceId: null,
  ResourceName: null,
  ResourceType: null,
  SubAccountId: null,
  SubAccountName: null,
  RegionId: null,
  Tags: "{}",
};

/** PVE's tags are words; the pool, owner and environment stand beside them, under keys of ours. */
function resourceOf({ id, name, type, node, pool, tags, owner, environment }: CostLine) {
  const known = Object.entries({ pool, owner, environment }).filter(([, value]) => value !== null);
  const all = {
    ...Object.fromEntries(tags.map((tag) => [tag, "true"])),
    ...Object.fromEntries(known.map(([key, value]) => [`pilothouse/${key}`, value])),
  };
  return {
    ResourceId: id,
    ResourceName: name,
    ResourceType: type === "qemu" ? "Virtual machine" : "Container",
    SubAccountId: owner,
    SubAccountName: owner,
    RegionId: node,
    Tags: JSON.stringify(all),
  };
}
