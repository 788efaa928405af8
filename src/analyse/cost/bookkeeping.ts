// Keeps the ledger of one cluster: adds the hours that have passed to the running day, closes days and months that are
// over, and computes the history from before the first run, once.
import { type CostLedgerState, type CostPeriod, costDocuments } from "../../model/cost-ledger.ts";
import type { CostModel } from "../../model/cost-model.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";
import { dayMs, dayOf, dayPeriod, daysBetween, hourMs, monthOf, monthPeriod } from "./calendar.ts";
import { type CostSlice, costSlice } from "./engine.ts";
import { appendSlice, closeMonth } from "./ledger.ts";
import { ReadAhead } from "./read-ahead.ts";
import { nextTariffChange, tariffAt } from "./tariff.ts";

/** An hour is computed when its samples have been rolled up. */
const settledAfterMs = 15 * 60_000;
/** A day is closed when what was missed of it has had time to be caught up. */
const closedAfterMs = 2 * hourMs;
/** What is computed later than this has the tags, pools and disks of another time, and says so. */
const lateAfterMs = 26 * hourMs;
/** Older than this, PVE's own history knows quarters of days only. */
const hourlyForMs = 35 * dayMs;
const quarterMs = 6 * hourMs;
const historyMs = 396 * dayMs;
/** Guests times slots that one run takes; the next goes on. */
const workPerRun = 2_000_000;

export interface Bookkeeping {
  readonly state: CostLedgerState;
  /** Days that were begun, went on or were closed in this run. */
  readonly days: readonly CostPeriod[];
  readonly months: readonly { readonly key: string; readonly body: CostPeriod }[];
}

type BookContext = Pick<AnalysisContext, "importing" | "nowMs" | "documents" | "fleet" | "facts" | "store">;

/** null while there is nothing to keep: no samples yet, PVE's history not in yet, or no tariff that has begun. */
export async function keepLedger(
  context: BookContext,
  cluster: ClusterId,
  model: CostModel,
): Promise<Bookkeeping | null> {
  const state = (await heldState(context, cluster)) ?? (await firstState(context, cluster, model));
  if (state === null) return null;
  const held = new Map(
    (await periodsOf(context, cluster, "day", state.openFrom, "9999")).map((day) => [day.period, day]),
  );
  const guests = context.fleet.list("guest", { gone: true }).filter(({ entity }) => entity.cluster === cluster).length;
  const days = new Map<string, CostPeriod>();
  let [work, openFrom] = [0, state.openFrom];
  const settledMs = Math.floor((context.nowMs - settledAfterMs) / hourMs) * hourMs;
  const readings = new ReadAhead(context, { cluster, model, guests, endMs: settledMs });
  const upcoming = daysBetween(dayPeriod(state.openFrom).fromMs, settledMs);
  let isDone = true;
  for (const name of upcoming) {
    if (work > workPerRun) {
      isDone = false;
      break;
    }
    const carried = await carryOn(context.nowMs, { readings, model, name, settledMs, held: held.get(name) });
    work += carried.slots * guests;
    if (carried.day !== null) days.set(name, carried.day);
    if (isOver(name, context.nowMs) && openFrom === name) openFrom = dayOf(dayPeriod(name).toMs);
  }
  const months = await closedMonths(context, cluster, { ...state, openFrom }, days);
  const openMonth = months.reduce((open, { month }) => (month >= open ? after(month) : open), state.openMonth);
  const backfilledAt = state.backfilledAt ?? (isDone ? context.nowMs : null);
  return {
    state: { firstDay: state.firstDay, openFrom, openMonth, backfilledAt },
    days: [...days.values()],
    months: months.flatMap(({ periods }) => periods),
  };
}

export async function heldState(
  { documents }: Pick<BookContext, "documents">,
  cluster: ClusterId,
): Promise<CostLedgerState | null> {
  const [held] = await documents.list({ name: costDocuments.state, cluster });
  return (held?.body as CostLedgerState | undefined) ?? null;
}

/** By period, from and to included. */
export async function periodsOf(
  { documents }: Pick<BookContext, "documents">,
  cluster: ClusterId,
  kind: "day" | "month",
  fromKey: string,
  toKey: string,
): Promise<readonly CostPeriod[]> {
  const held = await documents.list({ name: costDocuments[kind], cluster, fromKey, toKey });
  return held.map(({ body }) => body as CostPeriod);
}

const isOver = (day: string, nowMs: number): boolean => nowMs >= dayPeriod(day).toMs + closedAfterMs;
const after = (month: string): string => monthOf(monthPeriod(month).toMs);

