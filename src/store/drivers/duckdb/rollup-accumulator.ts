// What one series has in one window, summed up row by row. NaN stands for absent on the way in and out.
import { rrdMax } from "../../tiers.ts";

export class Accumulator {
  readonly sid: number;
  readonly beginMs: number;
  weight = 0;
  averaged = false;
  origin = rrdMax;
  readonly #weights: Float64Array;
  readonly #sums: Float64Array;
  readonly #lows: Float64Array;
  readonly #highs: Float64Array;
  readonly #lasts: Float64Array;
  readonly #lastAnchors: Float64Array;
  #newestAnchor = Number.NEGATIVE_INFINITY;
  #rowAnchor = 0;
  #rowWeight = 0;

  constructor(sid: number, beginMs: number, metrics: number) {
    this.sid = sid;
    this.beginMs = beginMs;
    this.#weights = new Float64Array(metrics);
    this.#sums = new Float64Array(metrics);
    this.#lows = new Float64Array(metrics).fill(Number.POSITIVE_INFINITY);
    this.#highs = new Float64Array(metrics).fill(Number.NEGATIVE_INFINITY);
    this.#lasts = new Float64Array(metrics).fill(Number.NaN);
    this.#lastAnchors = new Float64Array(metrics).fill(Number.NEGATIVE_INFINITY);
  }

  /** Begins a row; its metrics follow. PVE's maximum has the weight 0: it says how high, not how much. */
  row(anchor: number, origin: number, weight: number, averaged: boolean): void {
    this.weight += weight;
    this.averaged ||= averaged;
    this.#rowAnchor = anchor;
    this.#rowWeight = weight;
    if (origin === rrdMax || anchor <= this.#newestAnchor) return;
    this.#newestAnchor = anchor;
    this.origin = origin;
  }

  sample(metric: number, value: number): void {
    if (!Number.isNaN(value)) this.cells(metric, value, value, value, value);
  }

  cells(metric: number, avg: number, min: number, max: number, last: number): void {
    const high = Number.isNaN(max) ? avg : max;
    if (high > (this.#highs[metric] ?? high)) this.#highs[metric] = high;
    if (this.#rowWeight === 0 || Number.isNaN(avg)) return;
    this.#weights[metric] = (this.#weights[metric] ?? 0) + this.#rowWeight;
    this.#sums[metric] = (this.#sums[metric] ?? 0) + avg * this.#rowWeight;
    const low = Number.isNaN(min) ? avg : min;
    if (low < (this.#lows[metric] ?? low)) this.#lows[metric] = low;
    if (Number.isNaN(last) || this.#rowAnchor <= (this.#lastAnchors[metric] ?? 0)) return;
    this.#lastAnchors[metric] = this.#rowAnchor;
    this.#lasts[metric] = last;
  }

  /** Writes what the window has of a metric into the columns; absent cells stay as they are. */
  write(metric: number, { avg, min, max, last }: MetricCells, place: number): void {
    const weight = this.#weights[metric] ?? 0;
    const low = this.#lows[metric] ?? 0;
    const high = this.#highs[metric] ?? 0;
    if (high === Number.NEGATIVE_INFINITY) return;
    if (max !== undefined) max[place] = high;
    if (weight === 0) return;
    // Rounding can push the mean of equal values past them by one unit in the last place.
    if (avg !== undefined) avg[place] = Math.min(Math.max((this.#sums[metric] ?? 0) / weight, low), high);
    if (min !== undefined) min[place] = low;
    if (last !== undefined) last[place] = this.#lasts[metric] ?? Number.NaN;
  }
}

type Column = Int32Array | Uint8Array | Float64Array;

/** The four columns of a metric. */
export interface MetricCells {
  readonly avg?: Column | undefined;
  readonly min?: Column | undefined;
  readonly max?: Column | undefined;
  readonly last?: Column | undefined;
}
