// Which series are watched, what they are called in a sentence, and from which difference on anybody cares.
import { preciseBytes } from "../../model/byte-words.ts";
import type { EntityKind } from "../../model/ids.ts";
import { findMetric, type MetricId, type Unit } from "../../model/metrics.ts";

export interface WatchedMetric {
  readonly kind: EntityKind;
  readonly metric: MetricId;
  readonly words: string;
  /** An anomaly that differs by less from what was to be expected is kept, muted as slight; in the unit of the metric. */
  readonly least: number;
  /** As `least`, as a share of what was to be expected: a gibibyte is nothing to a storage of terabytes. */
  readonly leastShare: number;
}

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

/** What a full storage is told by is how fast it grows (see forecasts); a hundredth of it more or less is not news. */
const leastShares: Readonly<Partial<Record<EntityKind, number>>> = { storage: 0.02, node: 0.02 };

/** The first of a kind is the one that missing data is told by. */
const lines: readonly (readonly [kind: EntityKind, metric: MetricId, words: string, least: number])[] = [
  ["node", "cpu_ratio", "CPU", 0.05],
  ["node", "mem_used_bytes", "memory", gibibyte],
  ["node", "iowait_ratio", "I/O wait", 0.02],
  ["node", "psi_cpu_some_percent", "CPU pressure", 5],
  ["node", "psi_io_full_percent", "I/O pressure", 5],
  ["node", "psi_memory_full_percent", "memory pressure", 5],
  ["node", "net_in_bytes_per_second", "network in", mebibyte],
  ["node", "net_out_bytes_per_second", "network out", mebibyte],
  ["storage", "used_bytes", "space used", gibibyte],
  ["target", "duration_seconds", "answer time", 0.5],
  ["guest", "cpu_ratio", "CPU", 0.05],
  ["guest", "mem_used_bytes", "memory", 64 * mebibyte],
  ["guest", "net_in_bytes_per_second", "network in", 0.1 * mebibyte],
  ["guest", "net_out_bytes_per_second", "network out", 0.1 * mebibyte],
  ["guest", "disk_read_bytes_per_second", "disk read", 0.1 * mebibyte],
  ["guest", "disk_write_bytes_per_second", "disk write", 0.1 * mebibyte],
];

export const watchedMetrics: readonly WatchedMetric[] = lines.map(([kind, metric, words, least]) => ({
  kind,
  metric,
  words,
  least,
  leastShare: findMetric(kind, metric)?.unit === "bytes" ? (leastShares[kind] ?? 0) : 0,
}));

/** The difference from which on an anomaly is told, in the unit of the metric. */
export const leastTold = ({ least, leastShare }: WatchedMetric, expected: number | null): number =>
  Math.max(least, leastShare * Math.abs(expected ?? 0));

export const watchedMetric = (kind: EntityKind, metric: MetricId): WatchedMetric | undefined =>
  watchedMetrics.find((each) => each.kind === kind && each.metric === metric);

/** What a kind's missing data is told by. */
export const pulseOf = (kind: EntityKind): WatchedMetric | undefined =>
  watchedMetrics.find((each) => each.kind === kind);

/** A value of a metric with its unit: `41.5 %`, `3.2 GiB`, `1.1 MiB/s`. */
export function formatValue({ kind, metric }: Pick<WatchedMetric, "kind" | "metric">, value: number): string {
  const unit = findMetric(kind, metric)?.unit ?? "count";
  return formatters[unit]?.(value) ?? Number(value.toPrecision(3)).toString();
}

const formatters: Partial<Record<Unit, (value: number) => string>> = {
  ratio: (value) => `${(value * 100).toFixed(1)} %`,
  percent: (value) => `${value.toFixed(1)} %`,
  bytes: preciseBytes,
  bytes_per_second: (value) => `${preciseBytes(value)}/s`,
  seconds: (value) => `${value.toFixed(2)} s`,
};
