// A stretch of one series as rules see it: what was measured, oldest first; what is missing is not there.

export interface Points {
  /** Milliseconds since the epoch, strictly growing. */
  readonly atMs: readonly number[];
  readonly values: readonly number[];
}

export const noPoints: Points = { atMs: [], values: [] };
export const dayMs = 86_400_000;

export function between({ atMs, values }: Points, fromMs: number, toMs: number): Points {
  let first = 0;
  while (first < atMs.length && (atMs[first] ?? 0) < fromMs) first++;
  let end = atMs.length;
  while (end > first && (atMs[end - 1] ?? 0) > toMs) end--;
  return { atMs: atMs.slice(first, end), values: values.slice(first, end) };
}

/** Milliseconds from the first to the last point; 0 with fewer than two. */
export const spanOf = ({ atMs }: Points): number => Math.max(0, (atMs.at(-1) ?? 0) - (atMs[0] ?? 0));

/** The value that held at a moment: that of the newest point up to then. */
export function valueAt({ atMs, values }: Points, moment: number): number | undefined {
  for (let place = atMs.length - 1; place >= 0; place--) if ((atMs[place] ?? 0) <= moment) return values[place];
  return undefined;
}

/** One point per bucket: `pick` chooses among its values; the point stands at the bucket's begin. */
export function bucketed({ atMs, values }: Points, widthMs: number, pick: (a: number, b: number) => number): Points {
  const buckets = new Map<number, number>();
  for (const [place, moment] of atMs.entries()) {
    const begin = Math.floor(moment / widthMs) * widthMs;
    const held = buckets.get(begin);
    const value = values[place] ?? Number.NaN;
    buckets.set(begin, held === undefined ? value : pick(held, value));
  }
  return { atMs: [...buckets.keys()], values: [...buckets.values()] };
}
