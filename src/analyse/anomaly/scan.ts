// Goes through the past of one series and lists what was unusual.
import { alarmScore, learningMs, learningRows } from "./constants.ts";
import { AnomalyDetector } from "./detector.ts";
import { type Series, type TooLittle, tooLittle } from "./series.ts";
import type { Reason } from "./verdict.ts";

export interface Anomaly {
  /** When it was noticed (epoch milliseconds). */
  readonly atMs: number;
  /** Where the rows begin that are unusual together; `atMs` for a single value. */
  readonly fromMs: number;
  readonly reason: Reason;
  /** From 0.5 on; 1 is out of all proportion. */
  readonly score: number;
  /** As measured at `atMs`. */
  readonly value: number;
  /** Range in which that value would have been as ever. */
  readonly low: number;
  readonly high: number;
}

export type Scan = { readonly state: "ready"; readonly anomalies: readonly Anomaly[] } | TooLittle;

/** Oldest first. Nothing is reported of the first two weeks, in which days and weekends are learned. */
export function findAnomalies({ times, values }: Series): Scan {
  const measured = values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  if (measured <= learningRows) return tooLittle("values", learningRows + 1, measured);
  const began = times[0] ?? 0;
  const ended = times.at(-1) ?? 0;
  if (ended - began < learningMs) return tooLittle("days", learningMs / dayMs, Math.floor((ended - began) / dayMs));
  const detector = new AnomalyDetector();
  const anomalies: Anomaly[] = [];
  for (let row = 0; row < times.length; row++) {
    const atMs = times[row] ?? 0;
    const score = detector.next(atMs, values[row] ?? Number.NaN);
    if (score < alarmScore || atMs - began < learningMs) continue;
    anomalies.push(asAnomaly(detector, { times, values }, row));
  }
  return { state: "ready", anomalies };
}

const dayMs = 86_400_000;

function asAnomaly(detector: AnomalyDetector, { times, values }: Series, row: number): Anomaly {
  const { reason, score, rows, low, high } = detector.verdict();
  return {
    atMs: times[row] ?? 0,
    fromMs: times[Math.max(0, row - rows + 1)] ?? 0,
    reason,
    score,
    value: values[row] ?? Number.NaN,
    low: low ?? Number.NaN,
    high: high ?? Number.NaN,
  };
}
