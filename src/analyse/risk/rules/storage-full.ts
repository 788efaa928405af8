// When a storage, a pool or the metadata of a thin pool is full: its date, and how sure that is.
import type { Evidence, Finding } from "../../../model/finding.ts";
import type { EntityId } from "../../../model/ids.ts";
import type { MetricId } from "../../../model/metrics.ts";
import type { Severity } from "../../../model/problem.ts";
import { drawsOf } from "../numbers/draws.ts";
import { dayMs, type Points, spanOf } from "../numbers/points.ts";
import { type Crossing, forecastCrossing } from "../numbers/second-opinion.ts";
import { type Course, courseOf, likelyAt, type TimeToLimit, timeToLimit } from "../numbers/time-to-limit.ts";
import { type Judgement, tooShort } from "../rule.ts";
import { bytesInWords, dateInWords, daysInWords, percentInWords, rangeInWords } from "../words.ts";

/** A date that rests on less would be a date of last week's copying. */
export const needsMs = 14 * dayMs;
export const lookBackMs = 90 * dayMs;
export const bucketMs = dayMs / 24;
const farMs = 180 * dayMs;
const veryFarMs = 365 * dayMs;

export interface Filling {
  readonly cluster: string;
  readonly subject: EntityId;
  readonly key: string;
  /** "local-lvm of pve1", "Metadata of thin pool pve/data of pve1". */
  readonly name: string;
  readonly series: { readonly id: EntityId; readonly metric: MetricId };
  readonly used: Points;
  readonly capacity: number;
  /** The share at which nothing fits any more: 1, or the share at which Ceph stops. */
  readonly fullAt: number;
  /** The share from which Proxmox or the file system itself warns; null where nobody does. */
  readonly warnAt: number | null;
  readonly unit: "bytes" | "percent";
  readonly remedy: string;
}

interface Outlook {
  readonly at: readonly { readonly share: number; readonly time: TimeToLimit }[];
  readonly full: TimeToLimit;
  readonly course: Course;
  readonly second: Crossing | undefined;
}

export function judgeFilling(filling: Filling, nowMs: number): Judgement {
  const { used, capacity } = filling;
  const now = used.values.at(-1);
  if (now === undefined || capacity <= 0) return [];
  const span = spanOf(used);
  const outlook = span < needsMs ? undefined : outlookOf(filling, nowMs);
  const severity = severityOf(filling, now / capacity, outlook?.full, nowMs);
  if (severity !== null) return [finding(filling, now, severity, outlook, nowMs)];
  return span < needsMs ? tooShort(needsMs, span, nowMs) : [];
}

/** Undefined for what is full in years only: even the earliest date of its interval is no risk. */
function outlookOf(filling: Filling, nowMs: number): Outlook | undefined {
  const { used, capacity, fullAt, series } = filling;
  const course = courseOf(used, capacity, drawsOf(series.id));
  const likely = likelyAt(course, fullAt * capacity, nowMs);
  if (likely === null || likely - nowMs > veryFarMs) return undefined;
  const at = sharesOf(fullAt).map((share) => ({ share, time: timeToLimit(course, share * capacity, nowMs) }));
  const straight = at.at(-1)?.time ?? { likely: null, early: null, late: null };
  const soon = straight.early !== null && straight.early - nowMs < farMs;
  const second = soon ? forecastCrossing(used, [fullAt * capacity])?.[0] : undefined;
  return { at, full: withSecond(straight, second, nowMs), course, second };
}

/** 80, 90 and 100 %, or where Ceph warns and stops. */
export const sharesOf = (fullAt: number): readonly number[] => [0.8, 0.9, 1].map((share) => share * fullAt);

/** The earlier of two early dates: who is warned too late loses more than who is warned too early. */
function withSecond(time: TimeToLimit, second: Crossing | undefined, nowMs: number): TimeToLimit {
  const upper = second?.upper ?? null;
  if (upper === null || time.early === null) return time;
  return { ...time, early: Math.max(nowMs, Math.min(time.early, upper)) };
}

