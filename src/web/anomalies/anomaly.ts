// Anomalies as the page shows them: lanes of a timeline, and words. Pure.
import { formatDuration } from "../format.ts";
import type { GraphUnit } from "../graph/graph-spec.ts";
import { formatValue } from "../graph/units.ts";

export interface AnomalyItem {
  readonly id: string;
  readonly subject: string;
  readonly name: string;
  readonly metric: string;
  readonly unit: string | null;
  readonly reason: "value" | "jump" | "level" | "still" | "restless" | "flat" | "gap" | "shift";
  readonly from_at: string;
  readonly to_at: string;
  readonly duration_seconds: number;
  readonly open: boolean;
  readonly score: number | null;
  readonly peak: number | null;
  readonly expected: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly muted: boolean;
  readonly cause: string | null;
  readonly cause_text: string | null;
  readonly message: string;
  readonly events: readonly {
    readonly at: string;
    readonly text: string;
    readonly state: string;
    readonly user: string | null;
  }[];
}

export interface WatchItem {
  readonly cluster: string;
  readonly watched: number;
  readonly of_half_hours: number;
  readonly waiting: number;
  readonly too_short: number;
  readonly longest_days: number | null;
}

export const reasonWords: Readonly<Record<AnomalyItem["reason"], string>> = {
  value: "value",
  jump: "jump",
  level: "level for a while",
  still: "hardly moves",
  restless: "restless",
  flat: "stands still",
  gap: "not measured",
  shift: "new level",
};

const metricNames: Readonly<Record<string, string>> = {
  cpu_ratio: "CPU",
  mem_used_bytes: "Memory",
  iowait_ratio: "I/O wait",
  psi_cpu_some_percent: "CPU pressure",
  psi_io_full_percent: "I/O pressure",
  psi_memory_full_percent: "Memory pressure",
  net_in_bytes_per_second: "Network in",
  net_out_bytes_per_second: "Network out",
  disk_read_bytes_per_second: "Disk read",
  disk_write_bytes_per_second: "Disk write",
  used_bytes: "Space used",
  duration_seconds: "Answer time",
};

export const metricWords = ({ metric }: Pick<AnomalyItem, "metric">): string => metricNames[metric] ?? metric;

export function valueWords({ unit }: Pick<AnomalyItem, "unit">, value: number | null): string {
  if (value === null) return "—";
  if (unit === "seconds") return `${value.toFixed(2)} s`;
  const known: readonly string[] = ["ratio", "percent", "bytes", "bytes_per_second"];
  return formatValue(known.includes(unit ?? "") ? (unit as GraphUnit) : "number", value);
}

/** "18.0% to 41.0%"; of a level shift what it was before; nothing where nothing is to be expected. */
export function expectedWords(item: AnomalyItem): string {
  if (item.low !== null && item.high !== null) return `${valueWords(item, item.low)} to ${valueWords(item, item.high)}`;
  return item.expected === null ? "—" : valueWords(item, item.expected);
}

export const lengthWords = (item: AnomalyItem): string =>
  item.open ? `for ${formatDuration(item.duration_seconds)} so far` : `for ${formatDuration(item.duration_seconds)}`;

/** How tall a tick is, from 0.3 to 1: by its score, and by half where it is a yes or no. */
export const sizeOf = ({ score }: Pick<AnomalyItem, "score">): number =>
  0.3 + 0.7 * Math.min(1, Math.max(0, score === null ? 0.5 : (score - 0.5) / 0.4));

export interface Tick {
  readonly item: AnomalyItem;
  /** Shares of the timeline's width. */
  readonly left: number;
  readonly width: number;
  readonly size: number;
}

export interface Lane {
  readonly subject: string;
  readonly name: string;
  readonly ticks: readonly Tick[];
  /** What its ticks that are not muted weigh together; lanes are in this order. */
  readonly weight: number;
}

/** A lane per subject, those with most to tell first; muted ticks weigh nothing. */
export function lanesOf(items: readonly AnomalyItem[], fromMs: number, toMs: number): readonly Lane[] {
  const bySubject = new Map<string, AnomalyItem[]>();
  for (const item of items) {
    const lane = bySubject.get(item.subject);
    if (lane === undefined) bySubject.set(item.subject, [item]);
    else lane.push(item);
  }
  const share = (ms: number): number => Math.min(1, Math.max(0, (ms - fromMs) / (toMs - fromMs)));
  return [...bySubject]
    .map(([subject, own]): Lane => {
      const ticks = own.map((item): Tick => {
        const left = share(Date.parse(item.from_at));
        return { item, left, width: share(Date.parse(item.to_at)) - left, size: sizeOf(item) };
      });
      ticks.sort((a, b) => a.left - b.left);
      const weight = ticks.reduce((sum, tick) => sum + (tick.item.muted ? 0 : tick.size), 0);
      return { subject, name: own[0]?.name ?? subject, ticks, weight };
    })
    .sort((a, b) => b.weight - a.weight || b.ticks.length - a.ticks.length || (a.name < b.name ? -1 : 1));
}

/** One sentence on how far the watch is; empty when everything is watched. */
export function watchWords(items: readonly WatchItem[]): string {
  const sum = (of: (item: WatchItem) => number): number => items.reduce((total, item) => total + of(item), 0);
  const [watched, waiting, short] = [sum((w) => w.watched), sum((w) => w.waiting), sum((w) => w.too_short)];
  const longest = Math.max(...items.map(({ longest_days }) => longest_days ?? 0), 0);
  return [
    `${watched} series are watched`,
    ...(waiting > 0 ? [`${waiting} still have to be learned`] : []),
    ...(short > 0 ? [`${short} need 14 days of history (the longest of them has ${longest})`] : []),
  ].join(", ");
}
