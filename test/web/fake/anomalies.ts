// Anomalies of the fake fleet: a week of them, some muted, some that last.
import type { AnomalyItem, WatchItem } from "../../../src/web/anomalies/anomaly.ts";
import type { FleetItem } from "../../../src/web/fleet/item.ts";
import { seeded } from "./random.ts";

const hourMs = 3_600_000;
const reasons = ["jump", "value", "level", "still", "flat", "shift"] as const;

export function fakeAnomalies(items: readonly FleetItem[], nowMs: number): readonly AnomalyItem[] {
  const guests = items.filter(({ kind }) => kind === "guest").slice(0, 30);
  const next = seeded(7);
  return Array.from({ length: 60 }, (_, number): AnomalyItem => {
    const guest = guests[Math.floor(next() ** 2 * guests.length)];
    const from = nowMs - next() * 7 * 24 * hourMs;
    const open = number < 3;
    const to = open ? nowMs : Math.min(nowMs, from + (0.2 + 4 * next()) * hourMs);
    const reason = reasons[Math.floor(next() * reasons.length)] ?? "jump";
    const muted = !open && next() < 0.35;
    const certain = reason === "flat" || reason === "shift";
    const name = guest?.name ?? "";
    return {
      id: `anomaly-${number}`,
      subject: guest?.id ?? "",
      name,
      metric: next() < 0.6 ? "cpu_ratio" : "disk_write_bytes_per_second",
      unit: "ratio",
      reason,
      from_at: new Date(from).toISOString(),
      to_at: new Date(to).toISOString(),
      duration_seconds: (to - from) / 1000,
      open,
      score: certain ? null : 0.5 + 0.4 * next(),
      peak: 0.92,
      expected: reason === "flat" ? null : 0.25,
      low: certain ? null : 0.18,
      high: certain ? null : 0.41,
      muted,
      cause: muted ? "backup" : null,
      cause_text: muted ? "vzdump 104" : null,
      message: `CPU of ${name} jumped to 92.0 %, where 18.0 % to 41.0 % was to be expected; within 10 minutes of it: vzdump 104 (09:56, ok).`,
      events: [{ at: new Date(from).toISOString(), text: "vzdump 104", state: "ok", user: "root@pam" }],
    };
  }).sort((a, b) => (a.from_at < b.from_at ? 1 : -1));
}

export const fakeWatch: readonly WatchItem[] = [
  { cluster: "demo", watched: 702, of_half_hours: 702, waiting: 0, too_short: 18, longest_days: 3 },
];
