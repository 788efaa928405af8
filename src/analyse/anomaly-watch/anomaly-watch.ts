// One run of the watch: feed what is new, learn a slice of what is not known yet, look who is silent, and put into words
// what has begun, changed or ended. What it holds can be made anew from stored history and its own documents.

import type { AnalysisDocuments } from "../../model/analysis.ts";
import {
  type AnomalyDayDocument,
  type AnomalySeriesDocument,
  type AnomalyWatchDocument,
  anomalyDayName,
  anomalySeriesName,
  anomalyWatchName,
  dayKey,
} from "../../model/anomalies.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { Episode, SeriesWatch } from "../anomaly/index.ts";
import type { JobContext } from "../job.ts";
import { AnomalyBook, type HeldAnomaly } from "./anomaly-book.ts";
import type { AnomalyContext } from "./context.ts";
import { type Begun, beginAll, hearSilences, refreshOpen } from "./course.ts";
import { follow } from "./follow.ts";
import { learn, usualSliceRows } from "./learn.ts";
import { maintenancesOf } from "./maintenances.ts";
import { findSilences } from "./silence.ts";
import { type Subject, type Subjects, subjectsOf, wantedOf } from "./subjects.ts";
import { listOf, seriesIn, seriesKey, stateOf } from "./watch-documents.ts";
import { type WatchedMetric, watchedMetric, watchedMetrics } from "./watched-metrics.ts";
import { fineStepMs, WatchedSeries } from "./watched-series.ts";

const dayMs = 86_400_000;
/** Samples of the last minutes may still be under way from a cluster that is read once a minute. */
const underWayMs = 120_000;
/** What is kept at hand; the documents of the days before stay. */
const keptMs = 35 * dayMs;
/** A series without rows for so long is not measured any more: what lasted with it is over. */
const lostMs = 2 * 3_600_000;

export interface WatchOutcome {
  /** Rows of this run. */
  readonly judged: number;
  /** Series whose past is not learned yet. */
  readonly waiting: number;
  readonly watched: number;
  readonly open: readonly HeldAnomaly[];
  readonly documents: readonly { readonly name: string; cluster: ClusterId; key: string; body: unknown }[];
}

/** What an earlier process has told: rows up to `toMs` of these series. */
interface Earlier {
  readonly toMs: number;
  readonly series: ReadonlySet<string>;
}

export class AnomalyWatch {
  readonly #series = new WatchedSeries();
  readonly #book = new AnomalyBook();
  readonly #earlier = new Map<ClusterId, Earlier>();
  /** How many series each cluster's list had when it was written last. */
  readonly #listed = new Map<ClusterId, number>();
  readonly #sliceRows: number;

  /** `sliceRows`: how much history a run may learn. */
  constructor(sliceRows = usualSliceRows) {
    this.#sliceRows = sliceRows;
  }

