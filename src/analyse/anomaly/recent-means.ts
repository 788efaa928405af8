// Means over the newest rows for several spans at once.

export class RecentMeans {
  readonly #spans: readonly number[];
  readonly #ring: Float64Array;
  readonly #sums: Float64Array;
  #pushed = 0;

  constructor(spans: readonly number[]) {
    this.#spans = spans;
    this.#ring = new Float64Array(Math.max(...spans));
    this.#sums = new Float64Array(spans.length);
  }

  push(value: number): void {
    const { length } = this.#ring;
    for (let index = 0; index < this.#spans.length; index++) {
      const span = this.#spans[index] ?? 1;
      const leaving = this.#pushed >= span ? (this.#ring[(this.#pushed - span) % length] ?? 0) : 0;
      this.#sums[index] = (this.#sums[index] ?? 0) + value - leaving;
    }
    this.#ring[this.#pushed % length] = value;
    this.#pushed++;
    if (this.#pushed % length === 0) this.#sumAfresh();
  }

  /** Of the span at `index`, or of all rows while there are fewer. */
  mean(index: number): number {
    const rows = Math.min(this.#pushed, this.#spans[index] ?? 1);
    return rows === 0 ? 0 : (this.#sums[index] ?? 0) / rows;
  }

  /** Adding and taking away leaves rounding errors behind, which after a huge value would outweigh small ones. */
  #sumAfresh(): void {
    for (let index = 0; index < this.#spans.length; index++) {
      let sum = 0;
      for (let back = 1; back <= (this.#spans[index] ?? 1); back++) {
        sum += this.#ring[(this.#pushed - back) % this.#ring.length] ?? 0;
      }
      this.#sums[index] = sum;
    }
  }
}
