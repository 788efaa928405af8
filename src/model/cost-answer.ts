// What the question `costs` answers, as the API shows it: rows that add up, and what follows from them.
import { z } from "zod";
import { costSplits } from "./cost-model.ts";

export const costAggregates = ["guest", "node", "pool", "tag", "owner", "environment", "resource", "cluster"] as const;
export type CostAggregate = (typeof costAggregates)[number];

const day = z.string().describe("YYYY-MM-DD, UTC");
const money = z.number().describe("In the currency of the list");
const share = z.number().nullable().describe("From 0 to 1; null where nothing is known");

export const CostRow = z
  .object({
    kind: z
      .enum(["group", "idle", "shared"])
      .describe("A group of guests' own cost, idle capacity, or a cost that is nobody's own"),
    key: z.string().describe("The guest's id, the pool, the tag, …; empty for guests that have none"),
    name: z.string(),
    guests: z.number().describe("How many guests it covers"),
    cost: money.describe("All parts together; the rows add up to the total"),
    cpu: money,
    memory: money,
    storage: money,
    shared: money.describe("Its part of idle and shared costs, as they were asked to be shared"),
    core_hours: z.number(),
    memory_gib_hours: z.number(),
    storage_gib_hours: z.number(),
    used_share: share.describe("Used of what was charged, CPU and memory weighted by their cost"),
    estimated_hours: z.number().describe("Guest-hours that were not seen and are charged as those beside them"),
  })
  .meta({ id: "CostRow" });
export type CostRow = z.infer<typeof CostRow>;

const State = z.string().nullable().describe("Why a number is not there, in one sentence; null when it is");

export const BudgetItem = z
  .object({
    name: z.string(),
    scope: z.string().describe("The cluster, or `tag team-a`, `pool web`, …"),
    per_month: money,
    spent: money.describe("Since the month began"),
    expected: money.nullable().describe("At the end of the month, by the forecast"),
    variance: z.number().describe("(spent − budget) / budget"),
    expected_variance: z.number().nullable(),
    year_spent: money.describe("Of the months of this year that the ledger has, this one included"),
    year_budget: money,
    overlaps: z.array(z.string()).describe("Budgets that cover some of the same guests: they must not be added"),
  })
  .meta({ id: "CostBudget" });
export type BudgetItem = z.infer<typeof BudgetItem>;

export const UnitItem = z
  .object({ name: z.string(), scope: z.string(), units: z.number(), cost_per_unit: money, basis: z.string() })
  .meta({ id: "CostOfUnit" });

export const CostOutlook = z
  .object({
    month: z.string().describe("YYYY-MM"),
    month_to_date: money,
    elapsed_hours: z.number(),
    run_rate: money.nullable().describe("Month to date / elapsed hours · hours of a planned month (730)"),
    run_rate_hours: z.number(),
    last_month: money.nullable().describe("null when the ledger does not have it whole"),
    forecast: money.nullable().describe("At the end of this month"),
    forecast_low: money.nullable(),
    forecast_high: money.nullable(),
    forecast_state: State,
    forecast_formula: z.string(),
    budgets: z.array(BudgetItem),
    units: z.array(UnitItem),
    allocation_coverage: share.describe("Cost of guests with an owner / total cost, this month"),
    tag_compliance: share.describe("Cost of guests with all mandatory tags / cost of guests, this month"),
    idle_share: share.describe("Idle cost / total cost, this month"),
    energy_kwh: z.number().nullable().describe("Estimate by the power model, this month"),
    co2_kg: z.number().nullable().describe("Estimate"),
  })
  .meta({ id: "CostOutlook" });
export type CostOutlook = z.infer<typeof CostOutlook>;

export const CostTrendPoint = z
  .object({ day, cost: money, idle: money, closed: z.boolean() })
  .meta({ id: "CostOfDay" });
export type CostTrendPoint = z.infer<typeof CostTrendPoint>;

export const CostList = z
  .object({
    currency: z.string().describe("ISO 4217"),
    digits: z.number().describe("Digits of the currency's smallest coin"),
    clusters: z.array(z.string()),
    from: day,
    to: day.describe("The last day, included"),
    hours: z.number().describe("Hours of the window that have a price, the clusters together"),
    total: money.nullable().describe("What was entered for the time; null for those who see some guests only"),
    rows: z.array(CostRow),
    trend: z.array(CostTrendPoint),
    outlook: CostOutlook.nullable().describe("null for those who see some guests only"),
    tariffs: z.array(z.string()).describe("Those in force, by the day each begins"),
    basis: z.string(),
    notes: z.array(z.string()).describe("What to know about the numbers, one sentence each"),
  })
  .meta({ id: "CostList" });
export type CostList = z.infer<typeof CostList>;

export const ShareRow = z
  .object({
    kind: z.enum(["group", "idle"]),
    key: z.string(),
    name: z.string(),
    cpu: share,
    memory: share,
    storage: share,
  })
  .meta({ id: "CostShare" });
export type ShareRow = z.infer<typeof ShareRow>;

export const CostShares = z
  .object({
    cluster: z.string(),
    state: z.string().describe("Why there is no money, and what to do"),
    hours: z.number(),
    rows: z.array(ShareRow).describe("Shares of what the cluster has, of the last 24 hours"),
  })
  .meta({ id: "CostShares" });
export type CostShares = z.infer<typeof CostShares>;

export const CostsAnswer = z
  .object({
    aggregate: z.string(),
    share_idle: z.enum(costSplits),
    share_cost: z.enum([...costSplits, "entered"]),
    lists: z.array(CostList).describe("One per currency: amounts of different currencies are never added"),
    unpriced: z.array(CostShares).describe("Clusters without rates"),
    tag_prefixes: z.array(z.string()).describe("What tags begin with, up to their first hyphen"),
  })
  .meta({ id: "Costs" });
export type CostsAnswer = z.infer<typeof CostsAnswer>;

export const PlannedPrice = z
  .object({
    cluster: z.string(),
    currency: z.string(),
    per_hour: money,
    per_month: money.describe("For the hours of a planned month (730)"),
    hours_per_month: z.number(),
    tariff: z.string(),
    basis: z.string().describe("Where the rates come from, in one sentence"),
    parts: z.array(
      z.object({
        resource: z.string(),
        quantity: z.number(),
        unit: z.enum(["cores", "GiB"]),
        rate_per_hour: z.number(),
        per_month: money,
      }),
    ),
  })
  .meta({ id: "PlannedPrice" });
export type PlannedPrice = z.infer<typeof PlannedPrice>;

export const RoiAnswer = z
  .object({
    roi: z.number().nullable().describe("(realized savings + avoided purchase − programme cost) / programme cost"),
    state: State,
    months: z.number(),
    programme_cost: z.number(),
    avoided_purchase: z.number(),
    realized_savings: z.number(),
    formula: z.string(),
  })
  .meta({ id: "CostRoi" });
export type RoiAnswer = z.infer<typeof RoiAnswer>;