function severityOf(
  { fullAt, warnAt }: Filling,
  share: number,
  full: TimeToLimit | undefined,
  nowMs: number,
): Severity | null {
  const within = (date: number | null | undefined, days: number): boolean =>
    date !== null && date !== undefined && date - nowMs < days * dayMs;
  if (share >= 0.95 * fullAt || within(full?.likely, 7)) return "critical";
  if (share >= (warnAt ?? 0.9 * fullAt) || within(full?.likely, 30) || within(full?.early, 14)) return "warning";
  return within(full?.likely, 90) ? "info" : null;
}

export const formula =
  "used(t) = line of Theil and Sen through the daily use of the last 90 days, jumps taken out; with teeth of at least 2 % of the capacity at even distances: level after pruning (line through the lows) + rise × time since the pruning; full when used(t) reaches the limit; interval: 5th and 95th percentile of the dates of 200 lines through block-resampled residuals, and the early end no later than where the upper end of the forecast's 90 % interval reaches it";

function finding(
  filling: Filling,
  now: number,
  severity: Severity,
  outlook: Outlook | undefined,
  nowMs: number,
): Finding {
  const { cluster, subject, key, capacity, fullAt, remedy } = filling;
  const full = outlook?.full;
  return {
    kind: "storage-full",
    cluster,
    subject,
    key,
    severity,
    certainty: full?.likely == null ? "measured" : "estimate",
    message: messageOf(filling, now, full, nowMs),
    remedy,
    evidence: evidenceOf(filling, now, outlook, nowMs),
    formula,
    fields: {
      name: filling.name,
      used_ratio: rounded(now / capacity),
      ...(filling.unit === "bytes" ? { used_bytes: Math.round(now), total_bytes: Math.round(capacity) } : {}),
      full_at_ratio: fullAt,
      due_at_ms: date(full?.likely),
      due_early_ms: date(full?.early),
      due_late_ms: date(full?.late),
      ...Object.fromEntries(
        (outlook?.at ?? []).flatMap(({ share, time }) => {
          const name = `at_${Math.round((100 * share) / fullAt)}_percent`;
          return [
            [`${name}_ms`, date(time.likely)],
            [`${name}_early_ms`, date(time.early)],
          ];
        }),
      ),
    },
  };
}

const date = (moment: number | null | undefined): number | null =>
  moment === null || moment === undefined ? null : Math.round(moment);

function messageOf(
  { name, capacity, unit }: Filling,
  now: number,
  full: TimeToLimit | undefined,
  nowMs: number,
): string {
  const of = unit === "bytes" ? ` of ${bytesInWords(capacity)}` : "";
  const level = `${percentInWords(now / capacity)}${of} is used`;
  if (full === undefined || full.likely === null) return `${name} is nearly full: ${level}.`;
  const { likely, early, late } = full;
  if (likely - nowMs < dayMs) return `${name} fills up within a day: ${level}.`;
  const span =
    early === null ? daysInWords(likely - nowMs) : rangeInWords(early - nowMs, late === null ? null : late - nowMs);
  return `${name} fills up in ${span}, about ${dateInWords(likely)}; ${level}.`;
}

function evidenceOf(
  { series, used, unit }: Filling,
  now: number,
  outlook: Outlook | undefined,
  nowMs: number,
): readonly Evidence[] {
  const { course, second } = outlook ?? {};
  const saw = course?.saw ?? null;
  return [
    {
      what: saw === null ? "used" : "used, with the teeth of backups and their pruning",
      series,
      fromMs: used.atMs[0] ?? nowMs,
      toMs: nowMs,
      numbers: {
        [`used_${unit}`]: rounded(now),
        ...(course === undefined
          ? {}
          : { [`slope_${unit}_per_day`]: rounded(course.line.slopePerDay), jumps: course.jumps }),
        ...(saw === null
          ? {}
          : {
              prunings: saw.prunings,
              days_between_prunings: rounded(saw.periodMs / dayMs),
              [`rise_after_pruning_${unit}_per_day`]: rounded(saw.risePerDay),
            }),
        ...(second === undefined ? {} : { forecast_full_at_ms: second.mean }),
      },
    },
  ];
}

const rounded = (value: number): number => Number(value.toPrecision(4));
