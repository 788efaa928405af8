// Where methods that expect percentages of change, or a value between two walls, do their sums.
import { medianOf, rangeOf } from "./numbers.ts";

/**
 * What a series measures; decides the space, and the bounds where none are given. A value may be anything and its zero
 * means nothing (a temperature); of an open one nothing is known, and its own values decide.
 */
export type ForecastKind = "value" | "open" | "rate" | "bytes" | "ratio";

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export interface Space {
  readonly name: "plain" | "log" | "logit";
  readonly into: (value: number) => number;
  readonly back: (value: number) => number;
  /** The nearest value that `into` takes: a mean of methods may lie outside. */
  readonly hold: (value: number) => number;
}

const same = (value: number): number => value;

export const plain: Space = { name: "plain", into: same, back: same, hold: same };

/** Values nearer to 0 (or, for a ratio, to a bound) than this part of the median do not stretch the scale further. */
const nearest = 0.01;

export function boundsOf(kind: ForecastKind): Bounds {
  switch (kind) {
    case "value":
    case "open":
      return { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
    case "rate":
    case "bytes":
      return { min: 0, max: Number.POSITIVE_INFINITY };
    case "ratio":
      return { min: 0, max: 1 };
  }
}

/** `plain` where the values allow no other: negative ones, mostly zeros, or a ratio beyond its bounds. */
export function spaceOf(kind: ForecastKind, values: Float64Array, { min, max }: Bounds): Space {
  if (kind === "value") return plain;
  const level = medianOf(values) - Math.max(min, 0);
  if (!values.every((value) => value >= 0) || level <= 0) return plain;
  if (kind === "open" && rangeOf(values)[0] === 0) return plain;
  if (kind !== "ratio") return logSpace(rangeOf(values)[0], nearest * level);
  const width = max - min;
  if (!(Number.isFinite(width) && values.every((value) => value >= min && value <= max))) return plain;
  return logitSpace({ min, max }, Math.min(nearest * level, nearest * width) / width);
}

/** Zeros are kept finite by `whereZeros`, which grows with the series, so that its unit does not matter. */
function logSpace(lowest: number, whereZeros: number): Space {
  const offset = lowest > 0 ? 0 : whereZeros;
  // Forecasts may go below what was ever seen, but a mean below 0 must not become an endless interval.
  const floor = lowest > 0 ? nearest * lowest : 0;
  return {
    name: "log",
    into: (value) => Math.log(value + offset),
    back: (value) => Math.exp(value) - offset,
    hold: (value) => Math.max(floor, value),
  };
}

/** Squeezed by `edge` at both ends, so that a value at a bound stays finite. */
function logitSpace({ min, max }: Bounds, edge: number): Space {
  const width = max - min;
  return {
    name: "logit",
    into: (value) => {
      const share = edge + (1 - 2 * edge) * ((value - min) / width);
      return Math.log(share / (1 - share));
    },
    back: (value) => min + (width * (1 / (1 + Math.exp(-value)) - edge)) / (1 - 2 * edge),
    hold: (value) => Math.min(max, Math.max(min, value)),
  };
}
