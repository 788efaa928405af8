// The costs of clusters of one currency in a window: table, trend and outlook.
import type { CostList, CostOutlook, CostTrendPoint } from "../../model/cost-answer.ts";
import type { CostLine, CostPeriod } from "../../model/cost-ledger.ts";
import type { CostModel } from "../../model/cost-model.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";
import { heldState, periodsOf } from "./bookkeeping.ts";
import { dayMs, dayOf, dayPeriod, monthOf, monthPeriod } from "./calendar.ts";
import type { DayWindow } from "./cost-window.ts";
import { mergeSlices, microsOf } from "./ledger.ts";
import { readLedger } from "./ledger-window.ts";
import { microsToAmount, minorDigits } from "./money.ts";
import { outlookOf } from "./outlook.ts";
import { costTable, type TableWish } from "./table.ts";
import { tariffAt } from "./tariff.ts";

export interface PricedCluster {
  readonly id: ClusterId;
  readonly model: CostModel;
}

export interface CostListWish {
  /** At least one; all of one currency. */
  readonly clusters: readonly PricedCluster[];
  readonly window: DayWindow;
  readonly wish: TableWish;
  readonly sees: (line: CostLine) => boolean;
  /** False for those who see some guests only: no total, no idle, no outlook. */
  readonly isWhole: boolean;
  readonly includeIdle: boolean;
}

type ListContext = Pick<AnalysisContext, "documents" | "nowMs">;

/** One list; more when a cluster has changed its currency within the window. */
export async function costList(context: ListContext, asked: CostListWish): Promise<readonly CostList[]> {
  const { clusters, window } = asked;
  const periods: CostPeriod[] = [];
  for (const { id } of clusters) periods.push(...(await readLedger(context, id, window)));
  const present = clusters[0]?.model.currency ?? "";
  const currencies = new Set([present, ...periods.map(({ currency }) => currency)]);
  const lists: CostList[] = [];
  for (const currency of currencies) {
    const own = periods.filter((period) => period.currency === currency);
    const notes = currency === present ? await notesOf(context, asked, own) : [];
    const outlook = currency === present && asked.isWhole ? await outlookFor(context, clusters) : null;
    lists.push(listOf(asked, { currency, periods: own, notes, outlook }));
  }
  return lists;
}

interface ListParts {
  readonly currency: string;
  readonly periods: readonly CostPeriod[];
  readonly notes: readonly string[];
  readonly outlook: CostOutlook | null;
}

function listOf({ clusters, window, wish, sees, isWhole, includeIdle }: CostListWish, parts: ListParts): CostList {
  const { currency, periods, outlook, notes } = parts;
  const digits = minorDigits(currency);
  const [first, ...others] = periods;
  const merged = first === undefined ? null : mergeSlices([first, ...others]);
  const seen = {
    guests: merged?.guests.filter(sees) ?? [],
    idle: isWhole && includeIdle ? (merged?.idle ?? {}) : {},
    shared: isWhole ? (merged?.shared ?? []) : [],
  };
  const table = costTable(seen, wish, digits);
  return {
    currency,
    digits,
    clusters: clusters.map(({ id }) => id),
    from: window.from,
    to: window.to,
    hours: merged?.hours ?? 0,
    total: isWhole && merged !== null ? table.total : null,
    rows: [...table.rows],
    trend: isWhole ? trendOf(periods, digits) : [],
    outlook,
    tariffs: isWhole ? [...(merged?.tariffs ?? [])] : [],
    basis: basisWords[clusters[0]?.model.basis ?? "allocated"],
    notes: [
      ...notes,
      ...(isWhole && !includeIdle ? ["Idle capacity is left out, so the total is less than what was entered."] : []),
    ],
  };
}

const basisWords: Readonly<Record<CostModel["basis"], string>> = {
  allocated: "charged: the larger of allocated and used",
  used: "charged: used",
  blended: "charged: the mean of allocated and used",
};

function trendOf(periods: readonly CostPeriod[], digits: number): CostTrendPoint[] {
  const days = new Map<string, { micros: number; idle: number; closed: boolean }>();
  for (const period of periods) {
    const own = period.days ?? [
      { period: period.period, totalMicros: period.totalMicros, idleMicros: microsOf(period.idle) },
    ];
    for (const day of own) {
      const held = days.get(day.period) ?? { micros: 0, idle: 0, closed: true };
      const closed = held.closed && period.state === "closed";
      days.set(day.period, { micros: held.micros + day.totalMicros, idle: held.idle + day.idleMicros, closed });
    }
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, { micros, idle, closed }]) => ({
      day,
      cost: microsToAmount(micros, digits),
      idle: microsToAmount(idle, digits),
      closed,
    }));
}

