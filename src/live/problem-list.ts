// The list of what is wrong now, and of what cleared in the last day.
import type { Clock } from "../lib/clock.ts";
import type { Problem, ProblemSink, RaisedProblem, Severity } from "../model/problem.ts";

const keepClearedMs = 24 * 3_600_000;
/** Bounds memory when something flaps all day. */
const keepClearedCount = 200;
const rank: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

export class ProblemList implements ProblemSink {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #open = new Map<string, Problem>();
  #cleared: Problem[] = [];

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  raise(raised: RaisedProblem): void {
    const key = keyOf(raised.code, raised.subject);
    const known = this.#open.get(key);
    if (known !== undefined && sameText(known, raised)) return;
    this.#open.set(key, { ...raised, since: known?.since ?? this.#clock.now(), clearedAt: null });
    this.#changed();
  }

  clear(code: string, subject: Problem["subject"]): void {
    const key = keyOf(code, subject);
    const known = this.#open.get(key);
    if (known === undefined) return;
    this.#open.delete(key);
    this.#cleared = [{ ...known, clearedAt: this.#clock.now() }, ...this.#cleared].slice(0, keepClearedCount);
    this.#changed();
  }

  /** Everything whose subject begins so is over, and is not kept among the cleared either. */
  forget(subjectPrefix: string): void {
    for (const [key, { subject }] of this.#open) if (subject.startsWith(subjectPrefix)) this.#open.delete(key);
    this.#cleared = this.#cleared.filter(({ subject }) => !subject.startsWith(subjectPrefix));
    this.#changed();
  }

  /** Open ones first, worst and oldest first; then those cleared in the last day, latest first. */
  list(): readonly Problem[] {
    const open = [...this.#open.values()].sort((a, b) => rank[a.severity] - rank[b.severity] || a.since - b.since);
    const oldest = this.#clock.now() - keepClearedMs;
    this.#cleared = this.#cleared.filter((problem) => (problem.clearedAt ?? 0) > oldest);
    return [...open, ...this.#cleared];
  }
}

const keyOf = (code: string, subject: string): string => `${code} ${subject}`;

function sameText(known: Problem, raised: RaisedProblem): boolean {
  return known.message === raised.message && known.severity === raised.severity && known.remedy === raised.remedy;
}
