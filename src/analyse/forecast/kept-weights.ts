// What was learnt of a series, small enough to be kept for thousands: the widths of the steps in 255 sizes, the misses as
// a few quantiles, coefficients in single precision.
import type { KeptSpread, KeptWeights } from "../../model/forecasts.ts";
import type { Trained } from "./question.ts";
import type { Spread } from "./spread.ts";

/** Quantiles are kept at every fortieth: the ends of all intervals of 50, 80, 90 and 95 % are among them. */
const quantileParts = 40;
const largestByte = 255;
const largestWord = 32_767;

type Learnt = Omit<KeptWeights, "id" | "field" | "outlook" | "learntAt">;

export function packTrained({ seasons, space, weights, spread, backtest, learnt = {} }: Trained): Learnt {
  return {
    seasons,
    space,
    weights: Object.fromEntries(
      Object.entries(weights).flatMap(([name, weight]) => (weight > 0 ? [[name, rounded(weight)] as const] : [])),
    ),
    backtest,
    spread: packSpread(spread),
    learnt: Object.fromEntries(
      Object.entries(learnt).map(([name, values]) => [name, textOf(Float32Array.from(values))]),
    ),
  };
}

export function unpackTrained({ seasons, space, weights, spread, backtest, learnt }: Learnt): Trained {
  return {
    seasons,
    space,
    weights,
    spread: unpackSpread(spread),
    backtest,
    learnt: Object.fromEntries(
      Object.entries(learnt).map(([name, text]) => [name, Float64Array.from(new Float32Array(buffer(text)))]),
    ),
  };
}

function packSpread({ scale, variance, drift, widening, signed, sizes }: Spread): KeptSpread {
  return {
    scale: packScale(scale),
    ...variance,
    drift,
    widening,
    signed: packQuantiles(signed),
    sizes: packQuantiles(sizes),
  };
}

const unpackSpread = ({ scale, first, perStep, drift, widening, signed, sizes }: KeptSpread): Spread => ({
  scale: unpackScale(scale),
  variance: { first, perStep },
  drift,
  widening,
  signed: unpackQuantiles(signed),
  sizes: unpackQuantiles(sizes),
});

/** Sizes that differ by the same factor, from the least that is not 0 to the largest; byte 0 is 0. */
function packScale(scale: Float64Array): string {
  const positive = scale.filter((value) => value > 0);
  const low = positive.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = positive.reduce((most, value) => Math.max(most, value), 0);
  const width = Math.log(high / low) || 1;
  const bytes = Uint8Array.from(scale, (value) =>
    value > 0 ? 1 + Math.round((Math.log(value / low) / width) * (largestByte - 1)) : 0,
  );
  return joined(textOf(Float64Array.of(positive.length === 0 ? 0 : low, high)), textOf(bytes));
}

function unpackScale(text: string): Float64Array {
  const [ends, bytes] = parted(text);
  const [low = 0, high = 0] = new Float64Array(buffer(ends));
  const width = Math.log(high / low) || 1;
  return Float64Array.from(new Uint8Array(buffer(bytes)), (byte) =>
    byte === 0 ? 0 : low * Math.exp((width * (byte - 1)) / (largestByte - 1)),
  );
}

/** `ascending`; empty stays empty. */
function packQuantiles(ascending: Float64Array): string {
  const most = ascending.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const count = ascending.length === 0 ? 0 : quantileParts + 1;
  const words = Int16Array.from({ length: count }, (_, part) => {
    const place = Math.min(ascending.length - 1, Math.floor((part / quantileParts) * ascending.length));
    return most === 0 ? 0 : Math.round(((ascending[place] ?? 0) / most) * largestWord);
  });
  return joined(textOf(Float64Array.of(most)), textOf(words));
}

function unpackQuantiles(text: string): Float64Array {
  const [ends, words] = parted(text);
  const [most = 0] = new Float64Array(buffer(ends));
  return Float64Array.from(new Int16Array(buffer(words)), (word) => (word * most) / largestWord);
}

const joined = (a: string, b: string): string => `${a}.${b}`;

function parted(text: string): readonly [string, string] {
  const [a = "", b = ""] = text.split(".");
  return [a, b];
}

const textOf = (values: Float64Array | Float32Array | Int16Array | Uint8Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");

/** Its own memory: Node's buffers share theirs, at any place. */
const buffer = (text: string): ArrayBuffer => Uint8Array.from(Buffer.from(text, "base64")).buffer;

const rounded = (value: number): number => Number(value.toPrecision(4));
