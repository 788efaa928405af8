// Samples of many series as they come from the database, put together series by series without an object per sample.

export interface SeriesSamples {
  readonly values: Float64Array;
  readonly steps: Float64Array;
}

export class SampleColumns {
  #sids = new Float64Array(65_536);
  #steps = new Float64Array(65_536);
  #values = new Float64Array(65_536);
  #length = 0;
  #highest = 0;

  add(sids: Float64Array, steps: Float64Array, values: Float64Array, length: number): void {
    while (this.#length + length > this.#sids.length) this.#grow();
    this.#sids.set(sids.subarray(0, length), this.#length);
    this.#steps.set(steps.subarray(0, length), this.#length);
    this.#values.set(values.subarray(0, length), this.#length);
    for (let row = 0; row < length; row++) this.#highest = Math.max(this.#highest, sids[row] ?? 0);
    this.#length += length;
  }

  /** Each series that has samples, once, by number; the columns may be changed. */
  *bySeries(): Generator<readonly [sid: number, samples: SeriesSamples]> {
    const ends = this.#counts();
    const values = new Float64Array(this.#length);
    const steps = new Float64Array(this.#length);
    const next = Uint32Array.from(ends);
    for (let row = 0; row < this.#length; row++) {
      const sid = this.#sids[row] ?? 0;
      const place = next[sid] ?? 0;
      values[place] = this.#values[row] ?? 0;
      steps[place] = this.#steps[row] ?? 0;
      next[sid] = place + 1;
    }
    for (let sid = 0; sid <= this.#highest; sid++) {
      const [from, to] = [ends[sid] ?? 0, ends[sid + 1] ?? 0];
      if (to > from) yield [sid, { values: values.subarray(from, to), steps: steps.subarray(from, to) }];
    }
  }

  /** Where each series begins: the sum of all before it. */
  #counts(): Uint32Array {
    const begins = new Uint32Array(this.#highest + 2);
    for (let row = 0; row < this.#length; row++) {
      const after = (this.#sids[row] ?? 0) + 1;
      begins[after] = (begins[after] ?? 0) + 1;
    }
    for (let sid = 1; sid < begins.length; sid++) begins[sid] = (begins[sid] ?? 0) + (begins[sid - 1] ?? 0);
    return begins;
  }

  #grow(): void {
    const wider = (column: Float64Array): Float64Array => {
      const larger = new Float64Array(2 * column.length);
      larger.set(column);
      return larger;
    };
    this.#sids = wider(this.#sids);
    this.#steps = wider(this.#steps);
    this.#values = wider(this.#values);
  }
}
