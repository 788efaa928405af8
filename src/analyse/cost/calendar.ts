// UTC days and months as the ledger names them: `2026-11-24`, `2026-11`.

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const monthOf = (ms: number): string => new Date(ms).toISOString().slice(0, 7);

export interface Period {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export function dayPeriod(name: string): Period {
  const fromMs = Date.parse(`${name}T00:00:00Z`);
  return { name, fromMs, toMs: fromMs + dayMs };
}

export function monthPeriod(name: string): Period {
  const fromMs = Date.parse(`${name}-01T00:00:00Z`);
  const begin = new Date(fromMs);
  return { name, fromMs, toMs: Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + 1, 1) };
}

/** Real hours of the month that a moment lies in: 672 to 744. */
export function hoursOfMonth(ms: number): number {
  const { fromMs, toMs } = monthPeriod(monthOf(ms));
  return (toMs - fromMs) / hourMs;
}

/** The days that touch a stretch of time, oldest first. */
export function daysBetween(fromMs: number, toMs: number): string[] {
  const days: string[] = [];
  for (let at = Math.floor(fromMs / dayMs) * dayMs; at < toMs; at += dayMs) days.push(dayOf(at));
  return days;
}
