// How far work on history is, as a job that people see.
import type { Clock } from "../lib/clock.ts";
import type { JobStatus } from "../model/job.ts";
import type { RrdProgress, RrdResult } from "./rrd-run.ts";

export interface HistoryJobPlan {
  readonly id: string;
  readonly summary: string;
  /** Histories in all, and how many an earlier start has done already. */
  readonly total: number;
  readonly before: number;
}

/** A thousand steps need not be a thousand messages to every open page. */
const tellEveryMs = 500;

export class HistoryJob {
  readonly #clock: Clock;
  readonly #report: (job: JobStatus) => void;
  readonly #plan: HistoryJobPlan;
  readonly #startedAt: number;
  readonly #begun: number;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly clock: Clock; readonly report: (job: JobStatus) => void }, plan: HistoryJobPlan) {
    this.#clock = options.clock;
    this.#report = options.report;
    this.#plan = plan;
    this.#startedAt = options.clock.now();
    this.#begun = options.clock.monotonic();
  }

  running({ done, requests, remainingMs, isHeld }: RrdProgress): void {
    const now = this.#clock.monotonic();
    if (now - this.#toldAt < tellEveryMs) return;
    this.#toldAt = now;
    this.#tell(isHeld ? "waiting" : "running", this.#plan.before + done, {
      lastDurationMs: null,
      lastResult: isHeld ? "Waits, because the cluster answers slowly." : null,
      requests,
      remainingMs: Math.round(remainingMs),
    });
  }

  ended({ done, failed, requests, rows }: RrdResult): void {
    const { before, total } = this.#plan;
    const left = failed === 0 ? "" : `; ${failed} could not be read and are tried again in ten minutes`;
    this.#tell(failed === 0 ? "done" : "failed", failed === 0 ? total : before + done, {
      lastDurationMs: Math.round(this.#clock.monotonic() - this.#begun),
      lastResult: `${total - failed} of ${total} histories are read, ${rows} points with ${requests} requests${left}.`,
      requests,
      remainingMs: failed === 0 ? 0 : null,
    });
  }

  #tell(
    state: JobStatus["state"],
    done: number,
    {
      lastDurationMs,
      lastResult,
      requests,
      remainingMs,
    }: Pick<JobStatus, "lastDurationMs" | "lastResult"> & { requests: number; remainingMs: number | null },
  ): void {
    const { id, summary, total } = this.#plan;
    this.#report({
      id,
      summary,
      schedule: null,
      state,
      lastStartedAt: this.#startedAt,
      lastDurationMs,
      lastResult,
      progress: { done, total, requests, remainingMs },
    });
  }
}
