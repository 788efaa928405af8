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
  const averagesOf = groupBySeries(averages);
  const counts = new BinCounts();
  const rows: QuantileRow[] = [];
  // Sketches are in the order of the series' numbers, so each is walked through once, all side by side.
  const cursors = new Uint32Array(sketches.length);
  for (const [series, id] of [...ids].sort(([a], [b]) => a - b)) {
    const own = averagesOf.get(series) ?? [];
    counts.clear();
    for (let index = 0; index < sketches.length; index++) {
      const sketch = sketches[index];
      if (sketch === undefined) continue;
      let at = cursors[index] ?? 0;
      while (at < sketch.length && sketch.series(at) < series) at++;
      cursors[index] = at;
      if (at < sketch.length && sketch.series(at) === series) counts.addSketch(sketch, at);
    }
    for (const { value, weight } of own) counts.add(binOf(bins, value), weight);
    if (counts.total === 0) continue;
    const averaged = own.reduce((sum, { weight }) => sum + weight, 0);
    rows.push({ id, values: counts.quantiles(ps, bins), samples: counts.total, averaged });
  }
  return rows;
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
  #first = 1;
  #last = 0;
  total = 0;

  clear(): void {
    this.#counts.fill(0, this.#first, this.#last + 1);
    this.#counts[0] = 0;
    this.#first = 1;
    this.#last = 0;
    this.total = 0;
  }

  add(bin: number, count: number): void {
    this.#reach(bin, bin);
    this.#counts[bin] = (this.#counts[bin] ?? 0) + count;
    this.total += count;
  }

  addSketch(sketch: Sketch, at: number): void {
    this.#reach(...sketch.span(at));
    this.#counts[0] = (this.#counts[0] ?? 0) + sketch.zeros(at);
    this.total += sketch.zeros(at) + sketch.addTo(at, this.#counts);
  }

  quantiles(ps: readonly number[], bins: HistogramBins): number[] {
    const [counts, last] = [this.#counts, this.#last];
    return ps.map((p) => {
      let left = rankOf(p, this.total);
      // Nothing lies between 0 and the first bin that was counted.
      for (let bin = 0; bin <= last; bin = bin === 0 ? this.#first : bin + 1) {
        left -= counts[bin] ?? 0;
        if (left <= 0) return valueOfBin(bins, bin);
      }
      return Number.NaN;
    });
  }

  /** Makes room for bins from `first` to `last`; 0 has its own. */
  #reach(first: number, last: number): void {
    if (last < 1) return;
    this.#first = this.#last === 0 ? first : Math.min(this.#first, first);
    this.#last = Math.max(this.#last, last);
    if (last < this.#counts.length) return;
    const larger = new Float64Array(last + 1);
    larger.set(this.#counts);
    this.#counts = larger;
  }
}
