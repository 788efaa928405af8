// One kind of failure that is looked for: what it reads, and how numbers become findings. Each rule has a pure part, which
// is tried on planted truth (docs/failure-prediction.md), and `look`, which reads what that part needs.
import type { Finding } from "../../model/finding.ts";
import type { RiskKind, RiskWatch } from "../../model/risks.ts";
import type { AnalysisContext } from "../context.ts";

/** What there is of one cluster. */
export interface ClusterContext extends AnalysisContext {
  readonly cluster: string;
}

export interface RuleLook extends Pick<RiskWatch, "watched" | "waiting" | "waitingFor" | "readyAt"> {
  readonly findings: readonly Finding[];
}

export interface RiskRule {
  readonly id: string;
  readonly title: string;
  /** What is watched, one sentence. */
  readonly summary: string;
  readonly kinds: readonly RiskKind[];
  /** hourly: what facts and the last days say · trends: what weeks of series say, four times a day. */
  readonly pace: "hourly" | "trends";
  look(context: ClusterContext): Promise<RuleLook>;
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
