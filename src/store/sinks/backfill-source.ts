// Stored history for a sink that came later, page by page: a window of time, and some series of one kind in it. The
// newest window goes first, so that the sink is useful soon.
import { type Batch, BlockBuilder, type Origin } from "../../model/batch.ts";
import { type EntityId, type EntityKind, entityKinds } from "../../model/ids.ts";
import { metricsByKind } from "../../model/metrics.ts";
import type { RangeQuery, RangeResult } from "../../model/store.ts";
import type { BackfillPosition } from "./sink-cursor.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A page is held in memory as a whole: 50 series of an hour are 18,000 samples. */
const seriesPerPage = 50;

/** What the store offers of what it holds. */
export interface StoredHistory {
  /** In an order that only grows at its end. */
  series(kind: EntityKind): readonly EntityId[];
  range(query: RangeQuery): Promise<RangeResult>;
  /** Before it there are no samples any more, only coarser points. */
  samplesFromMs(): number;
}

export interface BackfillPage {
  /** null when nothing is stored there. */
  readonly batch: Batch | null;
  /** null after the last page. */
  readonly next: BackfillPosition | null;
}

export interface BackfillSource {
  page(position: BackfillPosition, sink: string): Promise<BackfillPage>;
}

export const firstPosition = (fromMs: number, toMs: number): BackfillPosition | null =>
  fromMs < toMs ? { fromMs, toMs, beforeMs: toMs, kind: entityKinds[0], series: 0 } : null;

/** How much was given, in whole hours. */
export const hoursOf = ({ fromMs, toMs, beforeMs }: BackfillPosition): { done: number; total: number } => ({
  done: Math.floor((toMs - beforeMs) / hourMs),
  total: Math.ceil((toMs - fromMs) / hourMs),
});

export function backfillSource(history: StoredHistory): BackfillSource {
  return {
    page: async (position, sink) => {
      const { kind, series, beforeMs } = position;
      const known = history.series(kind);
      const window = { fromMs: windowBegin(position, history.samplesFromMs()), toMs: beforeMs };
      const ids = known.slice(series, series + seriesPerPage);
      const blocks = [await blockOf(history, kind, ids, window)].filter(({ length }) => length > 0);
      const batchId = `backfill-${sink}-${kind}-${beforeMs}-${series}`;
      const batch = { batchId, cluster: ids[0]?.split("/")[0] ?? "", source: "backfill", marks: {}, blocks };
      return { batch: blocks.length === 0 ? null : batch, next: nextOf(position, known.length, window.fromMs) };
    },
  };
}

/** Windows end at whole hours or days, so that a position means the same after a restart. */
function windowBegin({ fromMs, beforeMs }: BackfillPosition, samplesFromMs: number): number {
  const width = beforeMs > samplesFromMs ? hourMs : dayMs;
  return Math.max(fromMs, Math.ceil(beforeMs / width - 1) * width);
}

function nextOf(position: BackfillPosition, seriesOfKind: number, windowFromMs: number): BackfillPosition | null {
  const series = position.series + seriesPerPage;
  if (series < seriesOfKind) return { ...position, series };
  const kind = entityKinds[entityKinds.indexOf(position.kind) + 1];
  if (kind !== undefined) return { ...position, kind, series: 0 };
  if (windowFromMs <= position.fromMs) return null;
  return { ...position, beforeMs: windowFromMs, kind: entityKinds[0], series: 0 };
}

async function blockOf(
  history: StoredHistory,
  kind: EntityKind,
  ids: readonly EntityId[],
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<ReturnType<BlockBuilder["build"]>> {
  const rows = new Rows(kind);
  if (ids.length === 0) return rows.build();
  for (const { id: metric, type } of metricsByKind[kind]) {
    const aggregation = type === "counter" ? "last" : "avg";
    const { frames } = await history.range({ ids, metric, aggregation, ...window, stepMs: 0 });
    for (const { id, timeMs, values, resolutionS, origins } of frames) {
      for (const [at, ts] of timeMs.entries()) {
        const value = values[at];
        const stepS = resolutionS[at] ?? 0;
        if (value != null) rows.set(id, ownTime(ts, stepS), stepS, origins[at] ?? "export", metric, value);
      }
    }
  }
  return rows.build();
}

/** An interval that ends where another point begins is shown a millisecond early; intervals end at whole seconds. */
const ownTime = (ts: number, stepS: number): number => (stepS >= 60 && ts % 1000 === 999 ? ts + 1 : ts);

/** Puts the values of one moment, which come metric by metric, into one row. */
class Rows {
  readonly #builder: BlockBuilder;
  readonly #numbers = new Map<EntityId, Map<string, number>>();

  constructor(kind: EntityKind) {
    this.#builder = new BlockBuilder(kind);
  }

  set(id: EntityId, ts: number, stepS: number, origin: Origin, metric: string, value: number): void {
    const moments = this.#numbers.get(id) ?? new Map<string, number>();
    this.#numbers.set(id, moments);
    const moment = `${ts}/${stepS}/${origin}`;
    const row = moments.get(moment) ?? this.#builder.row(id, ts, stepS, origin, null);
    moments.set(moment, row);
    this.#builder.set(row, metric, value);
  }

  build(): ReturnType<BlockBuilder["build"]> {
    return this.#builder.build();
  }
}
