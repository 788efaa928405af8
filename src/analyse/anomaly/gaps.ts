// Missing data: stretches in which a series that comes at a steady pace says nothing.
import { gapSteps } from "./constants.ts";
import { type Series, type TooLittle, tooLittle, usualStepMs } from "./series.ts";

export interface Gap {
  /** The last value before it and the first after it (epoch milliseconds). */
  readonly fromMs: number;
  readonly toMs: number;
  /** Rows that should have come. */
  readonly missing: number;
  /** Nothing has come since. */
  readonly open: boolean;
}

/** Oldest first. `untilMs` is the moment up to which values should be there. */
export function findGaps(series: Series, untilMs: number): { state: "ready"; gaps: readonly Gap[] } | TooLittle {
  const stepMs = usualStepMs(series);
  const measured = series.times.filter((_, row) => !Number.isNaN(series.values[row]));
  if (measured.length < 3) return tooLittle("values", 3, measured.length);
  const gaps: Gap[] = [];
  for (let row = 1; row <= measured.length; row++) {
    const fromMs = measured[row - 1] ?? 0;
    const open = row === measured.length;
    const toMs = open ? untilMs : (measured[row] ?? 0);
    if (toMs - fromMs <= gapSteps * stepMs) continue;
    gaps.push({ fromMs, toMs, missing: Math.round((toMs - fromMs) / stepMs) - (open ? 0 : 1), open });
  }
  return { state: "ready", gaps };
}
