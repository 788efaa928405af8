// What is wrong with a configuration, and where: one line per problem, in the form that editors and terminals can open.
import { ConfigError } from "../lib/errors.ts";

/** Where a value comes from: a place in the file, or the flag or variable that set it. */
export interface Place {
  /** The file's path as the person gave it, a flag (`--port`), or a variable (`PILOTHOUSE_PORT`). */
  readonly source: string;
  /** From 1; null for flags and variables. */
  readonly line: number | null;
  readonly column: number | null;
}

export interface ConfigProblem extends Place {
  /** What is wrong. */
  readonly what: string;
  /** What was expected and what is there, as half a sentence each; empty when `what` says it all. */
  readonly expected: string;
  readonly got: string;
  /** The word that was probably meant; null when none is near. */
  readonly meant: string | null;
}

export function problemAt(
  place: Place,
  what: string,
  more: { readonly expected?: string; readonly got?: string; readonly meant?: string | null } = {},
): ConfigProblem {
  return { ...place, what, expected: more.expected ?? "", got: more.got ?? "", meant: more.meant ?? null };
}

/** `file:line:column: what; expected …, got …; did you mean "…"?` */
export function formatProblem(problem: ConfigProblem): string {
  const expected = [problem.expected, problem.got].filter((part) => part !== "").join(", ");
  const meant = problem.meant === null ? "" : `did you mean "${problem.meant}"?`;
  const sentence = [problem.what, expected, meant].filter((part) => part !== "").join("; ");
  return `${formatPlace(problem)}: ${sentence}`;
}

export function formatPlace({ source, line, column }: Place): string {
  return line === null ? source : `${source}:${line}:${column ?? 1}`;
}

/** All that is wrong, one line each, in the order of the file. */
export class ConfigProblemsError extends ConfigError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const sorted = [...problems].sort(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || a.what.localeCompare(b.what),
    );
    super(sorted.map(formatProblem).join("\n"));
    this.problems = sorted;
  }
}
