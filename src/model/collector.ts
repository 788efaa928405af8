// What the collector tells the rest: descriptions when they change, tasks, problems, progress. Numbers go as batches.
import type { NewEvent } from "./event.ts";
import type { FactReading } from "./facts.ts";
import type { ClusterId } from "./ids.ts";
import type { Entity, Task } from "./inventory.ts";
import type { JobStatus } from "./job.ts";
import type { Problem, RaisedProblem } from "./problem.ts";

export type CollectorEvent =
  /** New, changed and gone descriptions. */
  | { readonly type: "inventory"; readonly cluster: ClusterId; readonly changed: readonly Entity[] }
  /** Running and lately finished tasks; only those that are new or in another state. */
  | { readonly type: "tasks"; readonly cluster: ClusterId; readonly tasks: readonly Task[] }
  | { readonly type: "problem"; readonly problem: RaisedProblem }
  | { readonly type: "problem-cleared"; readonly code: string; readonly subject: Problem["subject"] }
  | { readonly type: "job"; readonly job: JobStatus }
  | { readonly type: "facts"; readonly readings: readonly FactReading[] }
  | { readonly type: "log"; readonly events: readonly NewEvent[] }
  | { readonly type: "cost"; readonly cost: CollectorCost };

/** What collecting has cost since the start, per cluster; the numbers behind /metrics. */
export interface CollectorCost {
  readonly cluster: ClusterId;
  readonly requests: number;
  readonly failedRequests: number;
  readonly receivedBytes: number;
  readonly polls: number;
  readonly skippedPolls: number;
  readonly rows: number;
  /** The load on the cluster by our own count. */
  readonly budget: RequestLoad;
  /** The poll period kept now; longer than usual while the cluster answers slowly. */
  readonly periodS: number;
  /** Values dropped, by reason: not a number, out of range, duplicate, suspect rate, … */
  readonly droppedValues: Readonly<Record<string, number>>;
}

/** Requests by who waits for them, and the most at the same time and within one second, since the start. */
export interface RequestLoad {
  readonly byPriority: Readonly<
    Record<
      "interactive" | "poll" | "background",
      { readonly requests: number; readonly waitedMs: number; readonly longestWaitMs: number }
    >
  >;
  readonly peakInFlight: number;
  readonly peakInFlightPerNode: number;
  readonly peakPerSecond: number;
}
