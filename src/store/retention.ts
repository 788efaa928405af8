// How long each tier is kept.
import type { Tier } from "../model/store.ts";

export interface Retention {
  readonly rawDays: number;
  readonly fiveMinuteDays: number;
  readonly hourDays: number;
}

export const defaultRetention: Retention = { rawDays: 14, fiveMinuteDays: 90, hourDays: 730 };

const dayMs = 86_400_000;
const hourMs = 3_600_000;

export function daysOf(retention: Retention, tier: Tier): number {
  const days: Readonly<Record<Tier, number>> = {
    raw: retention.rawDays,
    "5m": retention.fiveMinuteDays,
    "1h": retention.hourDays,
  };
  return days[tier];
}

/** What lies before it goes. On the hour, so that no roll-up window is kept in half. */
export const cutOf = (nowMs: number, days: number): number => Math.floor((nowMs - days * dayMs) / hourMs) * hourMs;
