// What is wrong with a cluster or with Pilothouse itself. One list: readiness, page, alerts and `doctor` all read it.
import type { EntityId } from "./ids.ts";

export type Severity = "info" | "warning" | "critical";

export interface Problem {
  /** A stable word for programs, for instance "node_unreachable"; with the subject it names the problem. */
  readonly code: string;
  /** An entity id, "pilothouse" for ourselves, or "sink/NAME". */
  readonly subject: EntityId;
  readonly severity: Severity;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly clearedAt: number | null;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do. */
  readonly remedy: string;
}

export type RaisedProblem = Pick<Problem, "code" | "subject" | "severity" | "message" | "remedy">;

/** Raising the same code and subject again refreshes the text and keeps `since`; clearing what is not raised does nothing. */
export interface ProblemSink {
  raise(problem: RaisedProblem): void;
  clear(code: string, subject: Problem["subject"]): void;
}
