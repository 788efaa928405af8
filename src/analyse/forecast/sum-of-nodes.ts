// What the nodes of a cluster have together, step by step. The store's own totals leave out what was imported, and a
// forecast on the first day has nothing else.

export interface NodeValues {
  /** NaN where nothing was measured. */
  readonly values: Float64Array;
  /** What each value is multiplied by; NaN where that was not told, and then it is what it was. */
  readonly times?: Float64Array | undefined;
}

/** A node that is silent for longer is down, and has nothing in use. */
const shortGap = 3;

/** NaN where no node was measured, or one that is back within three steps was not. */
export function sumOfNodes(nodes: readonly NodeValues[], length: number): Float64Array {
  const sums = new Float64Array(length).fill(Number.NaN);
  const isUncertain = new Uint8Array(length);
  for (const node of nodes) addNode(sums, isUncertain, node);
  return sums.map((sum, step) => (isUncertain[step] === 1 ? Number.NaN : sum));
}

function addNode(sums: Float64Array, isUncertain: Uint8Array, { values, times }: NodeValues): void {
  let factor = times?.find((value) => !Number.isNaN(value)) ?? (times === undefined ? 1 : Number.NaN);
  let before = -1;
  for (const [step, value] of values.entries()) {
    const told = times?.[step] ?? Number.NaN;
    if (!Number.isNaN(told)) factor = told;
    if (Number.isNaN(value * factor)) continue;
    const missing = step - before - 1;
    if (before >= 0 && missing <= shortGap) isUncertain.fill(1, before + 1, step);
    before = step;
    const sum = sums[step] ?? Number.NaN;
    sums[step] = (Number.isNaN(sum) ? 0 : sum) + value * factor;
  }
}
