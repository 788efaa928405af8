// When an SSD has written what it is rated for: a robust line through its wear, with the date at which 10 % are left.
import type { Finding } from "../../../model/finding.ts";
import type { EntityId } from "../../../model/ids.ts";
import type { Severity } from "../../../model/problem.ts";
import { drawsOf } from "../numbers/draws.ts";
import { bucketed, dayMs, type Points, spanOf } from "../numbers/points.ts";
import { quantileOf, resampledLines, theilSen } from "../numbers/trend-line.ts";
import { type Judgement, tooShort } from "../rule.ts";
import { dateInWords, rangeInWords } from "../words.ts";

/** PVE tells wear in whole percents: a line through less than a month is a line through one step. */
export const needsMs = 30 * dayMs;
const limitPercent = 90;
const aheadMs = 365 * dayMs;
const resamples = 200;
/** Steps of a whole percent; with fewer the line is no line. */
const fewestSteps = 2;

export interface WornDisk {
  readonly cluster: string;
  readonly subject: EntityId;
  readonly nodeName: string;
  readonly disk: EntityId;
  readonly key: string;
  readonly device: string;
  readonly model: string | null;
  readonly wear: Points;
}

export function judgeWear(disk: WornDisk, nowMs: number): Judgement {
  const days = bucketed(disk.wear, dayMs, Math.max);
  const now = days.values.at(-1);
  if (now === undefined) return [];
  if (now >= limitPercent) return [worn(disk, now, nowMs)];
  if (spanOf(days) < needsMs) return tooShort(needsMs, spanOf(days), nowMs);
  if (now - Math.min(...days.values) < fewestSteps) return [];
  const line = theilSen(days);
  if (line.slopePerDay <= 0) return [];
  const dueOf = (level: number, slope: number, atMs: number): number =>
    slope <= 0 ? Number.POSITIVE_INFINITY : atMs + ((limitPercent - level) / slope) * dayMs;
  const due = dueOf(line.level, line.slopePerDay, line.atMs);
  if (due - nowMs > aheadMs) return [];
  const drawn = resampledLines(days, line, resamples, drawsOf(disk.disk)).map(({ level, slopePerDay, atMs }) =>
    dueOf(level, slopePerDay, atMs),
  );
  const early = Math.max(nowMs, quantileOf(drawn, 0.05) ?? due);
  const late = quantileOf(drawn, 0.95) ?? due;
  return [wearing(disk, { now, slope: line.slopePerDay, due, early, late, fromMs: days.atMs[0] ?? nowMs }, nowMs)];
}

const nameOf = ({ device, model, nodeName }: WornDisk): string =>
  `SSD ${device}${model === null ? "" : ` (${model})`} of ${nodeName}`;

export const formula =
  "line of Theil and Sen through the daily wear of the last 180 days; due when it reaches 90 % used; interval: 5th and 95th percentile of the dates of 200 lines through block-resampled residuals";

function worn(disk: WornDisk, now: number, nowMs: number): Finding {
  return {
    ...commonOf(disk),
    severity: now >= 100 ? "critical" : "warning",
    certainty: "measured",
    message: `${nameOf(disk)} has ${now >= 100 ? "written all it is rated for" : `${100 - now} % of its rated writes left`}.`,
    evidence: [
      {
        what: "Wearout, used",
        series: { id: disk.disk, metric: "wear_percent" },
        fromMs: disk.wear.atMs[0] ?? nowMs,
        toMs: nowMs,
        numbers: { wear_percent: now },
      },
    ],
    fields: { ...fieldsOf(disk), wear_percent: now, due_at_ms: nowMs, due_early_ms: nowMs, due_late_ms: nowMs },
  };
}

interface Course {
  readonly now: number;
  readonly slope: number;
  readonly due: number;
  readonly early: number;
  readonly late: number;
  readonly fromMs: number;
}

function wearing(disk: WornDisk, { now, slope, due, early, late, fromMs }: Course, nowMs: number): Finding {
  const severity: Severity = due - nowMs < 90 * dayMs ? "warning" : "info";
  const lateMs = Number.isFinite(late) ? late : null;
  return {
    ...commonOf(disk),
    severity,
    certainty: "estimate",
    message: `${nameOf(disk)} has 10 % of its rated writes left in ${rangeInWords(early - nowMs, lateMs === null ? null : lateMs - nowMs)}, about ${dateInWords(due)}.`,
    evidence: [
      {
        what: "Wearout, used",
        series: { id: disk.disk, metric: "wear_percent" },
        fromMs,
        toMs: nowMs,
        numbers: { wear_percent: now, slope_percent_per_day: rounded(slope) },
      },
    ],
    fields: {
      ...fieldsOf(disk),
      wear_percent: now,
      due_at_ms: Math.round(due),
      due_early_ms: Math.round(early),
      due_late_ms: lateMs === null ? null : Math.round(lateMs),
    },
  };
}

const commonOf = ({ cluster, subject, key }: WornDisk) => ({
  kind: "disk-wear",
  cluster,
  subject,
  key,
  remedy: "Plan its replacement; Disks on the node's page shows wearout and serial number.",
  formula,
});
const fieldsOf = ({ device, model, nodeName }: WornDisk) => ({ device, model, node: nodeName });
const rounded = (value: number): number => Number(value.toPrecision(4));
