// What costs come to, in one sentence.
import type { CostList } from "../../model/cost-answer.ts";
import { formatRatio } from "../format.ts";
import { formatMoney } from "./money.ts";

const monthName = (month: string): string =>
  new Date(`${month}-01T00:00:00Z`).toLocaleString("en-GB", { month: "long", timeZone: "UTC" });

export function costSentence({ outlook, currency, digits, rows }: CostList): string {
  if (outlook === null) {
    return rows.length === 0 ? "Nothing has been computed for this time yet." : "What your guests cost in this time.";
  }
  const money = (amount: number): string => formatMoney(amount, currency, digits);
  const so = `${monthName(outlook.month)} has cost ${money(outlook.month_to_date)} so far`;
  const will = outlook.forecast === null ? "" : ` and will come to about ${money(outlook.forecast)}`;
  const idle =
    outlook.idle_share === null ? "" : `; ${formatRatio(outlook.idle_share)} of it is for capacity that is idle`;
  return `${so}${will}${idle}.`;
}
