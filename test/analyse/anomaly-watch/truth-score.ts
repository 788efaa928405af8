// Holds the watch against what a simulated cluster has planted: its series as the service would read them, minute by
// minute of months, and what the watch would have told.
import { type Episode, knownCauseOf, SeriesWatch } from "../../../src/analyse/anomaly/index.ts";
import { slightness } from "../../../src/analyse/anomaly-watch/tell.ts";
import { type WatchedMetric, watchedMetric } from "../../../src/analyse/anomaly-watch/watched-metrics.ts";
import type { NewEvent } from "../../../src/model/event.ts";
import { buildCluster } from "../../../src/simulator/build-cluster.ts";
import type { Archetype, SimGuest } from "../../../src/simulator/entities.ts";
import { guestMemory, mixes } from "../../../src/simulator/guest-measure.ts";

const stepS = 300;
const dayS = 86_400;
const hourMs = 3_600_000;
/** What is planted begins 60 days before this moment; the 17 days before that are for learning. */
export const anchorS = Date.UTC(2026, 5, 1) / 1000;
const fromS = anchorS - 77 * dayS;
/** Nothing unusual is planted in these. */
const clean: readonly Archetype[] = [
  "service",
  "batch",
  "idle",
  "oversized",
  "throttled",
  "growing",
  "noisy-neighbour",
];

export interface TruthScore {
  /** By the kind of what was planted. */
  readonly planted: Readonly<Record<Planted, Count>>;
  /** Told of guests in which nothing is planted, and the weeks of all their series after the two for learning. */
  readonly falseAlarms: {
    readonly told: number;
    readonly slight: number;
    readonly seriesWeeks: number;
    /** What was told, by reason. */
    readonly reasons: Readonly<Record<string, number>>;
  };
  /** Told beside what is planted, of guests in which something is. */
  readonly beside: { readonly told: number; readonly seriesWeeks: number };
}
export type Planted = "spike" | "drop" | "stuck" | "shift";
interface Count {
  planted: number;
  found: number;
}

interface Told {
  readonly reason: Episode["reason"];
  readonly fromMs: number;
  readonly noticedMs: number;
  readonly lastMs: number;
  readonly muted: "slight" | "known" | null;
}

export function scoreOf(seed: number, size: { readonly guests: number; readonly daysAfter?: number }): TruthScore {
  const { guests } = buildCluster({ nodes: 6, guests: size.guests, seed, anchorS });
  const toS = anchorS + (size.daysAfter ?? 28) * dayS;
  const none = (): Count => ({ planted: 0, found: 0 });
  const planted = { spike: none(), drop: none(), stuck: none(), shift: none() };
  const falseAlarms = { told: 0, slight: 0, seriesWeeks: 0, reasons: {} as Record<string, number> };
  const beside = { told: 0, seriesWeeks: 0 };
  for (const guest of guests) {
    if (guest.template || guest.truth.archetype === "powered-off" || guest.truth.archetype === "memory-leak") continue;
    const series = metricsOf(guest).map(({ metric, at }) => toldOf(guest, metric, at, toS));
    const told = series.flatMap((each) => each.told.filter(({ muted }) => muted === null));
    const weeks = series.reduce((sum, each) => sum + each.weeks, 0);
    count(guest, told, toS, planted);
    if (clean.includes(guest.truth.archetype)) {
      falseAlarms.told += told.length;
      falseAlarms.slight += series.flatMap((each) => each.told).filter(({ muted }) => muted === "slight").length;
      falseAlarms.seriesWeeks += weeks;
      for (const { reason } of told) falseAlarms.reasons[reason] = (falseAlarms.reasons[reason] ?? 0) + 1;
    } else {
      beside.told += told.filter((each) => !isPlanted(guest, each)).length;
      beside.seriesWeeks += weeks;
    }
  }
  return { planted, falseAlarms, beside };
}

function count(guest: SimGuest, told: readonly Told[], toS: number, planted: Record<Planted, Count>): void {
  const learnedS = fromS + 14 * dayS;
  for (const { kind, from_s, to_s } of guest.truth.anomalies) {
    if (from_s < learnedS || to_s + 3600 > toS || !ranAll(guest, from_s - 14 * dayS, to_s)) continue;
    planted[kind].planted++;
    if (told.some((each) => touches(each, from_s * 1000, to_s * 1000 + hourMs))) planted[kind].found++;
  }
  for (const { at_s } of guest.truth.level_shifts) {
    if (at_s < fromS + 21 * dayS || at_s + 10 * dayS > toS) continue;
    planted.shift.planted++;
    if (told.some(({ reason, fromMs }) => reason === "shift" && Math.abs(fromMs / 1000 - at_s) < 3 * dayS))
      planted.shift.found++;
  }
}