async function notesOf(
  context: ListContext,
  { clusters, window }: CostListWish,
  periods: readonly CostPeriod[],
): Promise<string[]> {
  const notes: string[] = [];
  for (const { id, model } of clusters) {
    const state = await heldState(context, id);
    if (state === null) notes.push(`${id}: nothing has been computed yet; the job costs runs every hour.`);
    else {
      if (state.backfilledAt === null) notes.push(`${id}: history is being computed, so far up to ${state.openFrom}.`);
      if (window.from < state.firstDay) notes.push(`${id}: the ledger begins on ${state.firstDay}.`);
    }
    const hole = firstDayWithoutTariff(model, window, context.nowMs);
    if (hole !== null) notes.push(`${id}: no tariff is in force on ${hole}; what has no tariff costs nothing here.`);
  }
  if (periods.some(({ estimated }) => estimated)) {
    notes.push("Some of it was computed afterwards, with the tags, pools and disks of then: an estimate.");
  }
  return notes;
}

function firstDayWithoutTariff(model: CostModel, { from, to }: DayWindow, nowMs: number): string | null {
  for (let at = dayPeriod(from).fromMs; at <= Math.min(dayPeriod(to).fromMs, nowMs); at += dayMs) {
    if (tariffAt(model, at) === null) return dayOf(at);
  }
  return null;
}

/** Totals of all clusters together; budgets and units are each cluster's own. */
async function outlookFor(context: ListContext, clusters: readonly PricedCluster[]): Promise<CostOutlook | null> {
  const { nowMs } = context;
  const thisMonth = monthOf(nowMs);
  const last = monthPeriod(monthOf(monthPeriod(thisMonth).fromMs - 1)).name;
  const inputs: Parameters<typeof outlookOf>[0][] = [];
  for (const { id, model } of clusters) {
    const isOwn = ({ currency }: CostPeriod): boolean => currency === model.currency;
    const days = (await periodsOf(context, id, "day", `${last}-01`, `${thisMonth}-31`)).filter(isOwn);
    const year = (await periodsOf(context, id, "month", `${thisMonth.slice(0, 4)}-01`, `${last}~`)).filter(isOwn);
    const before = days.filter(({ period }) => period.startsWith(last));
    inputs.push({
      nowMs,
      digits: minorDigits(model.currency),
      month: days.filter(({ period }) => period.startsWith(thisMonth)),
      recentDays: days,
      lastMonthMicros: isWholeMonth(last, before)
        ? before.reduce((sum, { totalMicros }) => sum + totalMicros, 0)
        : null,
      // A month that is over and not closed yet counts by its days.
      yearBefore: yearPeriods(year, before, thisMonth),
      model,
    });
  }
  return combined(inputs, clusters);
}

const isWholeMonth = (month: string, days: readonly CostPeriod[]): boolean =>
  days.length === (monthPeriod(month).toMs - monthPeriod(month).fromMs) / dayMs;

function yearPeriods(
  months: readonly CostPeriod[],
  lastDays: readonly CostPeriod[],
  thisMonth: string,
): readonly CostPeriod[] {
  const closed = new Set(months.map(({ period }) => period));
  const open = lastDays.filter(
    ({ period }) => !closed.has(period.slice(0, 7)) && period.startsWith(thisMonth.slice(0, 4)),
  );
  return [...months, ...open];
}

function combined(
  inputs: readonly Parameters<typeof outlookOf>[0][],
  clusters: readonly PricedCluster[],
): CostOutlook | null {
  const [first] = inputs;
  if (first === undefined) return null;
  if (inputs.length === 1) return outlookOf(first);
  const lastMonths = inputs.map(({ lastMonthMicros }) => lastMonthMicros);
  const whole = outlookOf({
    ...first,
    month: inputs.flatMap(({ month }) => month),
    recentDays: inputs.flatMap(({ recentDays }) => recentDays),
    lastMonthMicros: lastMonths.reduce((sum, micros) => (sum === null || micros === null ? null : sum + micros), 0),
    yearBefore: inputs.flatMap(({ yearBefore }) => yearBefore),
  });
  if (whole === null) return null;
  const each = inputs.map((input) => outlookOf(input));
  const named = <Item extends { readonly scope: string }>(items: readonly Item[] | undefined, index: number): Item[] =>
    (items ?? []).map((item) => ({ ...item, scope: `${clusters[index]?.id ?? ""}: ${item.scope}` }));
  const co2 = each.flatMap((outlook) => outlook?.co2_kg ?? []);
  return {
    ...whole,
    budgets: each.flatMap((outlook, index) => named(outlook?.budgets, index)),
    units: each.flatMap((outlook, index) => named(outlook?.units, index)),
    co2_kg: co2.length === 0 ? null : Number(co2.reduce((sum, kg) => sum + kg, 0).toFixed(1)),
  };
}
