// Percentiles of many series: what is read for them, and the arithmetic. Pure; every driver uses it.
import type { HistogramBins } from "../model/metrics.ts";
import type { QuantileRow, QuantilesQuery } from "../model/store.ts";
import { binOf, rankOf, valueOfBin } from "./histogram.ts";
import type { Sketch } from "./sketch.ts";
import { dayOf, weightOf } from "./tiers.ts";

/** Up to here every sample is read: a guest's year and a half, or five hours of two thousand guests. */
const mostExactSamples = 4_000_000;
const samplePeriodMs = 10_000;

export interface QuantilesPlan {
  readonly source: "raw" | "sketches";
  readonly fromMs: number;
}

/** `rawFromMs`: before it, samples may have been removed already. `bins`: without them there are no sketches. */
export function planQuantiles(query: QuantilesQuery, bins: HistogramBins | null, rawFromMs: number): QuantilesPlan {
  const samples = (query.ids.length * (query.toMs - query.fromMs)) / samplePeriodMs;
  const isAffordable = samples <= mostExactSamples && query.fromMs >= rawFromMs;
  if (bins === null || isAffordable) return { source: "raw", fromMs: query.fromMs };
  return { source: "sketches", fromMs: dayOf(query.fromMs) };
}

/** A sample counts for the time that it stands for, in whole tens of seconds. */
export const samplesOf = (stepS: number): number => Math.max(1, Math.round(weightOf(stepS)));

/** Nearest rank over values that count equally; puts `values` into another order. */
export function quantilesOf(values: Float64Array, ps: readonly number[]): number[] {
  const ranks = ps.map((p) => rankOf(p, values.length) - 1);
  // Finding a few ranks is cheaper than sorting; many of them are not.
  if (ranks.length > 3) values.sort();
  else for (const rank of ranks) partition(values, rank);
  return ranks.map((rank) => values[rank] ?? Number.NaN);
}

/** Hoare's selection: afterwards the value at `rank` is where sorting would put it, smaller ones before it. */
function partition(values: Float64Array, rank: number): void {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1] ?? 0;
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left++;
      while ((values[right] ?? 0) > pivot) right--;
      if (left > right) break;
      const smaller = values[right] ?? 0;
      values[right--] = values[left] ?? 0;
      values[left++] = smaller;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else return;
  }
}

/** Nearest rank over values of unlike weight. */
export function weightedQuantilesOf(
  items: readonly { readonly value: number; readonly weight: number }[],
  ps: readonly number[],
): number[] {
  const sorted = [...items].sort((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  return ps.map((p) => {
    let left = rankOf(p, total);
    for (const { value, weight } of sorted) {
      left -= weight;
      if (left <= 0) return value;
    }
    return Number.NaN;
  });
}

/** One average over a stretch, for days that have no samples. */
export interface AveragedPoint {
  readonly series: number;
  readonly value: number;
  readonly weight: number;
}

export interface SketchQuestion {
  readonly bins: HistogramBins;
  readonly ps: readonly number[];
  /** The asked series by number. */
  readonly ids: ReadonlyMap<number, string>;
}

/** Adds up sketches and averages, series by series, and answers from the sums. */
export function quantilesFromSketches(
  { bins, ps, ids }: SketchQuestion,
  sketches: readonly Sketch[],
  averages: readonly AveragedPoint[],
): QuantileRow[] {
  const places = placesOf(sketches);
  const averagesOf = groupBySeries(averages);
  const counts = new BinCounts();
  const rows: QuantileRow[] = [];
  for (const [series, id] of ids) {
    const own = averagesOf.get(series) ?? [];
    counts.clear();
    for (const place of places.get(series) ?? []) counts.addSketch(sketches[place.sketch], place.at);
    for (const { value, weight } of own) counts.add(binOf(bins, value), weight);
    if (counts.total === 0) continue;
    const averaged = own.reduce((sum, { weight }) => sum + weight, 0);
    rows.push({ id, values: counts.quantiles(ps, bins), samples: counts.total, averaged });
  }
  return rows;
}

interface Place {
  readonly sketch: number;
  readonly at: number;
}

function placesOf(sketches: readonly Sketch[]): Map<number, Place[]> {
  const places = new Map<number, Place[]>();
  for (const [index, sketch] of sketches.entries()) {
    for (let at = 0; at < sketch.length; at++) {
      const series = sketch.series(at);
      const known = places.get(series);
      if (known === undefined) places.set(series, [{ sketch: index, at }]);
      else known.push({ sketch: index, at });
    }
  }
  return places;
}

function groupBySeries(averages: readonly AveragedPoint[]): Map<number, AveragedPoint[]> {
  const groups = new Map<number, AveragedPoint[]>();
  for (const point of averages) {
    const group = groups.get(point.series);
    if (group === undefined) groups.set(point.series, [point]);
    else group.push(point);
  }
  return groups;
}

/** The bins of one series, used again for the next. */
class BinCounts {
  #counts = new Float64Array(4096);
  #last = 0;
  total = 0;

  clear(): void {
    this.#counts.fill(0, 0, this.#last + 1);
    this.#last = 0;
    this.total = 0;
  }

  add(bin: number, count: number): void {
    this.#reach(bin);
    this.#counts[bin] = (this.#counts[bin] ?? 0) + count;
    this.total += count;
  }

  addSketch(sketch: Sketch | undefined, at: number): void {
    if (sketch === undefined) return;
    this.#reach(sketch.span(at)[1]);
    this.#counts[0] = (this.#counts[0] ?? 0) + sketch.zeros(at);
    this.total += sketch.zeros(at) + sketch.addTo(at, this.#counts);
  }

  quantiles(ps: readonly number[], bins: HistogramBins): number[] {
    return ps.map((p) => {
      let left = rankOf(p, this.total);
      for (let bin = 0; bin <= this.#last; bin++) {
        left -= this.#counts[bin] ?? 0;
        if (left <= 0) return valueOfBin(bins, bin);
      }
      return Number.NaN;
    });
  }

  #reach(bin: number): void {
    this.#last = Math.max(this.#last, bin);
    if (bin < this.#counts.length) return;
    const larger = new Float64Array(bin + 1);
    larger.set(this.#counts);
    this.#counts = larger;
  }
}
