// Puts items into bins of two dimensions, under constraints. A heuristic with a bounded search behind it: what it places
// fits, because the placement is the proof; what it does not place may still fit, unless `impossible` says otherwise.
// First-fit and best-fit decreasing after Johnson (1973); vectors after Panigrahy et al., Heuristics for Vector Bin
// Packing (2011).
import {
  fits,
  freshState,
  type PackBins,
  type PackItem,
  type PackState,
  put,
  type Scale,
  scaleOf,
} from "./pack-state.ts";
import { repairPacking } from "./packing-repair.ts";
import { searchPacking } from "./packing-search.ts";

export interface Packing {
  /** By item: its bin, or −1. */
  readonly bins: Int32Array;
  /** True when no placement of all items exists at all. */
  readonly impossible: boolean;
}

export function pack(items: readonly PackItem[], bins: PackBins): Packing {
  if (items.length === 0) return { bins: new Int32Array(0), impossible: false };
  const impossible = isImpossible(items, bins);
  const orders = ordersOf(items, bins);
  // What cannot all fit is placed as well as one order does it: looking for the rest would be in vain.
  const best = bestGreedy(items, bins, impossible ? orders.slice(0, 1) : orders);
  if (best.unplaced === 0 || impossible) return { bins: best.bins, impossible };
  repairPacking(items, best);
  if (best.unplaced === 0) return { bins: best.bins, impossible: false };
  const found = searchPacking(items, bins);
  return found === "none"
    ? { bins: best.bins, impossible: true }
    : { bins: found === "unknown" ? best.bins : found, impossible: false };
}

function bestGreedy(items: readonly PackItem[], bins: PackBins, orders: readonly (readonly number[])[]): PackState {
  let best = freshState(items, bins);
  for (const order of orders) {
    for (const choose of choices) {
      const state = greedy(items, bins, order, choose);
      if (state.unplaced < best.unplaced) best = state;
      if (best.unplaced === 0) return best;
    }
  }
  return best;
}

/** Says how well an item sits in a bin: the higher the better. */
type Choice = (state: PackState, item: PackItem, bin: number, scale: Scale) => number;

const choices: readonly Choice[] = [
  // Best fit: what is left is least, so that large holes stay large.
  (state, { cpu, memory }, bin, scale) =>
    -(((state.cpu[bin] ?? 0) - cpu) / scale.cpu + ((state.memory[bin] ?? 0) - memory) / scale.memory),
  // Worst fit: spreads, as HA does.
  (state, { cpu, memory }, bin, scale) =>
    Math.min(((state.cpu[bin] ?? 0) - cpu) / scale.cpu, ((state.memory[bin] ?? 0) - memory) / scale.memory),
  // Dot product: an item that needs memory goes where memory is what there is most of.
  (state, { cpu, memory }, bin, scale) => {
    const [freeCpu, freeMemory] = [(state.cpu[bin] ?? 0) / scale.cpu, (state.memory[bin] ?? 0) / scale.memory];
    return ((cpu / scale.cpu) * freeCpu + (memory / scale.memory) * freeMemory) / Math.max(1e-9, freeCpu + freeMemory);
  },
  // First fit.
  (_state, _item, bin) => -bin,
];

function greedy(items: readonly PackItem[], bins: PackBins, order: readonly number[], choose: Choice): PackState {
  const state = freshState(items, bins);
  const scale = scaleOf(bins);
  for (const number of order) {
    const item = items[number];
    if (item === undefined) continue;
    const bin = bestBin(state, item, choose, scale);
    if (bin >= 0) put(state, item, number, bin);
  }
  return state;
}

function bestBin(state: PackState, item: PackItem, choose: Choice, scale: Scale): number {
  let best = -1;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let bin = 0; bin < state.cpu.length; bin++) {
    if (!fits(state, item, bin)) continue;
    const score = choose(state, item, bin, scale);
    if (score > bestScore) [best, bestScore] = [bin, score];
  }
  return best;
}

/** Large ones first, by several ideas of large; and those with few places first. */
function ordersOf(items: readonly PackItem[], bins: PackBins): readonly (readonly number[])[] {
  const scale = scaleOf(bins);
  const places = items.map((item) => item.bins.reduce((count, allowed) => count + allowed, 0));
  const by = (size: (item: PackItem) => number): readonly number[] => {
    const sizes = items.map(size);
    return [...items.keys()].sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));
  };
  const largest = by(({ cpu, memory }) => Math.max(cpu / scale.cpu, memory / scale.memory));
  return [
    largest,
    [...largest].sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0)),
    by(({ cpu, memory }) => cpu / scale.cpu + memory / scale.memory),
    by(({ memory }) => memory),
    by(({ cpu }) => cpu),
  ];
}

/** Proofs that need no search: an item that fits nowhere, or more than there is in all bins together. */
export function isImpossible(items: readonly PackItem[], bins: PackBins): boolean {
  const empty = freshState(items, bins);
  const homeless = items.some((item) => !item.bins.some((_, bin) => fits(empty, item, bin)));
  return homeless || tooMuch(items, bins, "cpu") || tooMuch(items, bins, "memory");
}

function tooMuch(items: readonly PackItem[], bins: PackBins, dimension: "cpu" | "memory"): boolean {
  let free = 0;
  for (const [bin, amount] of bins[dimension].entries()) {
    if (amount > 0 && items.some((item) => item.bins[bin] === 1)) free += amount;
  }
  // A hair of slack: sums of many floats must not turn a full house into a proof.
  return items.reduce((all, item) => all + item[dimension], 0) > free * (1 + 1e-9);
}
