// A sketch: the histograms of one metric of all series of a kind over one hour or day, as one block of bytes.
//
//   u32 format · u32 series · per series: u32 number, zeros, first bin, end of its entries · per entry: u16 bin − first
//   bin · per entry: u16 count
//
// Fixed widths: a question over a month adds up some four million entries, and reads them as they lie. A count above
// 65,535 is several entries of the same bin.
const format = 1;
const headerWords = 2;
const wordsPerSeries = 4;
const keyBins = 2 ** 16;
const maxCount = 65_535;

/** Counts into histograms; the key is the series' number and the bin in one. */
export class SketchBuilder {
  readonly #counts = new Map<number, number>();

  add(series: number, bin: number, count: number): void {
    const key = series * keyBins + bin;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  addSketch(bytes: Uint8Array): void {
    const sketch = new Sketch(bytes);
    for (let at = 0; at < sketch.length; at++) {
      const series = sketch.series(at);
      if (sketch.zeros(at) > 0) this.add(series, 0, sketch.zeros(at));
      sketch.forEachBin(at, (bin, count) => this.add(series, bin, count));
    }
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  encode(): Uint8Array {
    const keys = Float64Array.from(this.#counts.keys()).sort();
    const heads: number[] = [];
    const bins: number[] = [];
    const counts: number[] = [];
    let current = -1;
    for (const key of keys) {
      const series = Math.floor(key / keyBins);
      const bin = key % keyBins;
      const count = this.#counts.get(key) ?? 0;
      if (series !== current) heads.push(series, 0, 0, bins.length);
      current = series;
      const head = heads.length - wordsPerSeries;
      if (bin === 0) {
        heads[head + 1] = count;
        continue;
      }
      if (heads[head + 2] === 0) heads[head + 2] = bin;
      for (let left = count; left > 0; left -= maxCount) {
        bins.push(bin - (heads[head + 2] ?? 0));
        counts.push(Math.min(left, maxCount));
      }
      heads[head + 3] = bins.length;
    }
    return bytesOf(heads, bins, counts);
  }
}

function bytesOf(heads: readonly number[], bins: readonly number[], counts: readonly number[]): Uint8Array {
  const headBytes = 4 * (headerWords + heads.length);
  const bytes = new Uint8Array(headBytes + 4 * bins.length);
  const words = new Uint32Array(bytes.buffer, 0, headerWords + heads.length);
  words[0] = format;
  words[1] = heads.length / wordsPerSeries;
  words.set(heads, headerWords);
  new Uint16Array(bytes.buffer, headBytes, bins.length).set(bins);
  new Uint16Array(bytes.buffer, headBytes + 2 * bins.length, counts.length).set(counts);
  return bytes;
}

/** Reads what a builder encoded, in place. */
export class Sketch {
  readonly length: number;
  readonly #words: Uint32Array;
  readonly #bins: Uint16Array;
  readonly #counts: Uint16Array;

  /** Throws a RangeError for bytes that are no sketch. */
  constructor(unaligned: Uint8Array) {
    const bytes = unaligned.byteOffset % 4 === 0 ? unaligned : unaligned.slice();
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 4));
    if (this.#words[0] !== format) throw new RangeError(`this sketch has format ${this.#words[0]}, not ${format}`);
    this.length = this.#words[1] ?? 0;
    const headBytes = 4 * (headerWords + wordsPerSeries * this.length);
    const entries = (bytes.byteLength - headBytes) / 4;
    if (!Number.isInteger(entries) || entries < 0) throw new RangeError("this sketch is cut off");
    this.#bins = new Uint16Array(bytes.buffer, bytes.byteOffset + headBytes, entries);
    this.#counts = new Uint16Array(bytes.buffer, bytes.byteOffset + headBytes + 2 * entries, entries);
  }

  series(at: number): number {
    return this.#word(at, 0);
  }

  zeros(at: number): number {
    return this.#word(at, 1);
  }

  /** First and last bin above 0; [0, -1] when there is none. */
  span(at: number): readonly [first: number, last: number] {
    const [begin, end] = this.#entries(at);
    const first = this.#word(at, 2);
    return end === begin ? [0, -1] : [first, first + (this.#bins[end - 1] ?? 0)];
  }

  /** Adds the counts above 0 into `target`, by bin; returns how many samples they are. */
  addTo(at: number, target: Float64Array): number {
    const [begin, end] = this.#entries(at);
    const first = this.#word(at, 2);
    let added = 0;
    for (let entry = begin; entry < end; entry++) {
      const place = first + (this.#bins[entry] ?? 0);
      const count = this.#counts[entry] ?? 0;
      target[place] = (target[place] ?? 0) + count;
      added += count;
    }
    return added;
  }

  forEachBin(at: number, visit: (bin: number, count: number) => void): void {
    const [begin, end] = this.#entries(at);
    const first = this.#word(at, 2);
    for (let entry = begin; entry < end; entry++) visit(first + (this.#bins[entry] ?? 0), this.#counts[entry] ?? 0);
  }

  #entries(at: number): readonly [begin: number, end: number] {
    return [at === 0 ? 0 : this.#word(at - 1, 3), this.#word(at, 3)];
  }

  #word(at: number, index: number): number {
    return this.#words[headerWords + at * wordsPerSeries + index] ?? 0;
  }
}
