// What packing works on: items, bins, and a placement that grows item by item.

export interface PackItem {
  readonly cpu: number;
  readonly memory: number;
  /** By bin: 1 where it may go. */
  readonly bins: Uint8Array;
  /** Numbers of the groups of which a bin takes one member only. */
  readonly apart: readonly number[];
}

export interface PackBins {
  /** What is free; below 0 where more is used than there is. */
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
  /** By bin: groups that have a member there already. */
  readonly taken: readonly ReadonlySet<number>[];
}

/** A placement under construction: what is free shrinks with every item. */
export interface PackState {
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
  readonly taken: readonly Set<number>[];
  readonly bins: Int32Array;
  unplaced: number;
}

export const freshState = (items: readonly PackItem[], { cpu, memory, taken }: PackBins): PackState => ({
  cpu: Float64Array.from(cpu),
  memory: Float64Array.from(memory),
  taken: taken.map((groups) => new Set(groups)),
  bins: new Int32Array(items.length).fill(-1),
  unplaced: items.length,
});

export function fits(state: PackState, { cpu, memory, bins, apart }: PackItem, bin: number): boolean {
  if (bins[bin] !== 1 || cpu > (state.cpu[bin] ?? 0) || memory > (state.memory[bin] ?? 0)) return false;
  return apart.length === 0 || !apart.some((group) => state.taken[bin]?.has(group));
}

export function put(state: PackState, item: PackItem, number: number, bin: number): void {
  state.cpu[bin] = (state.cpu[bin] ?? 0) - item.cpu;
  state.memory[bin] = (state.memory[bin] ?? 0) - item.memory;
  for (const group of item.apart) state.taken[bin]?.add(group);
  state.bins[number] = bin;
  state.unplaced--;
}

export function takeBack(state: PackState, item: PackItem, number: number): void {
  const bin = state.bins[number] ?? -1;
  state.cpu[bin] = (state.cpu[bin] ?? 0) + item.cpu;
  state.memory[bin] = (state.memory[bin] ?? 0) + item.memory;
  for (const group of item.apart) state.taken[bin]?.delete(group);
  state.bins[number] = -1;
  state.unplaced++;
}

/** The largest of each dimension, to compare cores with bytes. */
export interface Scale {
  readonly cpu: number;
  readonly memory: number;
}

export const scaleOf = ({ cpu, memory }: Pick<PackBins, "cpu" | "memory">): Scale => ({
  cpu: Math.max(1e-9, ...cpu),
  memory: Math.max(1, ...memory),
});
