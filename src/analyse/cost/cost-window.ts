// The days that are asked for: by name, by month, or from one day to another.
import { InputError } from "../../lib/errors.ts";
import { dayMs, dayOf, dayPeriod, monthOf, monthPeriod, type Period } from "./calendar.ts";

export interface DayWindow {
  /** First and last day, both included. */
  readonly from: string;
  readonly to: string;
}

const mostDays = 1100;

/** `today`, `yesterday`, `month`, `lastmonth`, `7d`, `2026-10`, `2026-10-03,2026-10-09`; throws an InputError. */
export function windowOf(text: string, nowMs: number): DayWindow {
  const today = dayOf(nowMs);
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? [];
  const [, from = "", to = ""] = /^(\d{4}-\d\d-\d\d),(\d{4}-\d\d-\d\d)$/.exec(text) ?? [];
  if (text === "today") return { from: today, to: today };
  if (text === "yesterday") return { from: dayOf(nowMs - dayMs), to: dayOf(nowMs - dayMs) };
  if (text === "month") return { from: `${monthOf(nowMs)}-01`, to: today };
  if (text === "lastmonth") return daysOf(monthPeriod(monthOf(monthPeriod(monthOf(nowMs)).fromMs - 1)));
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return daysOf(monthPeriod(text));
  if (days !== undefined && Number(days) > 0 && Number(days) <= mostDays) {
    return { from: dayOf(nowMs - (Number(days) - 1) * dayMs), to: today };
  }
  if (isDay(from) && isDay(to) && from <= to && lengthOf(from, to) <= mostDays) return { from, to };
  const message = `expected today, yesterday, month, lastmonth, days as 7d, a month as 2026-10, or two days as 2026-10-01,2026-10-31 (at most ${mostDays} days)`;
  throw new InputError(`window: ${message}`, [{ pointer: "/window", message }]);
}

const daysOf = ({ fromMs, toMs }: Period): DayWindow => ({ from: dayOf(fromMs), to: dayOf(toMs - 1) });
const lengthOf = (from: string, to: string): number => (dayPeriod(to).toMs - dayPeriod(from).fromMs) / dayMs;

function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return text !== "" && !Number.isNaN(ms) && dayOf(ms) === text;
}
