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
import { SampleColumns } from "./sample-columns.ts";
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
  for (const [sid, own] of samples.bySeries()) {
    const id = reader.ids.get(sid);
    if (id === undefined) continue;
    const [step = 10, ...others] = new Set(own.steps);
    if (others.length === 0) {
      const values = quantilesOf(own.values, query.ps);
      rows.push({ id, values, samples: own.values.length * samplesOf(step), averaged: 0 });
      continue;
    }
    const items = [...own.values].map((value, i) => ({ value, weight: samplesOf(own.steps[i] ?? 0) }));
    const total = items.reduce((sum, { weight }) => sum + weight, 0);
    rows.push({ id, values: weightedQuantilesOf(items, query.ps), samples: total, averaged: 0 });
  }
  return rows;
}

async function readSamples(reader: FleetReader): Promise<SampleColumns> {
  const { connection, metric, fromMs, toMs, onlyAsked } = reader;
  const result = await connection.stream(
    `SELECT sid::DOUBLE, step_s::DOUBLE, "${metric}" FROM ${await sourceOf(reader, "raw", fromMs, toMs)}
      WHERE ts >= $1 AND ts < $2 AND origin <> ${rrdMax} AND "${metric}" IS NOT NULL ${onlyAsked}`,
    [BigInt(fromMs), BigInt(toMs)],
  );
  const found = new SampleColumns();
  await readDoubles(result, ([sids, steps, values], length) => {
    if (sids !== undefined && steps !== undefined && values !== undefined) found.add(sids, steps, values, length);
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
