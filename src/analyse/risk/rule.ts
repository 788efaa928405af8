// One kind of failure that is looked for: what it reads, and how numbers become findings. Each rule has a pure part, which
// is tried on planted truth (docs/failure-prediction.md), and `look`, which reads what that part needs.
import type { Finding } from "../../model/finding.ts";
import type { AnalysisContext } from "../context.ts";

export interface RuleLook {
  readonly findings: readonly Finding[];
  /** Things that were looked at and have data enough. */
  readonly watched: number;
  /** Things that have too little data yet. */
  readonly waiting: number;
  /** "needs 4 days, has 1"; of what has most. Null when nothing waits. */
  readonly waitingFor: string | null;
  /** When the last of them will have data enough, milliseconds since the epoch; null when nothing waits or nobody knows. */
  readonly readyAt: number | null;
}

export interface RiskRule {
  /** Also what the list is grouped by. */
  readonly id: string;
  readonly title: string;
  /** What is watched, one sentence. */
  readonly summary: string;
  readonly kinds: readonly string[];
  /** hourly: what facts and the last days say · trends: what weeks of series say, four times a day. */
  readonly pace: "hourly" | "trends";
  look(context: AnalysisContext): Promise<RuleLook>;
}

export const defineRule = (rule: RiskRule): RiskRule => rule;

/**
 * How a thing was judged: null for "nothing wrong", a text for "cannot be judged yet, because". The first day that is
 * enough is said where it is known.
 */
export interface NotYet {
  readonly reason: string;
  readonly readyAt: number | null;
}
export type Judgement = readonly Finding[] | NotYet;

export const isNotYet = (judgement: Judgement): judgement is NotYet => !Array.isArray(judgement);

export function looked(judgements: readonly Judgement[]): RuleLook {
  const waiting = judgements.filter(isNotYet);
  const dates = waiting.flatMap(({ readyAt }) => (readyAt === null ? [] : [readyAt]));
  return {
    findings: judgements.flatMap((judgement) => (isNotYet(judgement) ? [] : judgement)),
    watched: judgements.length - waiting.length,
    waiting: waiting.length,
    waitingFor: waiting[0]?.reason ?? null,
    readyAt: dates.length === 0 ? null : Math.max(...dates),
  };
}

/** "needs 4 days, has 1". */
export function tooShort(needsMs: number, hasMs: number, nowMs: number): NotYet {
  const days = (ms: number): number => Math.floor(ms / 86_400_000);
  return { reason: `needs ${days(needsMs)} days, has ${days(hasMs)}`, readyAt: nowMs + Math.max(0, needsMs - hasMs) };
}
