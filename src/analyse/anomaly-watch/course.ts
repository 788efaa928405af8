// The course of anomalies: begun, gone on with, over. Everything here changes the book and nothing else.
import type { AnomalyRecord } from "../../model/anomalies.ts";
import type { Episode } from "../anomaly/index.ts";
import { type AnomalyBook, anomalyId, type HeldAnomaly } from "./anomaly-book.ts";
import type { AnomalyContext } from "./context.ts";
import type { Silence } from "./silence.ts";
import type { Subject, Subjects } from "./subjects.ts";
import { leastOf, type Told, tell } from "./tell.ts";
import { leastTold, type WatchedMetric, watchedMetric } from "./watched-metrics.ts";
import { fineStepMs } from "./watched-series.ts";

/** Events within ten minutes are known a little later; so long a sentence may still change. */
const unsettledMs = 1_500_000;

export interface Begun {
  readonly metric: WatchedMetric;
  readonly subject: Subject;
  readonly episode: Episode;
  readonly stepMs: number;
}

export async function beginAll(book: AnomalyBook, context: AnomalyContext, begun: readonly Begun[]): Promise<void> {
  for (const { metric, subject, episode, stepMs } of begun) {
    const { reason, noticedMs } = episode;
    const id = anomalyId(subject.id, metric.metric, reason, noticedMs);
    if (book.has(id)) continue;
    const before = book.openAt({ subject: subject.id, metric: metric.metric, reason });
    if (before !== undefined) book.change(before, { open: false });
    const telling = await tell(context, subject, metric, episode);
    const shown = shownOf(episode, metric, stepMs);
    const record = { ...headOf(id, subject, metric, episode, stepMs), ...shown, ...telling };
    book.add({ cluster: subject.cluster, record, episode });
  }
}

/** Begins gaps, goes on with them, and ends those that are over. */
export async function hearSilences(
  book: AnomalyBook,
  context: AnomalyContext,
  { silences, toMs }: { readonly silences: readonly Silence[]; readonly toMs: number },
): Promise<void> {
  const silent = new Set(silences.map(({ subject }) => subject.id));
  for (const held of book.open()) {
    if (held.record.reason !== "gap") continue;
    book.change(held, silent.has(held.record.subject) ? { toMs } : { open: false });
  }
  for (const { subject, metric, fromMs } of silences) {
    if (book.openAt({ subject: subject.id, metric: metric.metric, reason: "gap" }) !== undefined) continue;
    const none = { score: null, expected: null, low: null, high: null };
    const told: Told = { reason: "gap", fromMs, noticedMs: toMs, value: Number.NaN, ...none };
    const telling = await tell(context, subject, metric, told);
    const id = anomalyId(subject.id, metric.metric, "gap", fromMs);
    const record = {
      ...headOf(id, subject, metric, told, fineStepMs),
      toMs,
      open: true,
      peak: null,
      ...none,
      ...telling,
    };
    book.add({ cluster: subject.cluster, record, episode: undefined });
  }
}

/** Takes over what the watches have seen since, and hears of events that were not known yet. */
export async function refreshOpen(book: AnomalyBook, context: AnomalyContext, subjects: Subjects): Promise<void> {
  for (const held of book.open()) {
    const { episode, record } = held;
    const subject = subjects.get(record.subject);
    const metric = subject === undefined ? undefined : watchedMetric(subject.kind, record.metric);
    if (episode === undefined || subject === undefined || metric === undefined) continue;
    const stepMs = record.stepS * 1000;
    if (differs(record, episode, stepMs)) book.change(held, shownOf(episode, metric, stepMs));
    if (record.noticedMs + stepMs + unsettledMs < context.nowMs) unmute(book, held, metric);
    else {
      const telling = await tell(context, subject, metric, episode);
      if (telling.message !== record.message || telling.cause?.cause !== record.cause?.cause)
        book.change(held, telling);
    }
  }
}

/** A backup that ended hours ago explains nothing any more, and what was slight may have grown. */
function unmute(book: AnomalyBook, held: HeldAnomaly, metric: WatchedMetric): void {
  const { cause, peak, expected, toMs, open } = held.record;
  if (cause === null || !open) return;
  const isOver = cause.untilMs !== null && cause.untilMs < toMs;
  const hasGrown =
    cause.cause === "slight" && Math.abs((peak?.value ?? 0) - (expected ?? 0)) >= leastTold(metric, expected);
  if (isOver || hasGrown) book.change(held, { cause: null });
}

function headOf(id: string, subject: Subject, { metric }: WatchedMetric, told: Told, stepMs: number) {
  const { reason, fromMs, noticedMs } = told;
  return { id, subject: subject.id, name: subject.name, metric, reason, stepS: stepMs / 1000, fromMs, noticedMs };
}

function shownOf(episode: Episode, metric: WatchedMetric, stepMs: number) {
  const { lastMs, open, score, peakMs, peak, expected, high } = episode;
  const low = episode.low === null ? null : Math.max(episode.low, leastOf(metric));
  return { toMs: lastMs + stepMs, open, score, peak: { atMs: peakMs, value: peak }, expected, low, high };
}

const differs = (record: AnomalyRecord, episode: Episode, stepMs: number): boolean =>
  record.toMs !== episode.lastMs + stepMs || record.open !== episode.open || record.score !== episode.score;
