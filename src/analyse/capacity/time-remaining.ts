// The first day on which what is needed passes what is usable: by the upper end of the forecast, and by its mean.
import type { SeriesOutlook, TimeRemaining } from "../../model/capacity.ts";

/** What a day has besides the forecast; scenarios change it from a day on. */
export interface DayTerms {
  readonly usable: number;
  /** Needed besides what the forecast knows: reservations, added guests. */
  readonly extra: number;
  /** The forecast times this. */
  readonly growth: number;
}

/** `termsOn(0)` is today. Days are counted in whole days from now on; null beyond the horizon. */
export function timeRemaining(
  outlook: SeriesOutlook | null,
  termsOn: (day: number) => DayTerms,
  peak: number | null,
): TimeRemaining {
  const today = termsOn(0);
  if (peak !== null && peak * today.growth + today.extra > today.usable) return { state: "over" };
  if (outlook === null) return { state: "none", code: "no_data", reason: "its history is not kept" };
  if (outlook.none !== null) return { state: "none", ...outlook.none };
  return {
    state: "forecast",
    conservativeDays: firstOver(outlook.upper, termsOn),
    meanDays: firstOver(outlook.mean, termsOn),
    horizonDays: outlook.mean.length,
  };
}

function firstOver(values: readonly number[], termsOn: (day: number) => DayTerms): number | null {
  for (const [day, value] of values.entries()) {
    const { usable, extra, growth } = termsOn(day);
    if (value * growth + extra > usable) return day;
  }
  return null;
}

/** The conservative one in seconds, as series have it; null where it is not known or beyond the horizon. */
export function secondsUntilFull(time: TimeRemaining): number | null {
  if (time.state === "over") return 0;
  return time.state === "forecast" && time.conservativeDays !== null ? time.conservativeDays * 86_400 : null;
}

/** "41–60 days", "more than a year", "over now", "needs 14 days, has 3". */
export function timeWords(time: TimeRemaining): string {
  switch (time.state) {
    case "over":
      return "none: more is needed than is usable";
    case "none":
      return time.reason;
    case "forecast": {
      const { conservativeDays: least, meanDays: most, horizonDays } = time;
      if (least === null) return `more than ${horizonDays} days`;
      if (most === null) return `${least} to more than ${horizonDays} days`;
      return least === most ? `${least} days` : `${least}–${most} days`;
    }
  }
}
