// Answers questions from InfluxDB by InfluxQL, the one language that all its editions have. Points are read as they are
// and merged as everywhere (merge.ts); when they are too many, the server makes windows of them first.
import { LimitError } from "../../../lib/errors.ts";
import type { EntityId, EntityKind } from "../../../model/ids.ts";
import type { QuantileRow, QuantilesQuery, QuantilesResult, RangeQuery } from "../../../model/store.ts";
import { quantileRow } from "../../fleet-points.ts";
import { checkQuantiles } from "../../fleet-question.ts";
import { type PackedResult, packResult } from "../../frames.ts";
import { mergeSeries } from "../../merge.ts";
import { emptyPoints, type Points } from "../../points.ts";
import { type AskedSeries, checkRangeQuery } from "../../range-question.ts";
import type { SampleReader } from "../../sample-reader.ts";
import { maxStepMs } from "../../tiers.ts";
import type { InfluxServer } from "./influx-server.ts";
import { addRawPoints, addWindows, type PointQuestion, rawStatement, windowStatement } from "./point-queries.ts";

/** Points of one answer; some 100 bytes of JSON each. */
const mostPoints = 300_000;
const samplePeriodMs = 10_000;
const fiveMinutesMs = 300_000;
const hourMs = 3_600_000;
/** InfluxDB 3 Core opens a bounded number of files per question, which is about three days. */
const coreMaxRangeMs = 72 * hourMs;
/** Series that one statement names. */
const idsPerStatement = 200;

export interface InfluxReaderParts {
  readonly sink: string;
  readonly server: InfluxServer;
  /** Above so many points the server aggregates; a test may make it small. */
  readonly mostPoints?: number;
}

export class InfluxReader implements SampleReader {
  readonly kind = "influx";
  readonly sink: string;
  readonly #server: InfluxServer;
  readonly #mostPoints: number;

  constructor(parts: InfluxReaderParts) {
    this.sink = parts.sink;
    this.#server = parts.server;
    this.#mostPoints = parts.mostPoints ?? mostPoints;
  }

  async range(query: RangeQuery): Promise<PackedResult> {
    const asked = checkRangeQuery(query);
    await this.#checkRange(query);
    const points = new Map<EntityId, Points>(asked.map(({ id }) => [id, emptyPoints()]));
    for (const [kind, series] of byKind(asked)) await this.#read(questionOf(kind, series, query), query, points);
    const merged = asked.map(({ id }) => [id, mergeSeries(points.get(id) ?? emptyPoints(), query)] as const);
    return packResult(query.stepMs, merged, "influx");
  }

  async quantiles(query: QuantilesQuery): Promise<QuantilesResult | undefined> {
    const { kind } = checkQuantiles(query);
    const { fromMs, toMs } = query;
    if (((toMs - fromMs) / samplePeriodMs) * query.ids.length > this.#mostPoints) return undefined;
    await this.#checkRange(query);
    const rows: QuantileRow[] = [];
    for (let at = 0; at < query.ids.length; at += idsPerStatement) {
      const ids = query.ids.slice(at, at + idsPerStatement);
      const points = new Map<EntityId, Points>(ids.map((id) => [id, emptyPoints()]));
      const question = { kind, ids, metric: query.metric, fromMs, toMs, maxima: false };
      await this.#readRaw(question, points);
      await this.#readCoarse(question, points);
      rows.push(...ids.flatMap((id) => quantileRow(id, points.get(id) ?? emptyPoints(), query) ?? []));
    }
    const exact = rows.every(({ averaged }) => averaged === 0);
    return { source: "raw", exact, fromMs, toMs, error: null, rows };
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  async #checkRange({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Promise<void> {
    const { build } = await this.#server.identity();
    if (/core/i.test(build) && toMs - fromMs > coreMaxRangeMs)
      throw new LimitError("InfluxDB 3 Core answers ranges up to 72 hours.");
  }

  async #read(question: PointQuestion, query: RangeQuery, points: Map<EntityId, Points>): Promise<void> {
    const { fromMs, toMs, ids } = question;
    const isMany = ((toMs - fromMs) / samplePeriodMs) * ids.length > this.#mostPoints;
    const coarse = await this.#readCoarse(question, points);
    if (!isMany) {
      await this.#readRaw(question, points);
      return;
    }
    const windowMs = windowOf(query.stepMs, coarse === 0);
    if ((windowMs === undefined ? Number.POSITIVE_INFINITY : ((toMs - fromMs) / windowMs) * ids.length) > mostPoints)
      throw new LimitError(
        "These are too many points for one question to InfluxDB: ask for wider steps or fewer series.",
      );
    await this.#readWindows(question, windowMs ?? hourMs, points);
  }

  async #readRaw(question: PointQuestion, points: Map<EntityId, Points>): Promise<number> {
    const { fromMs, toMs } = question;
    const range = { fromMs: fromMs - maxStepMs.raw, toMs: toMs + maxStepMs.raw };
    return addRawPoints(await this.#server.query(rawStatement({ ...question, ...range }, "fine")), question, points);
  }

  /** PVE's own averages and maxima: few, and as wide as a week. Returns how many there are. */
  async #readCoarse(question: PointQuestion, points: Map<EntityId, Points>): Promise<number> {
    const { fromMs, toMs } = question;
    const range = { fromMs: fromMs - maxStepMs["1h"], toMs: toMs + maxStepMs["1h"] };
    return addRawPoints(await this.#server.query(rawStatement({ ...question, ...range }, "coarse")), question, points);
  }

  async #readWindows(question: PointQuestion, windowMs: number, points: Map<EntityId, Points>): Promise<void> {
    const begin = Math.floor(question.fromMs / windowMs) * windowMs;
    const end = Math.ceil(question.toMs / windowMs) * windowMs;
    const statement = windowStatement({ ...question, fromMs: begin, toMs: end }, windowMs);
    addWindows(await this.#server.query(statement, { epoch: "ms" }), question, windowMs, points);
  }
}

/**
 * Wide windows only where nothing coarse lies among them: a coarse point must win or lose against the window it lies
 * in, not against a day. Undefined for steps that only samples can answer.
 */
function windowOf(stepMs: number, isOnlyFine: boolean): number | undefined {
  if (stepMs < fiveMinutesMs) return undefined;
  if (isOnlyFine) return stepMs;
  return stepMs % hourMs === 0 ? hourMs : fiveMinutesMs;
}

const questionOf = (kind: EntityKind, series: readonly AskedSeries[], query: RangeQuery): PointQuestion => ({
  kind,
  ids: series.map(({ id }) => id),
  metric: query.metric,
  fromMs: query.fromMs,
  toMs: query.toMs,
  maxima: query.aggregation === "max",
  aggregation: query.aggregation,
});

function byKind(asked: readonly AskedSeries[]): Map<EntityKind, AskedSeries[]> {
  const kinds = new Map<EntityKind, AskedSeries[]>();
  for (const series of asked) kinds.set(series.kind, [...(kinds.get(series.kind) ?? []), series]);
  return kinds;
}
