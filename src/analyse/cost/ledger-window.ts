// What the ledger has of a window: closed months as a whole where they lie in it, days for the rest.
import type { CostPeriod } from "../../model/cost-ledger.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";
import { periodsOf } from "./bookkeeping.ts";
import { dayOf, dayPeriod, monthOf, monthPeriod } from "./calendar.ts";
import type { DayWindow } from "./cost-window.ts";

/** In the order of time; of one currency or several. */
export async function readLedger(
  context: Pick<AnalysisContext, "documents">,
  cluster: ClusterId,
  { from, to }: DayWindow,
): Promise<readonly CostPeriod[]> {
  const inside = (month: string): boolean => {
    const { fromMs, toMs } = monthPeriod(month.slice(0, 7));
    return fromMs >= dayPeriod(from).fromMs && toMs <= dayPeriod(to).toMs;
  };
  // "~" comes after every key of the month, also after that of a second currency.
  const held = await periodsOf(context, cluster, "month", from.slice(0, 7), `${to.slice(0, 7)}~`);
  const months = held.filter(({ period }) => inside(period));
  const closed = new Set(months.map(({ period }) => period));
  const days: CostPeriod[] = [];
  for (const stretch of stretchesWithout(closed, { from, to })) {
    days.push(...(await periodsOf(context, cluster, "day", stretch.from, stretch.to)));
  }
  return [...months, ...days].sort((a, b) => a.fromMs - b.fromMs);
}

/** The window without the months that were read as a whole. */
function stretchesWithout(months: ReadonlySet<string>, { from, to }: DayWindow): readonly DayWindow[] {
  const stretches: DayWindow[] = [];
  let begin: string | null = null;
  for (let at = from; at <= to; at = dayOf(monthPeriod(monthOf(dayPeriod(at).fromMs)).toMs)) {
    const isWhole = months.has(at.slice(0, 7));
    if (!isWhole) begin ??= at;
    else if (begin !== null) {
      stretches.push({ from: begin, to: dayOf(dayPeriod(at).fromMs - 1) });
      begin = null;
    }
  }
  return begin === null ? stretches : [...stretches, { from: begin, to }];
}
