// Looks through placements one by one, large items first, until all fit or a budget is used up.
import {
  fits,
  freshState,
  type PackBins,
  type PackItem,
  type PackState,
  put,
  scaleOf,
  takeBack,
} from "./pack-state.ts";

/** Tried placements of single items: a few items are looked through, of many the search sees too little to be worth it. */
const budgetFor = (items: number): number => (items <= 14 ? 30_000 : 1_000);

/** A placement of everything; "none" when all were looked through; "unknown" when the budget ended first. */
export function searchPacking(items: readonly PackItem[], bins: PackBins): Int32Array | "none" | "unknown" {
  const search = new Search(items, bins);
  if (search.from(0)) return search.state.bins;
  return search.left > 0 ? "none" : "unknown";
}

class Search {
  readonly state: PackState;
  left: number;
  readonly #items: readonly PackItem[];
  readonly #order: readonly number[];

  constructor(items: readonly PackItem[], bins: PackBins) {
    const scale = scaleOf(bins);
    const sizes = items.map(({ cpu, memory }) => Math.max(cpu / scale.cpu, memory / scale.memory));
    this.#items = items;
    this.left = budgetFor(items.length);
    this.#order = [...items.keys()].sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));
    this.state = freshState(items, bins);
  }

  from(place: number): boolean {
    const number = this.#order[place];
    const item = number === undefined ? undefined : this.#items[number];
    if (number === undefined || item === undefined) return true;
    for (const bin of this.#candidates(item)) {
      if (--this.left <= 0) return false;
      put(this.state, item, number, bin);
      if (this.from(place + 1)) return true;
      takeBack(this.state, item, number);
    }
    return false;
  }

  /** Fullest first. */
  #candidates(item: PackItem): readonly number[] {
    const { memory } = this.state;
    const all = [...memory.keys()].filter((bin) => fits(this.state, item, bin));
    return all.sort((a, b) => (memory[a] ?? 0) - (memory[b] ?? 0));
  }
}
