// The keys of a cluster's cost model: what is entered about money.
import { z } from "zod";
import { costBases, costParts, costSplits } from "../model/cost-model.ts";
import { didYouMean } from "./did-you-mean.ts";
import { group, list, number, oneOf, text } from "./fields.ts";

const currencyExpected = "expected the code of a currency by ISO 4217, such as EUR or USD";
const currencies: readonly string[] = Intl.supportedValuesOf("currency");

const Currency = text(currencyExpected).transform((code, context) => {
  if (currencies.includes(code)) return code;
  const meant = didYouMean(code.toUpperCase(), currencies);
  const params = { what: "unknown currency", ...(meant === undefined ? {} : { meant }) };
  context.addIssue({ code: "custom", message: currencyExpected, params });
  return z.NEVER;
});

const dateExpected = "expected a day written YYYY-MM-DD, such as 2026-01-01";
/** Begin of the UTC day, milliseconds since the epoch. */
const Day = text(dateExpected)
  .refine(isDay, { error: dateExpected })
  .transform((day) => Date.parse(`${day}T00:00:00Z`));

function isDay(day: string): boolean {
  const ms = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** More than a million for an hour or a month of one piece is a slip of the finger. */
const rate = () => number(0, 1e6);
const sum = () => number(0, 1e12);
const texts = (what: string) => list(text(`expected ${what}`), `expected a list of ${what}s`);

const Purchase = group({
  name: text().describe("What was bought."),
  price: sum().describe("Price of all of it together."),
  residual: sum().default(0).describe("What it is still worth after its years."),
  years: number(0.5, 50).default(5).describe("Years that it is paid off over."),
  power_kw: number(0, 1e5).default(0).describe("Mean draw of all of it at the plug, in kW; costs energy_per_kwh."),
  pue: number(1, 5).default(1).describe("Power of the site over power of the machines (PUE)."),
  licences_per_year: sum().default(0).describe("Subscriptions and licences of a year."),
  staff_per_month: sum().default(0).describe("Share of people's cost in a month."),
  pays_for: list(oneOf(costParts), "expected a list of cpu, memory, storage")
    .min(1, { error: "expected at least one of cpu, memory, storage" })
    .default([...costParts])
    .describe("Which resources it pays for; a storage array pays for storage alone."),
});

const SharedCost = group({
  name: text().describe("What it is, as its line says."),
  per_month: sum().describe("Cost of a month."),
  split: oneOf(costSplits)
    .default("none")
    .describe("Among all guests alike (even), by what each costs (weighted), or a line of its own (none)."),
});

/** What a tariff holds; the same keys stand directly in a cost model that has only one. */
const tariffKeys = {
  cpu_per_core_hour: rate().optional().describe("Price of a core for an hour."),
  memory_per_gb_hour: rate().optional().describe("Price of a GiB of memory for an hour."),
  storage_per_gb_month: rate().optional().describe("Price of a GiB of disk for a month."),
  storage_classes: z
    .record(z.string(), rate(), { error: "expected a group of keys: a storage's id or type, and its price" })
    .default({})
    .describe("Price of a GiB-month by storage id, or by type (rbd, nfs, lvmthin, …)."),
  node_fixed_month: sum().default(0).describe("What each node costs in a month, whatever runs on it."),
  energy_per_kwh: number(0, 1000).optional().describe("Price of a kWh, for purchases that draw power."),
  purchases: list(Purchase, "expected a list of purchases")
    .default([])
    .describe("What was bought: rates are derived from it, and prices above only say their ratio."),
  shared_costs: list(SharedCost, "expected a list of shared costs")
    .default([])
    .describe("Costs that are nobody's own."),
};

const Tariff = group({
  from: Day.describe("First day that it holds (UTC)."),
  until: Day.optional().describe(
    "First day that it does not hold any more; when left out it ends where the next begins.",
  ),
  ...tariffKeys,
});

const scopeKeys = {
  tag: text().optional().describe("Guests with this tag."),
  pool: text().optional().describe("Guests in this pool."),
  owner: text().optional().describe("Guests of this owner."),
  environment: text().optional().describe("Guests of this environment."),
};

const amountsOf = (what: string) =>
  group({ name: text().describe("What people call it."), per_month: sum().describe(what), ...scopeKeys });

export const CostModelConfig = group({
  currency: Currency.default("USD").describe("Currency of all amounts, by ISO 4217."),
  basis: oneOf(costBases)
    .default("allocated")
    .describe(
      "A guest is charged the larger of what it was given and used (allocated), what it used, or the mean (blended).",
    ),
  container_factor: number(0, 10).default(1).describe("What a container's cores and memory cost, relative to a VM's."),
  hours_per_month: number(1, 744)
    .default(730)
    .describe("Hours of a month in planned prices and run rates; what is past has its real hours."),
  target_overcommit: group({
    cpu: number(0.1, 100).default(1).describe("How many times its threads a node's CPU is meant to be given away."),
    memory: number(0.1, 100).default(1).describe("The same of memory."),
    storage: number(0.1, 100).default(1).describe("The same of storage."),
  }).prefault({}),
  idle_share: oneOf(costSplits)
    .default("none")
    .describe("How idle capacity is shared among guests when nobody asks for another way."),
  ...tariffKeys,
  tariffs: list(Tariff, "expected a list of tariffs")
    .default([])
    .describe("Tariffs with the day each begins, in place of the prices above."),
  attribution: group({
    tags: texts("prefix")
      .default(["team-", "owner-", "project-", "cc-"])
      .describe("Prefixes of tags that name an owner, the strongest first."),
    pools: z
      .record(z.string(), text("expected an owner"), { error: "expected a group of keys: pools and their owners" })
      .default({})
      .describe("Owners of pools; a pool that is not listed is its own owner."),
    names: list(
      group({ pattern: text().describe("Guest name with * and ?."), owner: text().describe("Its owner.") }),
      "expected a list of patterns",
    )
      .default([])
      .describe("Owners by name, for guests without such a tag and without a pool."),
    environment_tags: texts("prefix").default(["env-"]).describe("Prefixes of tags that name an environment."),
    mandatory_tags: texts("prefix").default([]).describe("Prefixes of which every guest should have a tag."),
  }).prefault({}),
  budgets: list(amountsOf("What may be spent in a month."), "expected a list of budgets")
    .default([])
    .describe("Budgets of the cluster, or of a tag, pool, owner or environment."),
  units: list(amountsOf("How many of them a month has."), "expected a list of units")
    .default([])
    .describe("What a scope serves (users, deploys, desks), for the cost of one."),
  power: group({
    idle_watts: number(0, 1e5).describe("Draw of a node that does nothing, in watts."),
    max_watts: number(0, 1e5).describe("Draw of a node at full load."),
    pue: number(1, 5).default(1).describe("Power of the site over power of the machines (PUE)."),
    co2_kg_per_kwh: number(0, 5).optional().describe("kg of CO2 per kWh of the grid."),
  })
    .optional()
    .describe("For an estimate of power and carbon; it is never billed."),
});
export type CostModelConfig = z.infer<typeof CostModelConfig>;
