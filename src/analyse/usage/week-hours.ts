// Which hours are business hours or planned maintenance, in the zone of the people who work there.
import { type Weekday, type WeekHours, weekdays } from "../../model/analysis-settings.ts";

const stepOfMask = 3_600_000;

/** One entry per step from `fromMs` on: 1 where the middle of the step lies within one of the windows. */
export function weekMask(
  steps: { readonly fromMs: number; readonly count: number; readonly stepMs?: number },
  windows: readonly WeekHours[],
  timeZone: string,
): Uint8Array {
  const { fromMs, count, stepMs = stepOfMask } = steps;
  const mask = new Uint8Array(count);
  if (windows.length === 0) return mask;
  const placeOf = weekPlace(timeZone);
  for (let step = 0; step < count; step++) {
    const place = placeOf(fromMs + (step + 0.5) * stepMs);
    mask[step] = Number(windows.some((window) => isWithin(place, window)));
  }
  return mask;
}

interface WeekPlace {
  readonly day: number;
  readonly minute: number;
}

const dayBefore = (day: number): Weekday | undefined => weekdays[(day + 6) % 7];

export function isWithin({ day, minute }: WeekPlace, { days, fromMinute, toMinute }: WeekHours): boolean {
  const [today, yesterday] = [weekdays[day], dayBefore(day)];
  const startsOn = (name: Weekday | undefined): boolean => name !== undefined && days.includes(name);
  if (fromMinute < toMinute) return startsOn(today) && minute >= fromMinute && minute < toMinute;
  return (startsOn(today) && minute >= fromMinute) || (startsOn(yesterday) && minute < toMinute);
}

/** Day of the week (0: Monday) and minute of the day at a moment, summer time included. */
function weekPlace(timeZone: string): (ms: number) => WeekPlace {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return (ms) => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const day = weekdays.indexOf((parts["weekday"] ?? "").toLowerCase() as Weekday);
    return { day, minute: Number(parts["hour"]) * 60 + Number(parts["minute"]) };
  };
}
