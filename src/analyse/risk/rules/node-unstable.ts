// Nodes that restart without being told to, are fenced, fail their tasks or run out of memory again and again. It adds up
// points; it is a rule and no probability, because nobody has labelled nodes to learn one from.
import type { Evidence, Finding } from "../../../model/finding.ts";
import type { EntityId } from "../../../model/ids.ts";
import type { Severity } from "../../../model/problem.ts";
import { dayMs } from "../numbers/points.ts";
import { dateInWords, timesInWords } from "../words.ts";

export const lookBackMs = 14 * dayMs;
/** What is older counts for half. */
const freshMs = 7 * dayMs;
const points = { restart: 2, fence: 3, tasks: 1, memory: 1 } as const;
const leastTasks = 10;
const failedShare = 0.2;
/** Percent of the last day on the mean: tasks stood still for want of memory. */
const memoryPercent = 5;

export interface NodeSigns {
  readonly cluster: string;
  readonly subject: EntityId;
  readonly name: string;
  /** Restarts that no shutdown came before. */
  readonly restartsMs: readonly number[];
  readonly fencesMs: readonly number[];
  /** Of the last day, backups left out: they fail for their own reasons and have their own problem. */
  readonly tasks: { readonly ended: number; readonly failed: number };
  /** Mean over the last day; null where PVE does not tell. */
  readonly memoryFullPercent: number | null;
}

export function judgeNode(signs: NodeSigns, nowMs: number): readonly Finding[] {
  const { restartsMs, fencesMs, tasks, memoryFullPercent } = signs;
  const weigh = (list: readonly number[], each: number): number =>
    list.reduce((sum, atMs) => sum + (nowMs - atMs <= freshMs ? each : each / 2), 0);
  const failing = tasks.ended >= leastTasks && tasks.failed / tasks.ended >= failedShare;
  const starved = memoryFullPercent !== null && memoryFullPercent >= memoryPercent;
  const score =
    weigh(restartsMs, points.restart) +
    weigh(fencesMs, points.fence) +
    (failing ? points.tasks : 0) +
    (starved ? points.memory : 0);
  if (score < 1) return [];
  const severity: Severity = score >= 6 ? "critical" : score >= 3 ? "warning" : "info";
  const reasons = [
    ...(restartsMs.length > 0
      ? [`restarted ${timesInWords(restartsMs.length)} without a shutdown (last ${latest(restartsMs)})`]
      : []),
    ...(fencesMs.length > 0 ? [`was fenced ${timesInWords(fencesMs.length)} (last ${latest(fencesMs)})`] : []),
    ...(failing ? [`failed ${tasks.failed} of ${tasks.ended} tasks in the last day`] : []),
    ...(starved ? [`stood still for want of memory ${Math.round(memoryFullPercent)} % of the last day`] : []),
  ];
  return [
    {
      kind: "node-unstable",
      cluster: signs.cluster,
      subject: signs.subject,
      key: "",
      severity,
      certainty: "rule",
      message: `Node ${signs.name} ${joined(reasons)} within 14 days.`,
      remedy:
        "Look at `journalctl -b -1 -e` on the node for what came before the restart, check its hardware log, and move guests that matter away until it is known.",
      evidence: evidenceOf(signs, score, nowMs),
      formula:
        "score = 2 × restarts without a shutdown + 3 × fences (those older than 7 days count half) + 1 if at least 20 % of 10 or more tasks failed in a day + 1 if memory pressure (full) is 5 % or more on a day's mean · info from 1, warning from 3, critical from 6",
      fields: { name: signs.name, score, restarts: restartsMs.length, fences: fencesMs.length, due_at_ms: null },
    },
  ];
}

const latest = (list: readonly number[]): string => dateInWords(Math.max(...list));
const joined = (list: readonly string[]): string =>
  list.length < 2 ? (list[0] ?? "") : `${list.slice(0, -1).join(", ")} and ${list.at(-1) ?? ""}`;

const evidenceOf = (
  { subject, restartsMs, fencesMs, tasks, memoryFullPercent }: NodeSigns,
  score: number,
  nowMs: number,
): readonly Evidence[] => [
  {
    what: "time since the node was started",
    series: { id: subject, metric: "uptime_seconds" },
    fromMs: nowMs - lookBackMs,
    toMs: nowMs,
    numbers: {
      score,
      restarts_without_shutdown: restartsMs.length,
      fences: fencesMs.length,
      tasks_ended: tasks.ended,
      tasks_failed: tasks.failed,
      memory_full_percent: memoryFullPercent === null ? null : Math.round(memoryFullPercent * 10) / 10,
    },
  },
];
