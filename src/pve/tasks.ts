// Follows what PVE does in the background to its end, and tells good ends from bad ones.
import type { Clock } from "../lib/clock.ts";
import type { PveReader } from "./calls/call-options.ts";
import { type TaskLogLine, taskLog, taskStatus } from "./calls/task.ts";
import { PveCancelledError, PveRefusedError, PveUnreachableError } from "./errors.ts";

export type TaskOutcome =
  | { readonly state: "ok" }
  /** A success with warnings in the log. */
  | { readonly state: "warning"; readonly warnings: number }
  /** `text` is PVE's own. */
  | { readonly state: "failed"; readonly text: string }
  /** Its node cannot be asked, or knows nothing of the task (any more): it may have succeeded. */
  | { readonly state: "unknown"; readonly text: string };

export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Hears of each line of the log once. */
  readonly onLog?: (lines: readonly TaskLogLine[]) => void;
}

/** PveCluster. */
export type TaskSource = PveReader & { readonly clock: Clock };

const firstPauseMs = 1_000;
const longestPauseMs = 5_000;
/** A node that was reset is back, or fenced, within that time; then its task is no longer running either. */
const patienceMs = 180_000;

/** What an exit status means. PVE writes OK, WARNINGS: n, or the error. */
export function outcomeOf(exitStatus: string | undefined): TaskOutcome {
  if (exitStatus === undefined || exitStatus === "") return { state: "unknown", text: "PVE gave no exit status" };
  if (exitStatus === "OK") return { state: "ok" };
  const warnings = /^WARNINGS: (\d+)$/.exec(exitStatus)?.[1];
  return warnings === undefined
    ? { state: "failed", text: exitStatus }
    : { state: "warning", warnings: Number(warnings) };
}

/** The state of a listed task: `running` while it has no end. */
export function taskState(task: {
  readonly endTimeS: number | undefined;
  readonly exitStatus: string | undefined;
}): TaskOutcome["state"] | "running" {
  if (task.endTimeS === undefined && task.exitStatus === undefined) return "running";
  return outcomeOf(task.exitStatus).state;
}

/**
 * Resolves when the task has ended, or when its node could not be asked for three minutes: then the outcome is unknown,
 * which is not failed. Throws a PveCancelledError when `signal` aborts, and what asking throws otherwise.
 */
export async function followTask(pve: TaskSource, upid: string, options: FollowOptions = {}): Promise<TaskOutcome> {
  const log = new LogCursor(pve, upid, options);
  let pauseMs = firstPauseMs;
  let answeredAt = pve.clock.monotonic();
  for (;;) {
    const seen = await stateOf(pve, upid, options.signal);
    if (seen.asked) answeredAt = pve.clock.monotonic();
    if (seen.asked) await log.read();
    if (seen.asked && seen.outcome !== null) return seen.outcome;
    if (!seen.asked && pve.clock.monotonic() - answeredAt > patienceMs) return { state: "unknown", text: seen.text };
    await pve.clock.sleep(pauseMs, options.signal);
    if (options.signal?.aborted === true) {
      throw new PveCancelledError(`Task ${upid} is no longer followed; it goes on.`, { endpoint: "" });
    }
    pauseMs = Math.min(pauseMs * 1.5, longestPauseMs);
  }
}

type Seen =
  | { readonly asked: true; readonly outcome: TaskOutcome | null }
  | { readonly asked: false; readonly text: string };

async function stateOf(pve: PveReader, upid: string, signal: AbortSignal | undefined): Promise<Seen> {
  try {
    const { data } = await taskStatus(pve, upid, {
      priority: "interactive",
      ...(signal === undefined ? {} : { signal }),
    });
    return { asked: true, outcome: data.running ? null : outcomeOf(data.exitStatus) };
  } catch (error) {
    if (error instanceof PveUnreachableError) return { asked: false, text: error.message };
    if (!(error instanceof PveRefusedError && error.isMissing)) throw error;
    return { asked: true, outcome: { state: "unknown", text: error.text } };
  }
}

class LogCursor {
  readonly #pve: PveReader;
  readonly #upid: string;
  readonly #options: FollowOptions;
  #lines = 0;

  constructor(pve: PveReader, upid: string, options: FollowOptions) {
    this.#pve = pve;
    this.#upid = upid;
    this.#options = options;
  }

  async read(): Promise<void> {
    const { onLog, signal } = this.#options;
    if (onLog === undefined) return;
    const call = { priority: "interactive", ...(signal === undefined ? {} : { signal }) } as const;
    try {
      const { data } = await taskLog(this.#pve, this.#upid, { start: this.#lines }, call);
      // PVE answers an empty log with one line that says so.
      const fresh = data.rows.filter(({ line, text }) => line > this.#lines && !(line === 1 && text === "no content"));
      this.#lines = Math.max(this.#lines, ...fresh.map(({ line }) => line));
      if (fresh.length > 0) onLog(fresh);
    } catch (error) {
      // The log is a comfort: what counts is the state, which is asked again.
      if (!(error instanceof PveUnreachableError || error instanceof PveRefusedError)) throw error;
    }
  }
}
