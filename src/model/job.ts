// Work that Pilothouse does by itself: what it is, when it last ran, how it ended, how far it is.

export interface JobStatus {
  /** For instance "rollup", "import/demo". */
  readonly id: string;
  readonly summary: string;
  /** A cron expression, or null for work that runs once. */
  readonly schedule: string | null;
  readonly state: "idle" | "running" | "waiting" | "done" | "failed";
  /** Milliseconds since the epoch. */
  readonly lastStartedAt: number | null;
  readonly lastDurationMs: number | null;
  /** One sentence on the last result or error. */
  readonly lastResult: string | null;
  /** done of total, while that can be said. */
  readonly progress: { readonly done: number; readonly total: number } | null;
}
