// Learns the past of series that are not watched yet, a slice per run: after a start of the service ten thousand series
// wait, and neither the store nor the other jobs should notice.
import { inGroups } from "../../lib/in-groups.ts";
import type { EntityId } from "../../model/ids.ts";
import { type Episode, SeriesWatch } from "../anomaly/index.ts";
import type { SeriesStore } from "../context.ts";
import { readRows, type StoredRows } from "./read-rows.ts";
import type { WatchedMetric } from "./watched-metrics.ts";
import { coarseStepMs, fineStepMs, type Later, type WatchedSeries } from "./watched-series.ts";

const dayMs = 86_400_000;
/** What scales remember on rows of five minutes, and PVE's own month with room to spare. */
const historyMs: Readonly<Record<number, number>> = { [fineStepMs]: 28 * dayMs, [coarseStepMs]: 56 * dayMs };
/** Two weeks, in which days and weekends are seen twice, and how much of them has to be there. */
const neededMs = 14 * dayMs;
const neededShare = 0.5;
const firstWaitMs = 600_000;
/** Four weeks of these are a fifth of a million rows, half a second of the store; people's questions go in between. */
const idsPerLesson = 25;
/** A slice ends with the group of series that passes it: some seven seconds of one core, for the most part the store's. */
export const usualSliceRows = 2_000_000;

export interface LearnRequest {
  readonly store: Pick<SeriesStore, "range">;
  readonly nowMs: number;
  /** Rows up to here are complete. */
  readonly toMs: number;
  /** By metric, what exists. */
  readonly wanted: ReadonlyMap<WatchedMetric, readonly EntityId[]>;
  readonly series: WatchedSeries;
  readonly sliceRows: number;
  /** Hears of each series that is watched from now on, with everything unusual in its past, oldest first. */
  readonly onLearned: (metric: WatchedMetric, id: EntityId, watch: SeriesWatch, past: readonly Episode[]) => void;
}

/** Returns how many series still wait. */
export async function learn(request: LearnRequest): Promise<number> {
  const { wanted, series, nowMs, sliceRows } = request;
  let rows = 0;
  let waiting = 0;
  for (const [metric, ids] of wanted) {
    for (const group of inGroups(series.due(metric, ids, nowMs), idsPerLesson)) {
      if (rows >= sliceRows) waiting += group.length;
      else rows += await learnGroup(request, metric, group);
    }
  }
  return waiting;
}

async function learnGroup(request: LearnRequest, metric: WatchedMetric, ids: readonly EntityId[]): Promise<number> {
  const fine = await history(request, metric, ids, fineStepMs);
  const long = new Set(fine.filter((rows) => isEnough(rows, fineStepMs)).map(({ id }) => id));
  const rest = ids.filter((id) => !long.has(id));
  const coarse = rest.length === 0 ? [] : await history(request, metric, rest, coarseStepMs);
  const fineById = new Map(fine.map((rows) => [rows.id, rows]));
  const coarseById = new Map(coarse.map((rows) => [rows.id, rows]));
  for (const id of ids) settle(request, metric, id, fineById.get(id), coarseById.get(id));
  return [...fine, ...coarse].reduce((sum, { times }) => sum + times.length, 0);
}

async function history(
  { store, toMs }: LearnRequest,
  { metric }: WatchedMetric,
  ids: readonly EntityId[],
  stepMs: number,
): Promise<readonly StoredRows[]> {
  const endMs = Math.floor(toMs / stepMs) * stepMs;
  const fromMs = endMs - (historyMs[stepMs] ?? 0);
  return readRows(store, { ids, metric, fromMs, toMs: endMs, stepMs });
}

function settle(
  request: LearnRequest,
  metric: WatchedMetric,
  id: EntityId,
  fine: StoredRows | undefined,
  coarse: StoredRows | undefined,
): void {
  const { series } = request;
  if (fine !== undefined && isEnough(fine, fineStepMs)) {
    series.settle(metric, id);
    take(request, metric, fine, fineStepMs);
    return;
  }
  const isWatched = coarse !== undefined && isEnough(coarse, coarseStepMs);
  series.postpone(
    metric,
    id,
    isWatched ? untilFine(request, fine) : sooner(request, series.later(metric).get(id), coarse),
  );
  if (isWatched && series.of(metric).get(id) === undefined) take(request, metric, coarse, coarseStepMs);
}

/** Half hours do until there are two weeks of finer rows. */
function untilFine({ nowMs }: LearnRequest, fine: StoredRows | undefined): Later {
  const atMs = Math.max(nowMs + dayMs, (fine?.times[0] ?? nowMs) + neededMs + dayMs);
  return { atMs, waitMs: dayMs, days: neededMs / dayMs };
}

/** Soon while a cluster's history may still be coming in, then ever more rarely. */
function sooner({ nowMs }: LearnRequest, before: Later | undefined, coarse: StoredRows | undefined): Later {
  const waitMs = Math.min(dayMs, before === undefined ? firstWaitMs : before.waitMs * 2);
  return { atMs: nowMs + waitMs, waitMs, days: coarse === undefined ? 0 : Math.floor(spanMs(coarse) / dayMs) };
}

function take(request: LearnRequest, metric: WatchedMetric, rows: StoredRows, stepMs: number): void {
  const watch = new SeriesWatch(stepMs);
  const past: Episode[] = [];
  for (let row = 0; row < rows.times.length; row++)
    past.push(...watch.next(rows.times[row] ?? 0, rows.values[row] ?? Number.NaN));
  request.series.watch(metric, rows.id, watch);
  request.onLearned(metric, rows.id, watch, past);
}

const spanMs = ({ times }: StoredRows): number => (times.at(-1) ?? 0) - (times[0] ?? 0);

const isEnough = (rows: StoredRows, stepMs: number): boolean =>
  spanMs(rows) >= neededMs && rows.times.length >= (neededShare * neededMs) / stepMs;
