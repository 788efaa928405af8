// When a point is, down to the nanosecond. InfluxDB knows a point by its series and time only, and merges what comes
// twice. A sample and an average of half an hour that end in the same millisecond are two points: their nanoseconds
// differ, and say what the point is. Ours are whole milliseconds, so the digits behind are free.
import { origins } from "../../../model/batch.ts";
import { rrdAvg, rrdMax } from "../../tiers.ts";

const codesPerOrigin = 100_000;
/** Steps above are whole minutes. */
const longStepS = 50_000;

/** 0 … 999,999: the origin and the step. A maximum of PVE is a field beside its average, so it has that one's code. */
export function codeOf(origin: number, stepS: number): number {
  const step = stepS < longStepS ? stepS : longStepS + Math.round(stepS / 60);
  return (origin === rrdMax ? rrdAvg : origin) * codesPerOrigin + Math.min(step, codesPerOrigin - 1);
}

export interface PointKind {
  readonly origin: number;
  readonly stepS: number;
}

export function kindOfCode(code: number): PointKind {
  const origin = Math.floor(code / codesPerOrigin);
  const step = code % codesPerOrigin;
  return {
    origin: origin < origins.length ? origin : 0,
    stepS: step < longStepS ? step : (step - longStepS) * 60,
  };
}

/** Nanoseconds since the epoch, as text: a number cannot hold them. Throws for what is no time that can be written. */
export const nanosecondsOf = (ts: number, code: number): string => `${ts}${String(code).padStart(6, "0")}`;

export interface PointTime {
  readonly ms: number;
  readonly code: number;
}

/** Of an answer's RFC 3339 time, for instance 2026-03-01T00:00:00.00000001Z. */
export function pointTimeOf(text: string): PointTime {
  const dot = text.indexOf(".");
  if (dot < 0) return { ms: Date.parse(text.endsWith("Z") ? text : `${text}Z`), code: 0 };
  const digits = text
    .slice(dot + 1)
    .replace(/\D.*$/, "")
    .padEnd(9, "0");
  return { ms: Date.parse(`${text.slice(0, dot)}.${digits.slice(0, 3)}Z`), code: Number(digits.slice(3, 9)) };
}
