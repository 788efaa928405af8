// Series made to measure: a level, a day, a week, a trend and noise from a seed.

export interface SeriesShape {
  readonly length: number;
  readonly level?: number;
  /** Height of the day's wave. */
  readonly day?: number;
  /** How much higher working days are. */
  readonly week?: number;
  readonly perStep?: number;
  readonly noise?: number;
  readonly seed?: number;
}

/** Hourly, from a Monday's midnight on. */
export function aSeries(shape: SeriesShape): Float64Array {
  const { length, level = 100, day = 20, week = 10, perStep = 0, noise = 2, seed = 1 } = shape;
  const random = randomFrom(seed);
  return Float64Array.from({ length }, (_, hour) => {
    const wave = day * Math.sin((2 * Math.PI * (hour % 24)) / 24);
    const working = Math.floor(hour / 24) % 7 < 5 ? week : 0;
    return level + wave + working + perStep * hour + noise * (random() + random() + random() - 1.5) * 2;
  });
}

/** Uniform from 0 to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const meanOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

export function meanMiss(forecast: Float64Array, truth: Float64Array): number {
  return truth.reduce((sum, value, step) => sum + Math.abs(value - (forecast[step] ?? Number.NaN)), 0) / truth.length;
}
