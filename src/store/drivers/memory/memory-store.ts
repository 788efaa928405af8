// The store in plain arrays: for tests, and as the reference of what every store has to answer. Nothing is durable.
import { type Batch, rowsOf } from "../../../model/batch.ts";
import { type EntityId, type EntityKind, entityKinds, parseEntityId } from "../../../model/ids.ts";
import type {
  LatestValue,
  MetricsStore,
  QuantilesQuery,
  QuantilesResult,
  RangeQuery,
  RangeResult,
  StoreStats,
  Tier,
  TotalsQuery,
  TotalsResult,
  TrendQuery,
  TrendResult,
} from "../../../model/store.ts";
import { capabilitiesOf } from "../../capabilities.ts";
import { checkFleetQuery, checkQuantiles, checkTotals } from "../../fleet-question.ts";
import { packResult, unpackResult } from "../../frames.ts";
import { mergeSeries } from "../../merge.ts";
import { addPoint, emptyPoints, type Points } from "../../points.ts";
import { type AskedSeries, checkRangeQuery } from "../../range-question.ts";
import { fact, rrdMax, tierOfQuery } from "../../tiers.ts";
import { memoryQuantiles, memoryTotals, memoryTrend } from "./memory-fleet.ts";
import { MemoryRows, pointOf, type StoredRow } from "./memory-rows.ts";

export class MemoryStore implements MetricsStore {
  readonly capabilities = capabilitiesOf("memory");
  readonly #kinds = new Map<EntityKind, MemoryRows>(entityKinds.map((kind) => [kind, new MemoryRows(kind)]));
  readonly #batchIds = new Set<string>();
  readonly #marks = new Map<string, Record<string, number>>();
  #rows = 0;

  async append(batch: Batch): Promise<void> {
    if (this.#batchIds.has(batch.batchId)) return;
    this.#batchIds.add(batch.batchId);
    this.#marks.set(batch.cluster, { ...this.#marks.get(batch.cluster), ...batch.marks });
    for (const row of rowsOf(batch)) {
      this.#rows++;
      this.#rowsOfKind(parseEntityId(row.id)?.kind ?? "cluster").add(row);
    }
    return Promise.resolve();
  }

  async marks(cluster: string): Promise<Readonly<Record<string, number>>> {
    return Promise.resolve({ ...this.#marks.get(cluster) });
  }

  async range(query: RangeQuery): Promise<RangeResult> {
    const series = checkRangeQuery(query).map(
      (asked) => [asked.id, mergeSeries(this.#points(asked, query), query)] as const,
    );
    return Promise.resolve(unpackResult(packResult(query.stepMs, series, "memory")));
  }

  async latest(kind: EntityKind, sinceMs: number): Promise<readonly LatestValue[]> {
    const newest = new Map<EntityId, StoredRow>();
    const rows = this.#rowsOfKind(kind);
    for (const tier of ["raw", "5m", "1h"] as const) {
      for (const row of rows.rows(tier)) {
        if (row.ts <= sinceMs || row.origin === rrdMax || row.derived !== 0) continue;
        const known = newest.get(row.id);
        if (known === undefined || goesBefore(row, known)) newest.set(row.id, row);
      }
    }
    return Promise.resolve([...newest.values()].map(latestValue));
  }

  async quantiles(query: QuantilesQuery): Promise<QuantilesResult> {
    return Promise.resolve(memoryQuantiles(this.#rowsOfKind(checkQuantiles(query).kind), query));
  }

  async trend(query: TrendQuery): Promise<TrendResult> {
    return Promise.resolve(memoryTrend(this.#rowsOfKind(checkFleetQuery(query).kind), query));
  }

  async totals(query: TotalsQuery): Promise<TotalsResult> {
    return Promise.resolve(memoryTotals(this.#rowsOfKind(checkTotals(query).kind), query));
  }

  async stats(): Promise<StoreStats> {
    return Promise.resolve({
      journalBytes: 0,
      journalSegments: 0,
      databaseBytes: 0,
      rowsWritten: this.#rows,
      batchesWritten: this.#batchIds.size,
      batchesPending: 0,
      batchesDropped: 0,
      degraded: false,
      writeError: null,
      sinks: [],
    });
  }

  rollup(nowMs: number): void {
    for (const rows of this.#kinds.values()) rows.rollup(nowMs);
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }

  #rowsOfKind(kind: EntityKind): MemoryRows {
    const rows = this.#kinds.get(kind);
    if (rows === undefined) throw new TypeError(`no kind ${kind}`);
    return rows;
  }

  #points(asked: AskedSeries, query: RangeQuery): Points {
    const rows = this.#rowsOfKind(asked.kind);
    const points = emptyPoints();
    for (const tier of ["raw", "5m", "1h"] as const) {
      for (const row of rows.rows(tier)) {
        if (row.id !== asked.id || !isRead(rows, row, tier, query.stepMs)) continue;
        const point = pointOf(row, asked.metric.id, query.aggregation);
        if (point !== undefined) addPoint(points, point);
      }
    }
    return points;
  }
}

/** A tier finer than the question needs is read only where it is not rolled up yet. */
function isRead(rows: MemoryRows, row: StoredRow, tier: Tier, stepMs: number): boolean {
  const primary = tierOfQuery(stepMs);
  if (tier === "raw" && primary !== "raw") return rows.isDirty("5m", row);
  if (tier === "5m" && primary === "1h") return rows.isDirty("1h", row);
  return true;
}

/** What was measured goes before facts, whichever is newer. */
const goesBefore = (row: StoredRow, known: StoredRow): boolean =>
  (row.origin === fact) === (known.origin === fact) ? row.ts > known.ts : known.origin === fact;

const latestValue = (row: StoredRow): LatestValue => ({
  id: row.id,
  ts: row.ts,
  stepS: row.stepS,
  node: row.node,
  values: Object.fromEntries(
    Object.entries(row.cells).flatMap(([metric, cell]) => (cell.last === null ? [] : [[metric, cell.last]])),
  ),
});
