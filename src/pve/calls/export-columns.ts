// The points of an export as columns: a list of objects of the same points takes four times the memory and the time.
import { type Fields, isRecord, number } from "../read.ts";

/** `{ id, metric, timestamp, type, value }` by position. */
export interface ExportPoints {
  readonly length: number;
  /** Dictionaries that `idIndex` and `metricIndex` point into. */
  readonly ids: readonly string[];
  readonly metrics: readonly string[];
  readonly idIndex: Uint32Array;
  readonly metricIndex: Uint32Array;
  /** Seconds since the epoch by the node's clock; unchecked. */
  readonly timestampS: Float64Array;
  /** NaN: it was no number. */
  readonly value: Float64Array;
  /** Entries without an id, a metric or a time; they are not among the points. */
  readonly malformed: number;
}

/** From parsed JSON. Entries that are no points are counted, and cost nothing else. */
export function exportColumns(entries: readonly unknown[]): ExportPoints {
  const points = entries.filter(isPoint);
  const ids = new Map<string, number>();
  const metrics = new Map<string, number>();
  return {
    length: points.length,
    idIndex: Uint32Array.from(points, ({ id }) => numberOf(ids, id)),
    metricIndex: Uint32Array.from(points, ({ metric }) => numberOf(metrics, metric)),
    timestampS: Float64Array.from(points, ({ timestamp }) => timestamp),
    value: Float64Array.from(points, ({ value }) => number(value) ?? Number.NaN),
    ids: [...ids.keys()],
    metrics: [...metrics.keys()],
    malformed: entries.length - points.length,
  };
}

interface Point extends Fields {
  readonly id: string;
  readonly metric: string;
  readonly timestamp: number;
}

const isPoint = (entry: unknown): entry is Point =>
  isRecord(entry) &&
  typeof entry["id"] === "string" &&
  typeof entry["metric"] === "string" &&
  typeof entry["timestamp"] === "number";

function numberOf(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}