  async run(context: JobContext): Promise<WatchOutcome> {
    const { nowMs, fleet, store, events } = context;
    const series = this.#series;
    const toMs = Math.floor((nowMs - underWayMs) / fineStepMs) * fineStepMs;
    const subjects = subjectsOf(fleet);
    const clusters = fleet.list("cluster").map(({ entity }) => entity.cluster);
    for (const cluster of clusters) await this.#restore(context.documents, cluster, nowMs);
    const begun: Begun[] = [];
    const begin = (metric: WatchedMetric, id: string, { stepMs }: SeriesWatch, episode: Episode): void => {
      const subject = subjects.get(id);
      if (subject !== undefined) begun.push({ subject, metric, episode, stepMs });
    };
    const judged = await follow({ store, toMs, series, onBegan: begin });
    const onLearned = (metric: WatchedMetric, id: string, watch: SeriesWatch, past: readonly Episode[]): void => {
      for (const episode of this.#untold(subjects.get(id), metric, watch, past, nowMs))
        begin(metric, id, watch, episode);
    };
    const waiting = await learn({
      store,
      nowMs,
      toMs,
      wanted: wantedOf(subjects),
      series,
      sliceRows: this.#sliceRows,
      onLearned,
    });
    this.#endWhatIsGone(subjects, nowMs);
    const shared: AnomalyContext = { nowMs, fleet, store, events, maintenances: maintenancesOf(context) };
    await beginAll(this.#book, shared, begun);
    const silences = await findSilences({ store, nowMs, toMs, subjects, series });
    await hearSilences(this.#book, shared, { silences, toMs });
    await refreshOpen(this.#book, shared, subjects);
    this.#book.forgetBefore(nowMs - keptMs);
    const documents = clusters.flatMap((cluster) => this.#documentsOf(cluster, subjects, toMs));
    const watched = documents.reduce(
      (sum, { body }) => sum + ((body as Partial<AnomalyWatchDocument>).watched ?? 0),
      0,
    );
    return { judged, waiting, watched, open: this.#book.open(), documents: [...this.#dayDocuments(), ...documents] };
  }

  async #restore(documents: AnalysisDocuments, cluster: ClusterId, nowMs: number): Promise<void> {
    if (this.#earlier.has(cluster)) return;
    const days = await documents.list({ name: anomalyDayName, cluster, fromKey: dayKey(nowMs - keptMs) });
    const [state] = await documents.list({ name: anomalyWatchName, cluster });
    const [list] = await documents.list({ name: anomalySeriesName, cluster });
    for (const { body } of days) this.#book.restore(cluster, (body as AnomalyDayDocument).anomalies);
    this.#earlier.set(cluster, {
      toMs: (state?.body as AnomalyWatchDocument | undefined)?.watchedToMs ?? 0,
      series: list === undefined ? new Set<string>() : seriesIn(list.body as AnomalySeriesDocument),
    });
  }

  /** Of a past that was learned, what nobody was told yet. What was told and lasts is joined to its watch. */
  #untold(
    subject: Subject | undefined,
    { metric }: WatchedMetric,
    watch: SeriesWatch,
    past: readonly Episode[],
    nowMs: number,
  ): readonly Episode[] {
    if (subject === undefined) return [];
    for (const reason of ["value", "flat", "shift"] as const) {
      const held = this.#book.openAt({ subject: subject.id, metric, reason });
      if (held === undefined) continue;
      held.episode = watch.open.find((episode) => sameSort(episode.reason, reason));
      if (held.episode === undefined) this.#book.change(held, { open: false });
    }
    const earlier = this.#earlier.get(subject.cluster);
    const toldToMs = earlier?.series.has(seriesKey(subject.id, metric)) === true ? earlier.toMs : 0;
    const oldestMs = nowMs - keptMs;
    return past.filter(({ noticedMs, lastMs }) => noticedMs + watch.stepMs > toldToMs && lastMs > oldestMs);
  }

  /** Deleted guests, and series that are not measured any more. */
  #endWhatIsGone(subjects: Subjects, nowMs: number): void {
    for (const held of this.#book.open()) {
      const { subject, metric, reason } = held.record;
      const known = subjects.get(subject);
      const of = known === undefined ? undefined : watchedMetric(known.kind, metric);
      const lastMs = of === undefined ? undefined : this.#series.of(of).get(subject)?.lastMs;
      const isLost = reason !== "gap" && lastMs !== undefined && lastMs < nowMs - lostMs;
      if (known === undefined || isLost) this.#book.change(held, { open: false });
    }
    for (const metric of watchedMetrics) {
      for (const id of [...this.#series.of(metric).keys(), ...this.#series.later(metric).keys()])
        if (!subjects.has(id)) this.#series.forget(metric, id);
    }
  }

  #dayDocuments(): WatchOutcome["documents"] {
    return this.#book.takeDueDays().map(({ cluster, day, anomalies }) => {
      const body: AnomalyDayDocument = { anomalies };
      return { name: anomalyDayName, cluster, key: day, body };
    });
  }

  /** The list only when it has grown or shrunk: that of a large fleet has half a megabyte. */
  #documentsOf(cluster: ClusterId, subjects: Subjects, toMs: number): WatchOutcome["documents"] {
    const earlier = this.#earlier.get(cluster);
    const now = stateOf(cluster, { series: this.#series, subjects, watchedToMs: toMs });
    // Until all is learned again after a restart, what was told before it is what counts at the next one.
    const isCatchingUp = now.waiting > 0 && (earlier?.series.size ?? 0) > 0;
    const state = isCatchingUp ? { ...now, watchedToMs: earlier?.toMs ?? toMs } : now;
    const documents = [{ name: anomalyWatchName, cluster, key: "", body: state as unknown }];
    if (isCatchingUp || this.#listed.get(cluster) === now.watched) return documents;
    this.#listed.set(cluster, now.watched);
    return [...documents, { name: anomalySeriesName, cluster, key: "", body: listOf(cluster, this.#series) }];
  }
}

const sameSort = (reason: Episode["reason"], as: "value" | "flat" | "shift"): boolean =>
  reason === "flat" || reason === "shift" ? reason === as : as === "value";
