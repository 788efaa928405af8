// Which events belong to an anomaly.
import type { NewEvent } from "../../model/event.ts";
import { nearMs } from "./constants.ts";

/** Those that ran or happened from ten minutes before its first row to ten minutes after it was noticed; nearest first. */
export function eventsNear<E extends NewEvent>(
  { fromMs, atMs }: { readonly fromMs: number; readonly atMs: number },
  events: readonly E[],
): readonly E[] {
  return events
    .filter((event) => event.at <= atMs + nearMs && endOf(event) >= fromMs - nearMs)
    .sort((a, b) => Math.abs(a.at - atMs) - Math.abs(b.at - atMs));
}

/** Infinity while it runs. */
export function endOf({ at, endedAt, state }: NewEvent): number {
  return endedAt ?? (state === "running" ? Number.POSITIVE_INFINITY : at);
}
