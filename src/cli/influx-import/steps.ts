// How the past is cut into questions: fine where it is kept finely, and never more rows at once than one message holds.

export interface ImportStep {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepS: number;
}

export interface StepsWish {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  readonly rawDays: number;
  readonly fiveMinuteDays: number;
  /** Things that have a row per window. */
  readonly entities: number;
}

const dayMs = 86_400_000;
const mostRows = 40_000;
const longestMs = 7 * dayMs;

/** In order of time; each begins and ends at whole windows. Minutes, then 5 minutes, then hours, the older the wider. */
export function importSteps(wish: StepsWish): ImportStep[] {
  const { fromMs, toMs, nowMs, rawDays, fiveMinuteDays } = wish;
  const steps: ImportStep[] = [];
  let at = floorTo(fromMs, 3_600);
  while (at < toMs) {
    const age = (nowMs - at) / dayMs;
    const stepS = age < rawDays ? 60 : age < fiveMinuteDays ? 300 : 3_600;
    const fits = Math.max(1, Math.floor(mostRows / Math.max(1, wish.entities))) * stepS * 1000;
    const widthMs = Math.max(3_600_000, floorTo(Math.min(fits, longestMs), 3_600));
    steps.push({ fromMs: at, toMs: Math.min(at + widthMs, toMs), stepS });
    at += widthMs;
  }
  return steps;
}

const floorTo = (ms: number, seconds: number): number => Math.floor(ms / (seconds * 1000)) * seconds * 1000;
