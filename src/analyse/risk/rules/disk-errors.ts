// Disks that say they fail: SMART's verdict, and the five counts that failing disks have in common.
// Which counts: Backblaze, "What SMART Stats Tell Us About Hard Drives" (5, 187, 188, 197, 198). They are rules of
// experience: no probability is given, because none was checked on real disks.
import type { Evidence, Finding } from "../../../model/finding.ts";
import type { EntityId } from "../../../model/ids.ts";
import type { Severity } from "../../../model/problem.ts";
import { bucketed, dayMs, type Points, valueAt } from "../numbers/points.ts";
import { counted } from "../words.ts";

/** In the order in which a person reads them in smartctl's table. */
export const errorCounts = [
  { metric: "reallocated_sectors", smart: "5", word: "reallocated sector", media: true },
  { metric: "reported_uncorrectable", smart: "187", word: "reported uncorrectable error", media: true },
  { metric: "command_timeouts", smart: "188", word: "command timeout", media: false },
  { metric: "pending_sectors", smart: "197", word: "pending sector", media: true },
  { metric: "offline_uncorrectable", smart: "198", word: "offline uncorrectable sector", media: true },
] as const;
const nvmeCount = {
  metric: "media_errors",
  smart: "NVMe",
  word: "media and data integrity error",
  media: true,
} as const;
export type ErrorMetric = (typeof errorCounts)[number]["metric"] | "media_errors";
export const errorMetrics: readonly ErrorMetric[] = [...errorCounts.map(({ metric }) => metric), "media_errors"];

const risingMs = 7 * dayMs;
/** Two old defects that have stood still for so long are watched like one. */
const stillMs = 30 * dayMs;

export interface DiskReading {
  readonly cluster: string;
  /** The node, whose page shows the disk. */
  readonly subject: EntityId;
  readonly nodeName: string;
  /** The disk's own series. */
  readonly disk: EntityId;
  readonly key: string;
  readonly device: string;
  readonly model: string | null;
  readonly type: string | null;
  /** PVE's word: PASSED, FAILED!, OK, UNKNOWN. */
  readonly verdict: string | null;
  readonly failingAttributes: readonly string[];
  readonly spare: { readonly percent: number; readonly threshold: number } | null;
  readonly criticalWarning: number | null;
  readonly counts: Readonly<Partial<Record<ErrorMetric, Points>>>;
}

interface Sign {
  readonly severity: Severity;
  readonly text: string;
}

/** Nothing for a disk without a sign. */
export function judgeDisk(reading: DiskReading, nowMs: number): readonly Finding[] {
  const moved = countsOf(reading, nowMs);
  const signs = [...ownVerdict(reading), ...signsOf(reading, moved, nowMs)];
  const worst = signs.find(({ severity }) => severity === "critical") ?? signs.find(isWarning) ?? signs[0];
  if (worst === undefined) return [];
  const { severity } = worst;
  const words = signs.filter((sign) => sign.severity === severity).map(({ text }) => text);
  const disk = `Disk ${reading.device}${reading.model === null ? "" : ` (${reading.model})`} of ${reading.nodeName}`;
  return [
    {
      kind: "disk-failing",
      cluster: reading.cluster,
      subject: reading.subject,
      key: reading.key,
      severity,
      certainty: "rule",
      message: `${disk} ${opening[severity]}: ${words.join(", ")}.`,
      remedy: remedies[severity],
      evidence: evidenceOf(reading, moved, nowMs),
      formula,
      fields: {
        device: reading.device,
        model: reading.model,
        node: reading.nodeName,
        smart: reading.verdict,
        signs: signs.map(({ text }) => text).join("; "),
        due_at_ms: null,
      },
    },
  ];
}

const isWarning = ({ severity }: Sign): boolean => severity === "warning";
const opening = {
  critical: "is failing",
  warning: "shows signs of failing",
  info: "has errors that stand still",
} as const;
const remedies = {
  critical:
    "Replace it: Disks on the node's page shows its serial number. Until then see that backups and redundancy are complete.",
  warning: "Have a spare ready, run `smartctl -t long` on the node, and replace the disk if the counts go on rising.",
  info: "Nothing yet: it is watched, and told when a count rises.",
} as const;

export const formula =
  "critical: SMART FAILED, an attribute at its threshold, an NVMe critical warning or spare below its threshold, NVMe media errors that rose within 7 days, or pending sectors (197) that rose three days in a row · " +
  "warning: any of 5, 187, 188, 197, 198 rose within 7 days, or two of 5, 187, 197, 198 are above 0 and one of them moved within 30 days · info: any of them is above 0";

