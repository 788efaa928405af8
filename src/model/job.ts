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
  /** Set where somebody may ask for a run now. */
  readonly onDemand?: true;
  /** null while it cannot be said. */
  readonly progress: JobProgress | null;
}

export interface JobProgress {
  readonly done: number;
  readonly total: number;
  /** Sent to Proxmox VE for it, in this run. */
  readonly requests?: number;
  /** Estimate of the time that it still takes; null when nobody can say. */
  readonly remainingMs?: number | null;
}