/** Begins with the oldest stored samples, with the first tariff, or thirteen months ago: whichever is last. */
async function firstState(
  { fleet, store, nowMs, importing = [] }: BookContext,
  cluster: ClusterId,
  model: CostModel,
): Promise<CostLedgerState | null> {
  // Days are computed once: with half of the history they would be wrong for ever.
  if (importing.includes(cluster)) return null;
  const nodes = fleet.list("node", { gone: true }).filter(({ entity }) => entity.cluster === cluster);
  if (nodes.length === 0) return null;
  const ids = nodes.map(({ entity }) => entity.id);
  const { rows } = await store.trend({ ids, metric: "cpu_ratio", fromMs: nowMs - historyMs, toMs: nowMs });
  const oldest = Math.min(...rows.map(({ firstMs }) => firstMs));
  const tariffMs = tariffAt(model, nowMs - historyMs) === null ? nextTariffChange(model, nowMs - historyMs) : 0;
  const fromMs = Math.max(oldest, tariffMs, nowMs - historyMs);
  if (!Number.isFinite(fromMs) || fromMs > nowMs) return null;
  return { firstDay: dayOf(fromMs), openFrom: dayOf(fromMs), openMonth: monthOf(fromMs), backfilledAt: null };
}

interface DayWork {
  readonly readings: ReadAhead;
  readonly model: CostModel;
  readonly name: string;
  /** No hour after it is computed yet. */
  readonly settledMs: number;
  readonly held: CostPeriod | undefined;
}

interface Carried {
  /** null where nothing changed, or no tariff was in force. */
  readonly day: CostPeriod | null;
  readonly slots: number;
}

/** The day with the hours since it was last looked at. A closed day stays as it is, whatever else has changed. */
async function carryOn(nowMs: number, work: DayWork): Promise<Carried> {
  const { readings, model, name, settledMs, held } = work;
  const { fromMs: beginMs, toMs: endMs } = dayPeriod(name);
  const isLast = isOver(name, nowMs);
  if (held?.state === "closed") return { day: null, slots: 0 };
  // A day has one currency: what comes after a change of it begins with the next.
  const isForeign = held !== undefined && held.currency !== model.currency;
  const stepMs = held === undefined && nowMs - beginMs > hourlyForMs ? quarterMs : hourMs;
  const fromMs = held?.toMs ?? beginMs;
  const toMs = Math.floor((Math.min(endMs, settledMs) - fromMs) / stepMs) * stepMs + fromMs;
  if (isForeign || toMs <= fromMs) {
    const day = held !== undefined && isLast ? { ...held, state: "closed" as const } : null;
    return { day, slots: 0 };
  }
  const { owners, slots } = await readings.read({ fromMs, toMs, stepMs });
  const slice: CostSlice = {
    ...costSlice(model, owners, slots),
    estimated: nowMs - fromMs > lateAfterMs,
  };
  const state = isLast ? "closed" : "running";
  const day = held === undefined ? { ...slice, period: name, state } : appendSlice(held, slice);
  // Without a tariff there is no money to tell of.
  const isEmpty = held === undefined && slice.hours === 0;
  return { day: isEmpty ? null : { ...day, state }, slots: slots.length };
}

interface ClosedMonth {
  readonly month: string;
  readonly periods: readonly { readonly key: string; readonly body: CostPeriod }[];
}

/** Months all of whose days are closed now. */
async function closedMonths(
  context: BookContext,
  cluster: ClusterId,
  { openFrom, openMonth }: CostLedgerState,
  changed: ReadonlyMap<string, CostPeriod>,
): Promise<readonly ClosedMonth[]> {
  const closed: ClosedMonth[] = [];
  for (let month = openMonth; month < openFrom.slice(0, 7); month = after(month)) {
    const days = new Map(
      (await periodsOf(context, cluster, "day", `${month}-01`, `${month}-31`)).map((day) => [day.period, day]),
    );
    for (const [name, day] of changed) if (name.startsWith(month)) days.set(name, day);
    const sorted = [...days.values()].sort((a, b) => (a.period < b.period ? -1 : 1));
    closed.push({ month, periods: monthsByCurrency(month, sorted) });
  }
  return closed;
}

function monthsByCurrency(month: string, days: readonly CostPeriod[]): ClosedMonth["periods"] {
  const currencies = [...new Set(days.map(({ currency }) => currency))];
  return currencies.flatMap((currency) => {
    const [first, ...others] = days.filter((day) => day.currency === currency);
    const key = currencies.length === 1 ? month : `${month}:${currency}`;
    return first === undefined ? [] : [{ key, body: closeMonth(month, [first, ...others]) }];
  });
}
