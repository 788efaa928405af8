// What analysis concludes of one thing: a sentence, how sure it is, and what it rests on. A finding keeps its id for as
// long as it is the same conclusion of the same thing, so that people can follow, mute and act on it.
import type { ClusterId, EntityId } from "./ids.ts";
import type { MetricId } from "./metrics.ts";
import type { Severity } from "./problem.ts";

/**
 * measured: follows from samples alone · rule: a threshold that experience set · estimate: rests on an assumption that is
 * named · prediction: comes with an interval or a probability whose calibration was checked
 */
export const certainties = ["measured", "rule", "estimate", "prediction"] as const;
export type Certainty = (typeof certainties)[number];

export type FindingValue = string | number | boolean | null;

/** What a finding rests on: a stretch of one series, or numbers that were read elsewhere, with the words for them. */
export interface Evidence {
  /** What is shown, in words: "used, daily maximum". */
  readonly what: string;
  /** The series to look at; null where the numbers come from a fact or the inventory. */
  readonly series: { readonly id: EntityId; readonly metric: MetricId } | null;
  /** The stretch of time that was looked at; null for what only is. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** By name with its unit in it, `slope_bytes_per_day`. */
  readonly numbers: Readonly<Record<string, FindingValue>>;
}

export interface Finding {
  /** Which kind of conclusion, `storage-full`, `anomaly`, `memory-leak`; one list has all of a kind. */
  readonly kind: string;
  readonly cluster: ClusterId;
  /** Whose page shows it, and whose scope decides who may see it. */
  readonly subject: EntityId;
  /** What tells it from others of its kind and subject: a metric, a device; empty for the only one. */
  readonly key: string;
  readonly severity: Severity;
  readonly certainty: Certainty;
  /** One sentence with names and numbers. */
  readonly message: string;
  /** One sentence on what to do; null where there is nothing to do. */
  readonly remedy: string | null;
  readonly evidence: readonly Evidence[];
  /** How the numbers follow from each other, written out. */
  readonly formula: string;
  /** What lists sort and filter by; snake_case with units. */
  readonly fields: Readonly<Record<string, FindingValue>>;
}

/** A finding with its life so far. */
export interface HeldFinding extends Finding {
  /** Kind, subject and key. */
  readonly id: string;
  readonly job: string;
  /** Milliseconds since the epoch. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** When a run first did not come to it any more; null while it holds. */
  readonly resolvedAt: number | null;
}

export const findingId = ({ kind, subject, key }: Pick<Finding, "kind" | "subject" | "key">): string =>
  key === "" ? `${kind}:${subject}` : `${kind}:${subject}:${key}`;

const urgency: readonly Severity[] = ["critical", "warning", "info"];

/** Worst first, then the one that has stood longest. */
export const byUrgency = (a: HeldFinding, b: HeldFinding): number =>
  urgency.indexOf(a.severity) - urgency.indexOf(b.severity) || a.firstSeenAt - b.firstSeenAt || (a.id < b.id ? -1 : 1);

export interface FindingChange {
  readonly id: string;
  readonly at: number;
  readonly change: "opened" | "changed" | "resolved";
  readonly severity: Severity;
  readonly message: string;
}

export interface FindingsQuery {
  readonly kinds?: readonly string[] | undefined;
  readonly subject?: EntityId | undefined;
  /** Those that held at some time from here on; open ones always do. */
  readonly sinceMs?: number | undefined;
  readonly limit: number;
}

export interface FindingLog {
  /** Open ones and past ones, last seen first. */
  list(query: FindingsQuery): Promise<readonly HeldFinding[]>;
  find(id: string): Promise<HeldFinding | undefined>;
  /** The life of one finding, newest first. */
  changes(id: string, limit: number): Promise<readonly FindingChange[]>;
}
