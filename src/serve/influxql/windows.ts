// The windows that GROUP BY time cuts a range into. Pure.
import { InputError, LimitError } from "../../lib/errors.ts";
import type { Select, TimeRange } from "./query.ts";

export interface Windows {
  readonly fromMs: number;
  readonly toMs: number;
  /** null: the whole range is one window. */
  readonly widthMs: number | null;
  /** Begin of the first, which may lie before the range. */
  readonly firstMs: number;
  readonly count: number;
}

export interface RangeLimits {
  readonly nowMs: number;
  readonly mostWindows: number;
  /** null: no limit. */
  readonly maxRangeMs: number | null;
}

/** Throws an InputError or a LimitError. */
export function windowsOf(select: Select, time: TimeRange, limits: RangeLimits): Windows {
  const { fromMs } = time;
  const toMs = time.toMs ?? limits.nowMs + 1;
  if (fromMs === null) throw new InputError("A SELECT needs a lower bound of time here, such as time > now() - 1h.");
  if (!(fromMs < toMs)) throw new InputError("The range of time is empty: its begin must lie before its end.");
  if (limits.maxRangeMs !== null && toMs - fromMs > limits.maxRangeMs)
    throw new LimitError(`This store answers ranges up to ${limits.maxRangeMs / 86_400_000} days.`);
  const { groupByMs: widthMs, offsetMs } = select;
  if (widthMs === null) return { fromMs, toMs, widthMs, firstMs: fromMs, count: 1 };
  const firstMs = Math.floor((fromMs - offsetMs) / widthMs) * widthMs + offsetMs;
  const count = Math.ceil((toMs - firstMs) / widthMs);
  if (count > limits.mostWindows)
    throw new LimitError(
      `A query has at most ${limits.mostWindows} windows of time, this one ${count}; ask for a wider interval.`,
    );
  return { fromMs, toMs, widthMs, firstMs, count };
}

/** Bounds of a query and of its subquery together; an open bound is the other's. */
export function jointRange(a: TimeRange, b: TimeRange): TimeRange {
  const from = [a.fromMs, b.fromMs].filter((ms) => ms !== null);
  const to = [a.toMs, b.toMs].filter((ms) => ms !== null);
  return {
    fromMs: from.length === 0 ? null : Math.max(...from),
    toMs: to.length === 0 ? null : Math.min(...to),
  };
}

export const beginOfWindow = ({ firstMs, widthMs }: Windows, index: number): number => firstMs + index * (widthMs ?? 0);

/** Of points in order of time: where each window's begin and end in their list. */
export function boundsOfWindows(windows: Windows, timeMs: readonly number[]): readonly (readonly [number, number])[] {
  const bounds: (readonly [number, number])[] = [];
  let at = 0;
  for (let index = 0; index < windows.count; index++) {
    const end = index === windows.count - 1 ? Number.POSITIVE_INFINITY : beginOfWindow(windows, index + 1);
    const from = at;
    while (at < timeMs.length && (timeMs[at] ?? 0) < end) at++;
    bounds.push([from, at]);
  }
  return bounds;
}
