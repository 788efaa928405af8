// Bins: how a value becomes a small whole number, and what that number tells of the value again. Bin 0 holds what is 0
// exactly, so that idle stays idle. The numbers are on disk: a metric's bins may not be changed without new sketches.
import type { HistogramBins } from "../model/metrics.ts";

/** Below it the log scale sees one bin: a fraction of a byte, of a second. */
const leastExponent = -10;
const exponentBias = 1023;
/** What fits into the sketches' 16 bits; for a ratio that is 327, for bytes more than there are. */
export const highestBin = 65_535;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/** `value` must be 0 or more. */
export function binOf(bins: HistogramBins, value: number): number {
  if (value <= 0) return 0;
  if (bins.scale === "linear") return Math.min(highestBin, 1 + Math.floor(value / bins.width));
  if (value < 2 ** leastExponent) return 1;
  float[0] = value;
  // Sign, exponent and the first bits of the mantissa, as one number: it grows with the value.
  const order = (words[1] ?? 0) >>> (20 - bins.bits);
  return Math.min(highestBin, 1 + order - ((exponentBias + leastExponent) << bins.bits));
}

/** The middle of the bin. */
export function valueOfBin(bins: HistogramBins, bin: number): number {
  if (bin === 0) return 0;
  if (bins.scale === "linear") return (bin - 0.5) * bins.width;
  const order = bin - 1;
  const perPower = 2 ** bins.bits;
  const low = 2 ** (leastExponent + Math.floor(order / perPower)) * (1 + (order % perPower) / perPower);
  const width = 2 ** (leastExponent + Math.floor(order / perPower)) / perPower;
  return low + width / 2;
}

/** How far the middle of a bin may be from a value in it. */
export function binError(bins: HistogramBins): { readonly kind: "absolute" | "relative"; readonly value: number } {
  if (bins.scale === "linear") return { kind: "absolute", value: bins.width / 2 };
  return { kind: "relative", value: 2 ** -(bins.bits + 1) };
}

/** How many of `total` a share needs: the rank, from 1. A hair is taken off, or 0.95 of 20 would be 20. */
export const rankOf = (p: number, total: number): number =>
  Math.min(total, Math.max(1, Math.ceil(p * total - 1e-9 * total)));
