// Guests whose memory only ever rises: a test for a trend, a robust line, and what is left. Memory that is set back by
// restarts of the leaking service is recognised by its teeth.
import type { Evidence, Finding } from "../../../model/finding.ts";
import type { EntityId } from "../../../model/ids.ts";
import type { MetricId } from "../../../model/metrics.ts";
import type { Severity } from "../../../model/problem.ts";
import { medianOf } from "../../forecast/numbers.ts";
import { mannKendall } from "../numbers/mann-kendall.ts";
import { between, bucketed, dayMs, type Points, spanOf } from "../numbers/points.ts";
import { teethOf } from "../numbers/teeth.ts";
import { residualsOf, robustSpread, theilSen } from "../numbers/trend-line.ts";
import { type Judgement, tooShort } from "../rule.ts";
import { bytesInWords, counted, dateInWords, daysInWords } from "../words.ts";

/** Lowest use of each quarter of a day: what comes and goes within one does not count. */
export const bucketMs = dayMs / 4;
export const lookBackMs = 42 * dayMs;
/** Quarters of four days make 24 pairs of equal hours, all of which must rise: p is then 0.00005. */
const earlyMs = 4 * dayMs;
const earlyP = 0.001;
const lateMs = 7 * dayMs;
const lateP = 0.01;
const weekMs = 7 * dayMs;
/** Whoever knows less than a week before those days takes a working week for a leak. */
const knownForEarlyMs = weekMs + earlyMs;
const steadyShare = 0.6;
const partsMs: readonly number[] = [14 * dayMs, lateMs, earlyMs];
/** Whether what is left would be gone within so long. */
const horizonMs = 30 * dayMs;
/** Against the noise around the line, and against the whole memory. */
const leastRise = { spreads: 4, share: 0.02 } as const;
/** A fall by so much of what was used ends a rise: the service or the guest was restarted. */
const fallShare = 0.2;
/** A start of the guest, which a live migration looks like, counts when its memory fell at least by so much with it. */
const startFallShare = 0.05;
/** A guest that was off for longer begins anew. */
const gapMs = dayMs;
/** Caches and heaps fill for about a day after a start. */
const warmUpMs = dayMs;

export interface LeakCandidate {
  readonly cluster: string;
  readonly guest: EntityId;
  readonly name: string;
  readonly metric: MetricId;
  /** Lowest use in bytes of each quarter of a day. */
  readonly used: Points;
  readonly totalBytes: number;
  /** Beginnings of quarters in which the guest was started. */
  readonly startsMs: readonly number[];
  /** Whether the measure leaves the guest's cache out. Where it does not, a rise may be its cache. */
  readonly withoutCache: boolean;
}

/** The line through one rise. */
export interface Rise {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bytesPerDay: number;
  /** On the line, at its end. */
  readonly level: number;
  readonly p: number;
}

export function judgeLeak(candidate: LeakCandidate, nowMs: number): Judgement {
  const { used, totalBytes } = candidate;
  const rises = risesOf(candidate);
  const newest = rises.at(-1);
  if (newest === undefined || totalBytes <= 0) return tooShort(earlyMs, 0, nowMs);
  const knownMs = spanOf(used);
  const found = rises.map((rise) => leakOf(rise, totalBytes, knownMs));
  const current = found.at(-1);
  const repeats = found.slice(0, -1).filter((rise) => rise !== undefined).length;
  // A rise that is too short to tell is the same leak when the one before it was.
  const restarted = current === undefined && spanOf(newest) < earlyMs ? found.at(-2) : undefined;
  const rise = current ?? restarted;
  if (rise === undefined) return spanOf(used) < earlyMs ? tooShort(earlyMs, spanOf(newest), nowMs) : [];
  return [leak(candidate, { rise, repeats, restarted: restarted !== undefined }, used.values.at(-1) ?? 0, nowMs)];
}

/** Rises between restarts, the time after a start of the guest left out. */
function risesOf({ used, startsMs }: LeakCandidate): readonly Points[] {
  const { atMs, values } = used;
  const starts = new Set(startsMs);
  const begun = new Set<number>();
  const teeth = teethOf(used, (before, after) => {
    const [from, to] = [atMs[before] ?? 0, atMs[after] ?? 0];
    const left = (values[after] ?? 0) / Math.max(1, values[before] ?? 0);
    const started = to - from > gapMs || (starts.has(to) && left < 1 - startFallShare);
    if (started) begun.add(to);
    return started || left < 1 - fallShare;
  });
  return teeth.map((tooth) => (begun.has(tooth.atMs[0] ?? 0) ? afterWarmUp(tooth) : tooth));
}

function afterWarmUp({ atMs, values }: Points): Points {
  const fromMs = (atMs[0] ?? 0) + warmUpMs;
  const first = atMs.findIndex((moment) => moment >= fromMs);
  const skipped = first === -1 ? Math.max(0, atMs.length - 1) : first;
  return { atMs: atMs.slice(skipped), values: values.slice(skipped) };
}

/**
 * Undefined for what may be anything else than a leak. The leak may have begun in the middle of a stretch: the whole is
 * tried first, then its newest part, because what rises for longer is surer.
 */
function leakOf(points: Points, totalBytes: number, knownMs: number): Rise | undefined {
  const spanMs = spanOf(points) + bucketMs;
  const parts = partsMs.filter((part) => part < spanMs).map((part) => newestPart(points, part));
  for (const part of [points, ...parts]) {
    if (spanOf(part) + bucketMs < lateMs && knownMs < knownForEarlyMs) continue;
    const rise = riseOf(part, totalBytes);
    if (rise !== undefined && isNewHigh(part, points)) return rise;
  }
  return undefined;
}

