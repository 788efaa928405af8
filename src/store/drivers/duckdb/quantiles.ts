// Percentiles of many series, from every sample or from sketches; quantiles.ts of the store decides which.
import type { HistogramBins } from "../../../model/metrics.ts";
import { type QuantileRow, type QuantilesQuery, type QuantilesResult, tiers } from "../../../model/store.ts";
import { averagesBesideSketches, quantileRow } from "../../fleet-points.ts";
import { checkQuantiles } from "../../fleet-question.ts";
import { binError } from "../../histogram.ts";
import { emptyPoints } from "../../points.ts";
import { type AveragedPoint, planQuantiles, quantilesFromSketches, samplesOf } from "../../quantiles.ts";
import { dayOf, rolledFromSamples, rrdMax } from "../../tiers.ts";
import type { DriverState } from "./dictionaries.ts";
import { type FleetReader, fleetReader, hasImported, readTier, sourceOf } from "./fleet-rows.ts";
import { readPoints } from "./range.ts";
import { readDoubles } from "./read-doubles.ts";
import { type FoundSketch, readSketches } from "./sketches.ts";

type Connection = FleetReader["connection"];

export async function readQuantiles(
  connection: Connection,
  state: DriverState,
  query: QuantilesQuery,
  rawFromMs: number,
): Promise<QuantilesResult> {
  const { kind, metric } = checkQuantiles(query);
  const plan = planQuantiles(query, metric.histogramBins, rawFromMs);
  const reader = fleetReader(connection, state, kind, { ...query, fromMs: plan.fromMs });
  if (plan.source === "sketches" && metric.histogramBins !== null)
    return fromSketches(reader, metric.histogramBins, query);
  const simple = (await mayMix(reader)) ? undefined : await fromSamples(reader, query);
  const rows = simple ?? (await fromPoints(reader, query));
  const exact = rows.every(({ averaged }) => averaged === 0);
  return { source: "raw", exact, fromMs: query.fromMs, toMs: query.toMs, error: null, rows };
}

async function mayMix(reader: FleetReader): Promise<boolean> {
  for (const tier of tiers) if (await hasImported(reader, tier)) return true;
  return false;
}

async function fromPoints(reader: FleetReader, query: QuantilesQuery): Promise<QuantileRow[]> {
  const { connection, kind, ids } = reader;
  const { metric } = checkQuantiles(query);
  const { fromMs, toMs } = query;
  const question = { ids: [], metric: metric.id, aggregation: "avg", fromMs, toMs, stepMs: 0 } as const;
  const found = await readPoints(connection, { kind, metric, sids: [...ids.keys()], query: question });
  return [...ids].flatMap(([sid, id]) => quantileRow(id, found.get(sid) ?? emptyPoints(), query) ?? []);
}

/**
 * Only our own samples, so no points have to be compared and DuckDB finds the ranks. Undefined when samples stand for
 * unlike times: its percentiles know no weights.
 */
async function fromSamples(reader: FleetReader, { ps }: QuantilesQuery): Promise<QuantileRow[] | undefined> {
  const { connection, fromMs, toMs, ids } = reader;
  const rows: QuantileRow[] = [];
  const steps = { areEven: true };
  const result = await connection.stream(await ranksSql(reader, ps), [BigInt(fromMs), BigInt(toMs)]);
  await readDoubles(result, ([sids, counts, shortest, longest, ...values], length) => {
    for (let row = 0; row < length; row++) {
      const step = shortest?.[row] ?? 0;
      steps.areEven &&= step === longest?.[row];
      const samples = (counts?.[row] ?? 0) * samplesOf(step);
      const found = values.map((column) => column[row] ?? Number.NaN);
      rows.push({ id: ids.get(sids?.[row] ?? 0) ?? "", values: found, samples, averaged: 0 });
    }
  });
  return steps.areEven ? rows : undefined;
}

async function ranksSql(reader: FleetReader, ps: readonly number[]): Promise<string> {
  const { metric, fromMs, toMs, onlyAsked } = reader;
  // The same hair as in rankOf: 0.95 of 20 is 19, whatever the last bit says.
  const shares = ps.map((p) => Math.max(0, p - 1e-9)).join(", ");
  const values = ps.map((_, index) => `q[${index + 1}]`).join(", ");
  return `SELECT sid, n, shortest, longest, ${values} FROM (
      SELECT sid::DOUBLE AS sid, count(*)::DOUBLE AS n, min(step_s)::DOUBLE AS shortest, max(step_s)::DOUBLE AS longest,
        quantile_disc("${metric}", [${shares}]) AS q
      FROM ${await sourceOf(reader, "raw", fromMs, toMs)}
      WHERE ts >= $1 AND ts < $2 AND origin <> ${rrdMax} AND "${metric}" IS NOT NULL ${onlyAsked}
      GROUP BY sid
    )`;
}

async function fromSketches(reader: FleetReader, bins: HistogramBins, query: QuantilesQuery): Promise<QuantilesResult> {
  const { connection, kind, metric, fromMs, toMs, ids } = reader;
  const sketches = await readSketches(connection, kind, metric, fromMs, toMs);
  const averages = await readAverages(reader, sketches);
  const rows = quantilesFromSketches(
    { bins, ps: query.ps, ids },
    sketches.map(({ sketch }) => sketch),
    averages,
  );
  const end = sketches.reduce((latest, { endMs }) => Math.max(latest, endMs), 0);
  return { source: "sketches", exact: false, fromMs, toMs: end === 0 ? toMs : end, error: binError(bins), rows };
}

/** What PVE averaged before there were samples: the imported history. */
async function readAverages(reader: FleetReader, sketches: readonly FoundSketch[]): Promise<AveragedPoint[]> {
  const found = await readTier(reader, "1h", `AND derived <> ${rolledFromSamples}`);
  if (found.size === 0) return [];
  const sketched = new Set<string>();
  for (const { beginMs, sketch } of sketches) {
    for (let at = 0; at < sketch.length; at++) sketched.add(`${sketch.series(at)}/${dayOf(beginMs)}`);
  }
  return [...found].flatMap(([series, points]) =>
    averagesBesideSketches(points, reader, (day) => sketched.has(`${series}/${day}`)).map((point) => ({
      series,
      ...point,
    })),
  );
}
