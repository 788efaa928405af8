// A set of record numbers as ranges: what a sink has, however out of order it got it. Few ranges however many numbers.

export class SeqRanges {
  /** Sorted, with at least one number between two ranges. */
  #ranges: [first: number, last: number][];

  constructor(ranges: readonly (readonly [number, number])[] = []) {
    this.#ranges = [];
    for (const [first, last] of ranges) this.add(first, last);
  }

  add(first: number, last = first): void {
    if (last < first) return;
    const before = this.#ranges.filter((range) => range[1] < first - 1);
    const after = this.#ranges.filter((range) => range[0] > last + 1);
    const joined = this.#ranges.slice(before.length, this.#ranges.length - after.length);
    const from = Math.min(first, joined[0]?.[0] ?? first);
    const to = Math.max(last, joined.at(-1)?.[1] ?? last);
    this.#ranges = [...before, [from, to], ...after];
  }

  remove(seq: number): void {
    this.#ranges = this.#ranges.flatMap(([first, last]): [number, number][] => {
      if (seq < first || seq > last) return [[first, last]];
      const parts: [number, number][] = [
        [first, seq - 1],
        [seq + 1, last],
      ];
      return parts.filter(([from, to]) => from <= to);
    });
  }

  has(seq: number): boolean {
    return this.#ranges.some(([first, last]) => first <= seq && seq <= last);
  }

  /** The numbers from `first` to `last` that are not in the set, as ranges. */
  holes(first: number, last: number): (readonly [number, number])[] {
    const holes: (readonly [number, number])[] = [];
    let from = first;
    for (const range of this.#ranges) {
      if (range[1] < from) continue;
      if (range[0] > last) break;
      if (range[0] > from) holes.push([from, range[0] - 1]);
      from = range[1] + 1;
    }
    if (from <= last) holes.push([from, last]);
    return holes;
  }

  countMissing(first: number, last: number): number {
    return this.holes(first, last).reduce((sum, [from, to]) => sum + to - from + 1, 0);
  }

  /** The highest number in the set; 0 when it is empty. */
  get highest(): number {
    return this.#ranges.at(-1)?.[1] ?? 0;
  }

  list(): [first: number, last: number][] {
    return this.#ranges.map(([first, last]) => [first, last]);
  }
}
