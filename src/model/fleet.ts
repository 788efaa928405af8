// The port to the present: every entity with its latest values, tasks, problems and jobs, and who wants to hear of changes.
import type { HeldFinding } from "./finding.ts";
import type { ClusterId, EntityId, EntityKind } from "./ids.ts";
import type { Entity, Task } from "./inventory.ts";
import type { JobStatus } from "./job.ts";
import type { MetricId } from "./metrics.ts";
import type { Problem } from "./problem.ts";

export interface LiveEntity {
  readonly entity: Entity;
  /** The newest value of each metric; absent ones are missing, never 0. */
  readonly values: Readonly<Record<MetricId, number>>;
  /** When they were measured, by the clock of the node that measured; null before the first sample. */
  readonly valuesAt: number | null;
  /** Seconds between samples, so that a reader can tell fresh from stale (older than three periods). */
  readonly periodS: number;
}

export type FleetChange =
  | { readonly type: "entities"; readonly ids: readonly EntityId[] }
  | { readonly type: "tasks"; readonly upids: readonly string[] }
  | { readonly type: "problems" }
  | { readonly type: "findings" }
  | { readonly type: "analyses" }
  | { readonly type: "jobs"; readonly ids: readonly string[] };

/** A result of analysis that is new: whoever shows it asks for it again. */
export interface Analysed {
  readonly name: string;
  /** null for what is of the whole fleet. */
  readonly cluster: ClusterId | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface FleetView {
  get(id: EntityId): LiveEntity | undefined;
  /** All that exist now; with `gone`, those that are gone too. */
  list(kind: EntityKind, options?: { readonly gone?: boolean }): readonly LiveEntity[];
  /** Newest first. */
  tasks(): readonly Task[];
  /** Open ones first, worst first; then those that cleared in the last day. */
  problems(): readonly Problem[];
  jobs(): readonly JobStatus[];
  /** What analysis concludes now, worst first. */
  findings(): readonly HeldFinding[];
  /** Which results there are, and how old they are; by name and cluster. */
  analyses(): readonly Analysed[];
  /** Called after each change, many entities at a time. Returns the way to stop. */
  subscribe(listener: (change: FleetChange) => void): () => void;
}
