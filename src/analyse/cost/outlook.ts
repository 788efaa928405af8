// Where the month is going: month to date, run rate, forecast, budgets, and how much of the cost has an owner.
import type { BudgetItem, CostOutlook } from "../../model/cost-answer.ts";
import type { CostLine, CostPeriod } from "../../model/cost-ledger.ts";
import type { Budget, CostModel, CostScope } from "../../model/cost-model.ts";
import { hourMs, hoursOfMonth, monthOf, monthPeriod } from "./calendar.ts";
import { mergeSlices, microsOf } from "./ledger.ts";
import { microsPerUnit } from "./money.ts";
import { carbonKg } from "./power.ts";
import { distribute } from "./share.ts";

/** The forecast goes on as the last whole days have been, and needs so many of them. */
const basisDays = 7;
const leastDays = 3;

export const forecastFormula =
  "Month to date + mean cost of an hour in the last 7 closed days · hours left in the month; low and high: that mean less and plus 1.28 standard errors of the daily means, which holds the truth in 80 of 100 cases if days are alike.";

export interface OutlookInput {
  readonly nowMs: number;
  readonly digits: number;
  /** Days of this month and closed days of the last one, of all clusters; one currency. */
  readonly month: readonly CostPeriod[];
  readonly recentDays: readonly CostPeriod[];
  /** Micros; null when the ledger does not have it whole. */
  readonly lastMonthMicros: number | null;
  /** Of this year, the running month left out. */
  readonly yearBefore: readonly CostPeriod[];
  readonly model: Pick<CostModel, "budgets" | "units" | "idleShare" | "hoursPerMonth" | "power">;
}

/** null while the month has nothing. */
export function outlookOf(input: OutlookInput): CostOutlook | null {
  const { nowMs, digits, model, lastMonthMicros } = input;
  const [first, ...others] = input.month;
  if (first === undefined) return null;
  const slice = mergeSlices([first, ...others]);
  const money = (micros: number): number => Number((micros / microsPerUnit).toFixed(digits));
  const orNull = (micros: number | null): number | null => (micros === null ? null : money(micros));
  const elapsed = elapsedHours(input.month);
  const forecast = forecastOf(input, slice.totalMicros);
  const guestMicros = sumOf(slice.guests, ({ use }) => microsOf(use));
  return {
    month: monthOf(nowMs),
    month_to_date: money(slice.totalMicros),
    elapsed_hours: elapsed,
    run_rate: elapsed > 0 ? money((slice.totalMicros / elapsed) * model.hoursPerMonth) : null,
    run_rate_hours: model.hoursPerMonth,
    last_month: orNull(lastMonthMicros),
    forecast: orNull(forecast.micros),
    forecast_low: orNull(forecast.low),
    forecast_high: orNull(forecast.high),
    forecast_state: forecast.state,
    forecast_formula: forecastFormula,
    budgets: budgetsOf(input, slice, forecast.micros, money),
    units: unitsOf(input, slice, money),
    allocation_coverage: ratio(
      sumOf(
        slice.guests.filter(({ owner }) => owner !== null),
        ({ use }) => microsOf(use),
      ),
      slice.totalMicros,
    ),
    tag_compliance: ratio(
      sumOf(
        slice.guests.filter(({ compliant }) => compliant),
        ({ use }) => microsOf(use),
      ),
      guestMicros,
    ),
    idle_share: ratio(microsOf(slice.idle), slice.totalMicros),
    energy_kwh: slice.energyKwh === null ? null : Number(slice.energyKwh.toFixed(1)),
    co2_kg: model.power === null ? null : rounded(carbonKg(model.power, slice.energyKwh)),
  };
}

const rounded = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(1)));
const ratio = (part: number, whole: number): number | null => (whole > 0 ? Number((part / whole).toFixed(4)) : null);

/** Clusters run side by side: the hours of the one that has most. */
function elapsedHours(periods: readonly CostPeriod[]): number {
  const byDay = new Map<string, number>();
  for (const { period, hours } of periods) byDay.set(period, Math.max(byDay.get(period) ?? 0, hours));
  return [...byDay.values()].reduce((sum, hours) => sum + hours, 0);
}

interface MonthForecast {
  readonly micros: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly state: string | null;
}

