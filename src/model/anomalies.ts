// What the anomaly watch leaves behind: stretches in which a series was unusual, by the day they began, and how far the
// watch is.
import type { EntityId } from "./ids.ts";
import type { MetricId } from "./metrics.ts";

/**
 * value: a single row · jump: the newest movement · level: the mean of many rows · still, restless: how lively the series
 * is · flat: exactly the same value · gap: nothing was measured while its node answered · shift: days on a new level
 */
export const anomalyReasons = ["value", "jump", "level", "still", "restless", "flat", "gap", "shift"] as const;
export type AnomalyReason = (typeof anomalyReasons)[number];

/** Why an anomaly raises nothing. slight: too small to matter to anybody, whatever the statistics say. */
export const anomalyCauses = ["backup", "migration", "restore", "snapshot", "power", "maintenance", "slight"] as const;
export type AnomalyCause = (typeof anomalyCauses)[number];

export interface CauseRecord {
  readonly cause: AnomalyCause;
  /** One line for people. */
  readonly text: string;
  /** When it began, and up to when it explains what goes on; null for as long as it lasts. */
  readonly atMs: number | null;
  readonly untilMs: number | null;
}

/** Something that happened within ten minutes. */
export interface NearEvent {
  readonly atMs: number;
  readonly endedAtMs: number | null;
  readonly topic: string;
  readonly type: string;
  readonly subject: EntityId;
  readonly user: string | null;
  readonly state: string;
  readonly text: string;
}

export interface AnomalyRecord {
  /** Subject, metric, sort of reason and begin. */
  readonly id: string;
  readonly subject: EntityId;
  /** What the subject was called then. */
  readonly name: string;
  readonly metric: MetricId;
  readonly reason: AnomalyReason;
  /** Width of the rows that were judged, in seconds. */
  readonly stepS: number;
  /** Where the unusual rows begin, and when that was sure (milliseconds since the epoch). */
  readonly fromMs: number;
  readonly noticedMs: number;
  /** End of the last unusual row; of one that is open, so far. */
  readonly toMs: number;
  readonly open: boolean;
  /** From 0.5 to 1; null for flat lines, gaps and shifts, which are yes or no. */
  readonly score: number | null;
  /** The row furthest from what was to be expected, in the unit of the metric; null for gaps. */
  readonly peak: { readonly atMs: number; readonly value: number } | null;
  /** What was to be expected there; null for flat lines and gaps. For a shift the level before. */
  readonly expected: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Set when it is muted. */
  readonly cause: CauseRecord | null;
  readonly events: readonly NearEvent[];
  /** One sentence: series, window, value, expected range, what happened within ten minutes. */
  readonly message: string;
}

/** Document `anomaly-day` of a cluster; its key is the UTC day on which its anomalies began. */
export interface AnomalyDayDocument {
  readonly anomalies: readonly AnomalyRecord[];
}
export const anomalyDayName = "anomaly-day";

/** Document `anomaly-watch` of a cluster: how far the watch is. */
export interface AnomalyWatchDocument {
  /** Rows up to here have been judged, of every series that is watched. */
  readonly watchedToMs: number;
  /** Series that are watched row by row, on 5-minute rows and on half-hour rows. */
  readonly watched: number;
  readonly ofHalfHours: number;
  /** Series whose past is not learned yet. */
  readonly waiting: number;
  /** Series with less than two weeks of history, and the longest that one of them has, in days. */
  readonly tooShort: number;
  readonly longestDays: number | null;
}
export const anomalyWatchName = "anomaly-watch";

/** Document `anomaly-series` of a cluster: which series were watched, so that a restart reports nothing twice. */
export interface AnomalySeriesDocument {
  /** By metric, in the order of their ids. */
  readonly series: Readonly<Record<MetricId, readonly EntityId[]>>;
}
export const anomalySeriesName = "anomaly-series";

/** The UTC day of a moment, YYYY-MM-DD. */
export const dayKey = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