/** Told because of what was planted: within an hour of an anomaly, or while a new level is learned. */
function isPlanted({ truth }: SimGuest, told: Told): boolean {
  return (
    truth.anomalies.some(({ from_s, to_s }) => touches(told, from_s * 1000, to_s * 1000 + hourMs)) ||
    truth.level_shifts.some(({ at_s }) => touches(told, at_s * 1000 - dayS * 1000, (at_s + 14 * dayS) * 1000))
  );
}

const touches = ({ fromMs, lastMs, noticedMs }: Told, beginMs: number, endMs: number): boolean =>
  Math.min(fromMs, noticedMs) < endMs && Math.max(lastMs, noticedMs) >= beginMs;

const ranAll = ({ lives }: SimGuest, beginS: number, endS: number): boolean =>
  lives.some((life) => life.fromS <= beginS && life.toS >= endS);

/** The six series of a guest as averages over five minutes, from the curves that the simulator's API answers from. */
function metricsOf({ load, ...guest }: SimGuest) {
  const sim = { load, ...guest } as SimGuest;
  const rate =
    (scale: number, mix: { readonly cpu: number; readonly io: number }) =>
    (atS: number): number =>
      scale * (mix.cpu * load.cpu.average(atS - stepS, atS) + mix.io * load.io.average(atS - stepS, atS));
  return [
    { metric: metricOf("cpu_ratio"), at: (atS: number) => load.cpu.average(atS - stepS, atS) },
    {
      metric: metricOf("mem_used_bytes"),
      at: (atS: number) => guestMemory(sim, load.memory.average(atS - stepS, atS), "9.2"),
    },
    { metric: metricOf("net_in_bytes_per_second"), at: rate(load.netInScale, mixes.netIn) },
    { metric: metricOf("net_out_bytes_per_second"), at: rate(load.netOutScale, mixes.netOut) },
    { metric: metricOf("disk_read_bytes_per_second"), at: rate(load.diskReadScale, mixes.diskRead) },
    { metric: metricOf("disk_write_bytes_per_second"), at: rate(load.diskWriteScale, mixes.diskWrite) },
  ];
}

function metricOf(id: string): WatchedMetric {
  const metric = watchedMetric("guest", id);
  if (metric === undefined) throw new TypeError(`${id} is not watched`);
  return metric;
}

function toldOf(guest: SimGuest, metric: WatchedMetric, at: (atS: number) => number, toS: number) {
  const watch = new SeriesWatch(stepS * 1000);
  const episodes: Episode[] = [];
  let firstS = Number.NaN;
  for (let atS = fromS + stepS; atS <= toS; atS += stepS) {
    if (!ranAll(guest, atS - stepS, atS)) continue;
    if (Number.isNaN(firstS)) firstS = atS;
    episodes.push(...watch.next((atS - stepS) * 1000, at(atS)));
  }
  const weeks = Number.isNaN(firstS) ? 0 : Math.max(0, (toS - firstS) / dayS - 14) / 7;
  const told = episodes.map(
    (episode): Told => ({
      reason: episode.reason,
      fromMs: episode.fromMs,
      noticedMs: episode.noticedMs,
      lastMs: episode.lastMs,
      muted: isKnown(guest, episode) ? "known" : slightness(metric, episode) === null ? null : "slight",
    }),
  );
  return { told, weeks };
}

/** Starts and stops are tasks, as in the cluster's log. */
function isKnown({ lives, vmid }: SimGuest, { fromMs, noticedMs }: Episode): boolean {
  const subject = `sim/guest/${vmid}~1`;
  const task = (atS: number, type: string): NewEvent => ({
    eventKey: `${type}/${atS}`,
    at: atS * 1000,
    endedAt: atS * 1000 + 3_000,
    topic: "task",
    type,
    cluster: "sim",
    subject,
    node: null,
    user: null,
    state: "ok",
    text: "",
  });
  const events = lives.flatMap(({ fromS: beganS, toS }) => [
    task(beganS, "qmstart"),
    ...(Number.isFinite(toS) ? [task(toS, "qmshutdown")] : []),
  ]);
  return knownCauseOf({ subject, stretch: { fromMs, atMs: noticedMs }, events, maintenances: [] }) !== undefined;
}