function forecastOf({ nowMs, recentDays }: OutlookInput, soFarMicros: number): MonthForecast {
  const byDay = new Map<string, { micros: number; hours: number }>();
  for (const { period, totalMicros, hours, state } of recentDays) {
    if (state !== "closed" || hours === 0) continue;
    const held = byDay.get(period) ?? { micros: 0, hours: 0 };
    byDay.set(period, { micros: held.micros + totalMicros, hours: Math.max(held.hours, hours) });
  }
  const rates = [...byDay]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .slice(0, basisDays)
    .map(([, { micros, hours }]) => micros / hours);
  if (rates.length < leastDays) {
    return {
      micros: null,
      low: null,
      high: null,
      state: `A forecast needs ${leastDays} closed days and has ${rates.length}.`,
    };
  }
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (rates.length - 1);
  const left = Math.max(0, monthPeriod(monthOf(nowMs)).toMs - nowMs) / hourMs;
  const spread = 1.28 * Math.sqrt(variance / rates.length) * left;
  const micros = soFarMicros + mean * left;
  return { micros, low: Math.max(soFarMicros, micros - spread), high: micros + spread, state: null };
}

type Slice = ReturnType<typeof mergeSlices>;
type Money = (micros: number) => number;

function budgetsOf(input: OutlookInput, slice: Slice, forecastMicros: number | null, money: Money): BudgetItem[] {
  const { model, yearBefore } = input;
  const [first, ...others] = yearBefore;
  const year = first === undefined ? null : mergeSlices([first, ...others]);
  const months = new Set(yearBefore.map(({ period }) => period.slice(0, 7))).size + 1;
  return model.budgets.map((budget) => {
    const spent = spentOf(slice, budget.scope, model);
    // The scope is expected to keep its part of the whole.
    const expected =
      forecastMicros === null || slice.totalMicros === 0 ? null : (spent / slice.totalMicros) * forecastMicros;
    const limit = budget.perMonth * microsPerUnit;
    return {
      name: budget.name,
      scope: nameOfScope(budget.scope),
      per_month: budget.perMonth,
      spent: money(spent),
      expected: expected === null ? null : money(expected),
      variance: varianceOf(spent, limit) ?? 0,
      expected_variance: expected === null ? null : varianceOf(expected, limit),
      year_spent: money(spent + (year === null ? 0 : spentOf(year, budget.scope, model))),
      year_budget: money(limit * months),
      overlaps: overlapsOf(budget, model.budgets, slice.guests),
    };
  });
}

const varianceOf = (actual: number, budget: number): number | null =>
  budget > 0 ? Number(((actual - budget) / budget).toFixed(4)) : null;

/** The whole cluster's budget pays for everything; another one for its guests with their part of what is shared. */
function spentOf(slice: Slice, scope: CostScope, { idleShare }: Pick<CostModel, "idleShare">): number {
  if (scope.type === "cluster") return slice.totalMicros;
  const { toLines } = distribute(slice, { shareIdle: idleShare, shareCost: "entered" });
  let sum = 0;
  for (const [index, line] of slice.guests.entries()) {
    if (isOfScope(line, scope)) sum += microsOf(line.use) + (toLines[index] ?? 0);
  }
  return sum;
}

export function isOfScope(line: CostLine, { type, key }: CostScope): boolean {
  switch (type) {
    case "cluster":
      return true;
    case "tag":
      return line.tags.includes(key);
    case "pool":
    case "owner":
    case "environment":
      return line[type] === key;
  }
}

export const nameOfScope = ({ type, key }: CostScope): string => (type === "cluster" ? "cluster" : `${type} ${key}`);

/** The cluster's own budget contains all others by intention; it is no overlap. */
function overlapsOf(budget: Budget, all: readonly Budget[], lines: readonly CostLine[]): string[] {
  if (budget.scope.type === "cluster") return [];
  return all
    .filter((other) => other !== budget && other.scope.type !== "cluster")
    .filter((other) => lines.some((line) => isOfScope(line, budget.scope) && isOfScope(line, other.scope)))
    .map(({ name }) => name);
}

function unitsOf({ model, nowMs, month }: OutlookInput, slice: Slice, money: Money): CostOutlook["units"] {
  const share = elapsedHours(month) / hoursOfMonth(nowMs);
  return model.units.flatMap(({ name, scope, perMonth }) => {
    if (perMonth <= 0 || share <= 0) return [];
    const cost = spentOf(slice, scope, model) / (perMonth * share);
    return [
      {
        name,
        scope: nameOfScope(scope),
        units: perMonth,
        cost_per_unit: money(cost),
        basis: "month to date, by its part of the units of a month",
      },
    ];
  });
}

function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => number): number {
  let sum = 0;
  for (const item of items) sum += amountOf(item);
  return sum;
}
