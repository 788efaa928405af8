// What is wrong with a sink, in words: raised where it is noticed, cleared when it is over.
import type { RaisedProblem } from "../../model/problem.ts";
import type { TellEvent } from "../store-events.ts";
import type { LaneTrouble } from "./lane-trouble.ts";

/** A sink that comes back sooner is not worth a line. */
const failingMs = 30_000;

export class SinkProblems {
  readonly #name: string;
  readonly #tell: TellEvent;
  readonly #raised = new Set<string>();

  constructor(name: string, tell: TellEvent) {
    this.#name = name;
    this.#tell = tell;
  }

  /** Looks at the lanes after each of their attempts. */
  look(lanes: readonly LaneTrouble[], pending: number, nowMs: number): void {
    const held = lanes.find((lane) => lane.isHeld);
    if (held === undefined) this.clear("sink_held");
    else this.#held(held.reason ?? "", pending);
    const failing = lanes.find((lane) => lane.isFailing && !lane.isHeld && nowMs - lane.since >= failingMs);
    if (failing !== undefined) this.#failing(failing.reason ?? "", pending);
    else if (!lanes.some((lane) => lane.isFailing)) this.clear("sink_failing");
  }

  dropped(batches: number, ever: number): void {
    this.raise(
      "sink_dropped",
      "warning",
      `The journal had to let go of ${batches} batches before ${this.#name} took them (${ever} ever).`,
      "Give the journal more room (store.journal_max_size), or see why the sink does not take its batches.",
    );
  }

  rejected(rows: number, path: string, reason: string): void {
    this.raise(
      "sink_rejected_rows",
      "warning",
      `${this.#name} can never take ${rows} rows: ${sentence(reason)}`,
      `The rows are kept in ${path}.`,
    );
  }

  lost(batchId: string, ever: number): void {
    this.raise(
      "sink_lost_rows",
      "critical",
      `${this.#name} acknowledged batch ${batchId} and does not have it; it is being sent again (${ever} ever).`,
      "Check the retention, the disk and the log of that server: what it acknowledges must stay.",
    );
  }

  unsaved(reason: string): void {
    this.raise(
      "sink_cursor_not_saved",
      "warning",
      `What ${this.#name} has cannot be written down: ${sentence(reason)}`,
      "Free space in the data directory; until then the journal is kept, and a restart repeats some batches.",
    );
  }

  raise(code: string, severity: RaisedProblem["severity"], message: string, remedy: string): void {
    this.#raised.add(code);
    this.#tell({ event: "raise", problem: { code, subject: `sink/${this.#name}`, severity, message, remedy } });
  }

  clear(code: string): void {
    if (!this.#raised.delete(code)) return;
    this.#tell({ event: "clear", code, subject: `sink/${this.#name}` });
  }

  #held(reason: string, pending: number): void {
    const waiting = `Nothing is dropped; ${pending} batches wait.`;
    const remedy = "Mend what it names (token, rights, bucket); Pilothouse looks again every minute.";
    this.raise("sink_held", "critical", `${this.#name} refuses our batches: ${sentence(reason)} ${waiting}`, remedy);
  }

  #failing(reason: string, pending: number): void {
    const message = `${this.#name} does not take our batches: ${sentence(reason)} ${pending} of them wait in the journal.`;
    this.raise(
      "sink_failing",
      "warning",
      message,
      "See whether the server runs and can be reached; delivery goes on by itself.",
    );
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
