// Percentiles of many series, from every sample or from sketches; quantiles.ts of the store decides which.
import type { HistogramBins } from "../../../model/metrics.ts";
import { type QuantileRow, type QuantilesQuery, type QuantilesResult, tiers } from "../../../model/store.ts";
import { averagesBesideSketches, quantileRow } from "../../fleet-points.ts";
import { checkQuantiles } from "../../fleet-question.ts";
import { binError } from "../../histogram.ts";
import { emptyPoints } from "../../points.ts";
import {
  type AveragedPoint,
  planQuantiles,
  quantilesFromSketches,
  quantilesOf,
  samplesOf,
  weightedQuantilesOf,
} from "../../quantiles.ts";
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
  const rows = (await mayMix(reader)) ? await fromPoints(reader, query) : await fromSamples(reader, query);
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

/** Only our own samples: no points have to be compared, and values stay in typed columns. */
async function fromSamples(reader: FleetReader, query: QuantilesQuery): Promise<QuantileRow[]> {
  const samples = await readSamples(reader);
  const rows: QuantileRow[] = [];
  for (const [sid, id] of reader.ids) {
    const own = samples.get(sid);
    if (own === undefined) continue;
    const values = Float64Array.from(own.values);
    const steps = new Set(own.steps);
    const weights = own.steps.map(samplesOf);
    const [step = 10] = steps;
    rows.push({
      id,
      values:
        steps.size <= 1
          ? quantilesOf(values, query.ps)
          : weightedQuantilesOf(
              own.values.map((value, i) => ({ value, weight: weights[i] ?? 1 })),
              query.ps,
            ),
      samples: steps.size <= 1 ? values.length * samplesOf(step) : weights.reduce((a, b) => a + b, 0),
      averaged: 0,
    });
  }
  return rows;
}

interface Samples {
  readonly values: number[];
  readonly steps: number[];
}

async function readSamples(reader: FleetReader): Promise<Map<number, Samples>> {
  const { connection, metric, fromMs, toMs, onlyAsked } = reader;
  const result = await connection.stream(
    `SELECT sid::DOUBLE, step_s::DOUBLE, "${metric}" FROM ${await sourceOf(reader, "raw", fromMs, toMs)}
      WHERE ts >= $1 AND ts < $2 AND origin <> ${rrdMax} AND "${metric}" IS NOT NULL ${onlyAsked}`,
    [BigInt(fromMs), BigInt(toMs)],
  );
  const found = new Map<number, Samples>();
  await readDoubles(result, ([sids, steps, values], length) => {
    for (let row = 0; row < length; row++) {
      const sid = sids?.[row] ?? 0;
      let own = found.get(sid);
      if (own === undefined) {
        own = { values: [], steps: [] };
        found.set(sid, own);
      }
      own.values.push(values?.[row] ?? Number.NaN);
      own.steps.push(steps?.[row] ?? 0);
    }
  });
  return found;
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