/** What the disk or its controller says of itself. */
function* ownVerdict({ verdict, failingAttributes, spare, criticalWarning }: DiskReading): Generator<Sign> {
  if (verdict !== null && /^FAIL/i.test(verdict)) yield { severity: "critical", text: "SMART says FAILED" };
  if (failingAttributes.length > 0) {
    yield { severity: "critical", text: `${failingAttributes.join(" and ")} at the maker's threshold` };
  }
  if (spare !== null && spare.percent < spare.threshold) {
    yield { severity: "critical", text: `${spare.percent} % spare left, below its threshold of ${spare.threshold} %` };
  }
  const told = warningBits.filter(({ bit }) => ((criticalWarning ?? 0) >> bit) & 1);
  for (const { severity, text } of told) yield { severity, text };
}

/** NVM Express base specification, SMART / health information log, critical warning. */
const warningBits: readonly (Sign & { readonly bit: number })[] = [
  { bit: 0, severity: "critical", text: "its spare is below the threshold" },
  { bit: 1, severity: "warning", text: "its temperature is outside what the maker allows" },
  { bit: 2, severity: "critical", text: "the controller calls it unreliable" },
  { bit: 3, severity: "critical", text: "it has become read-only" },
  { bit: 4, severity: "warning", text: "its volatile memory backup failed" },
];

interface Moved {
  readonly metric: ErrorMetric;
  readonly word: string;
  readonly smart: string;
  readonly media: boolean;
  readonly now: number;
  /** What it had a week ago, or at the first reading since. */
  readonly before: number;
  readonly points: Points;
}

function countsOf({ counts, type }: DiskReading, nowMs: number): readonly Moved[] {
  const looked = type === "nvme" ? [nvmeCount] : errorCounts;
  return looked.flatMap(({ metric, word, smart, media }) => {
    const points = counts[metric];
    const now = points?.values.at(-1);
    if (points === undefined || now === undefined || now <= 0) return [];
    const before = valueAt(points, nowMs - risingMs) ?? points.values[0] ?? now;
    return [{ metric, word, smart, media, now, before, points }];
  });
}

function* signsOf({ type }: DiskReading, moved: readonly Moved[], nowMs: number): Generator<Sign> {
  for (const { metric, word, now, before, points } of moved) {
    if (metric === "pending_sectors" && rosePendingDaily(points, nowMs)) {
      yield { severity: "critical", text: `pending sectors rose three days in a row, to ${now}` };
    } else if (now > before) {
      const severity = type === "nvme" ? "critical" : "warning";
      yield { severity, text: `${word}s rose from ${before} to ${now} within ${daysOf(points, nowMs)}` };
    }
  }
  const media = moved.filter((count) => count.media);
  const names = media.map(({ word, now }) => counted(now, word)).join(", ");
  if (media.length > 1 && media.some(({ points }) => nowMs - lastMove(points) < stillMs)) {
    yield { severity: "warning", text: names };
  }
  for (const { word, now } of moved) yield { severity: "info", text: counted(now, word) };
}

const daysOf = ({ atMs }: Points, nowMs: number): string =>
  counted(Math.min(7, Math.max(1, Math.round((nowMs - (atMs[0] ?? nowMs)) / dayMs))), "day");

/** The count wanders within a day, so that days are compared by their highest value. */
function rosePendingDaily(points: Points, nowMs: number): boolean {
  const days = bucketed(points, dayMs, Math.max);
  const recent = days.values.filter((_, place) => (days.atMs[place] ?? 0) > nowMs - 5 * dayMs).slice(-4);
  return recent.length === 4 && recent.every((value, place) => place === 0 || value > (recent[place - 1] ?? 0));
}

/** When the count last changed; the first reading counts, because nobody knows what was before. */
function lastMove({ atMs, values }: Points): number {
  for (let place = values.length - 1; place > 0; place--) {
    if (values[place] !== values[place - 1]) return atMs[place] ?? 0;
  }
  return atMs[0] ?? 0;
}

function evidenceOf(
  { disk, verdict, spare }: DiskReading,
  moved: readonly Moved[],
  nowMs: number,
): readonly Evidence[] {
  const own: Evidence = {
    what: "SMART as the node tells it",
    series: null,
    fromMs: null,
    toMs: null,
    numbers: {
      verdict,
      ...(spare === null ? {} : { spare_percent: spare.percent, spare_threshold_percent: spare.threshold }),
    },
  };
  const byRise = [...moved].sort((a, b) => b.now - b.before - (a.now - a.before));
  const counts = byRise.map(({ metric, word, smart, now, before, points }): Evidence => {
    const fromMs = Math.max(points.atMs[0] ?? nowMs, nowMs - 90 * dayMs);
    const what = `${word}s (SMART ${smart})`;
    return { what, series: { id: disk, metric }, fromMs, toMs: nowMs, numbers: { now, seven_days_ago: before } };
  });
  // What moved most is what to look at first.
  return [...counts, own];
}