/** Half of the rise is above what was within two weeks before: else it comes and goes, as with the days of a week. */
function isNewHigh(part: Points, whole: Points): boolean {
  const fromMs = part.atMs[0] ?? 0;
  const before = between(whole, fromMs - weekMs * 2, fromMs - bucketMs).values;
  const high = Math.max(...part.values.slice(-4));
  return before.length === 0 || high - Math.max(...before) > (high - Math.min(...part.values)) / 2;
}

function newestPart({ atMs, values }: Points, ms: number): Points {
  const count = Math.round(ms / bucketMs);
  return { atMs: atMs.slice(-count), values: values.slice(-count) };
}

function riseOf(points: Points, totalBytes: number): Rise | undefined {
  const spanMs = spanOf(points) + bucketMs;
  if (spanMs < earlyMs) return undefined;
  const early = mannKendall(bySlot(points)).p;
  const late = spanMs < lateMs ? 1 : mannKendall([bucketed(points, dayMs, Math.min).values]).p;
  if (early >= earlyP && late >= lateP) return undefined;
  const line = theilSen(points);
  const free = totalBytes - line.level;
  const risen = (line.slopePerDay * spanMs) / dayMs;
  const noise = robustSpread(residualsOf(points, line));
  const matters = (line.slopePerDay * horizonMs) / dayMs > free;
  const stands = risen > leastRise.spreads * noise && risen > leastRise.share * totalBytes;
  if (!matters || !stands || levelsOff(points)) return undefined;
  return {
    fromMs: points.atMs[0] ?? 0,
    toMs: points.atMs.at(-1) ?? 0,
    bytesPerDay: line.slopePerDay,
    level: line.level,
    p: Math.min(early, late),
  };
}

/** The same quarter of each day is one group. */
function bySlot({ atMs, values }: Points): readonly (readonly number[])[] {
  const slots: number[][] = [[], [], [], []];
  for (const [place, moment] of atMs.entries())
    slots[Math.floor((moment % dayMs) / bucketMs)]?.push(values[place] ?? 0);
  return slots;
}

/**
 * A cache or a heap that fills rises ever less: between its third and last quarter by less than 0.6 of what it rose
 * between its first two.
 */
function levelsOff({ values }: Points): boolean {
  const size = values.length / 4;
  const [first = 0, second = 0, third = 0, last = 0] = [0, 1, 2, 3].map((quarter) =>
    medianOf(values.slice(Math.round(quarter * size), Math.round((quarter + 1) * size))),
  );
  return last - third < steadyShare * (second - first);
}

interface Told {
  readonly rise: Rise;
  /** Earlier rises that were leaks. */
  readonly repeats: number;
  /** The newest restart is too recent to see it rise again. */
  readonly restarted: boolean;
}

export const formula =
  "leak = memory rises by Mann and Kendall's test (lowest use per quarter of a day, equal hours compared, p < 0.001 from 4 days on; or daily lows, p < 0.01 from 7 days on) and slope × 30 days > memory − used, the rise is over 4 times its noise and 2 % of the memory, and it does not level off; slope by Theil and Sen; full = now + (memory − used) / slope";

function leak(candidate: LeakCandidate, told: Told, usedNow: number, nowMs: number): Finding {
  const { cluster, guest, name, totalBytes, withoutCache } = candidate;
  const { rise, repeats, restarted } = told;
  const leftMs = (Math.max(0, totalBytes - usedNow) / rise.bytesPerDay) * dayMs;
  const perDay = `${bytesInWords(rise.bytesPerDay)} per day`;
  const saw = repeats > 0 ? `, again and again after ${counted(repeats, "restart")}` : "";
  const since = restarted ? "" : ` since ${dateInWords(rise.fromMs)}`;
  const end = restarted ? "it was restarted not long ago" : `full in ${daysInWords(leftMs)} at this rate`;
  const cache = withoutCache ? "" : " This measure includes the guest's cache, so that it may be one that fills.";
  return {
    kind: "memory-leak",
    cluster,
    subject: guest,
    key: "",
    severity: severityOf(leftMs, told, withoutCache),
    certainty: "estimate",
    message: `Memory of ${name} rises by ${perDay}${since}${saw}; ${end}.${cache}`,
    remedy:
      "Look which process grows in the guest (`ps aux --sort=-rss`), and restart that service before the memory is full; more memory only defers it.",
    evidence: [evidenceOf(candidate, told, nowMs)],
    formula,
    fields: {
      bytes_per_day: Math.round(rise.bytesPerDay),
      used_bytes: usedNow,
      total_bytes: totalBytes,
      p_value: Number(rise.p.toPrecision(2)),
      restarts: repeats,
      without_cache: withoutCache,
      due_at_ms: restarted ? null : Math.round(nowMs + leftMs),
    },
  };
}

/** What may be a cache is never more than a hint, unless restarts show that it comes back. */
function severityOf(leftMs: number, { repeats, restarted }: Told, withoutCache: boolean): Severity {
  if (restarted || (!withoutCache && repeats === 0)) return "info";
  return leftMs < 2 * dayMs ? "critical" : leftMs < 14 * dayMs ? "warning" : "info";
}

function evidenceOf({ guest, metric, totalBytes }: LeakCandidate, { rise }: Told, nowMs: number): Evidence {
  return {
    what: "memory used, lowest of each quarter of a day",
    series: { id: guest, metric },
    fromMs: rise.fromMs,
    toMs: Math.max(rise.toMs, nowMs),
    numbers: {
      slope_bytes_per_day: Math.round(rise.bytesPerDay),
      p_value: Number(rise.p.toPrecision(2)),
      days: Math.round(((rise.toMs - rise.fromMs) / dayMs) * 10) / 10,
      used_bytes: Math.round(rise.level),
      total_bytes: totalBytes,
    },
  };
}
