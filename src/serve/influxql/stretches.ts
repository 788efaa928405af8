// A range of time as the store is best asked for it: whole steps in the middle, finer ones at its ragged ends, samples
// where nothing finer is left. Pure.

export interface Stretch {
  /** Milliseconds since the epoch; from ≤ t < to. */
  readonly fromMs: number;
  readonly toMs: number;
  /** 0: samples. */
  readonly stepMs: number;
}

export const fiveMinutesMs = 300_000;
export const hourMs = 3_600_000;
/** A step of hours so wide that all whole hours of a range are one bucket: the store then weighs each hour itself. */
export const wholeRange = 2 ** 28 * hourMs;

/**
 * `steps` from coarse to fine, each a multiple of the next. With 0 as the last the ends are exact; without it, a bucket of
 * the last step belongs to the range when its middle does.
 */
export function stretchesOf(fromMs: number, toMs: number, steps: readonly number[]): readonly Stretch[] {
  const [stepMs = 0, ...finer] = steps;
  if (!(fromMs < toMs)) return [];
  if (finer.length === 0) return [{ fromMs, toMs, stepMs }];
  const align = stepMs === wholeRange ? hourMs : stepMs;
  const begin = Math.ceil(fromMs / align) * align;
  const end = Math.floor(toMs / align) * align;
  if (begin >= end) return stretchesOf(fromMs, toMs, finer);
  return [...stretchesOf(fromMs, begin, finer), { fromMs: begin, toMs: end, stepMs }, ...stretchesOf(end, toMs, finer)];
}

/** The finest samples that are kept. */
const sampleMs = 10_000;

/** How many points of one series the stretches can bring. */
export const pointsIn = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, { fromMs, toMs, stepMs }) => sum + Math.ceil((toMs - fromMs) / (stepMs || sampleMs)), 0);
