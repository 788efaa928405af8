// Answers in the JSON of InfluxDB 1.x, as Grafana reads them.
import { InputError } from "../../lib/errors.ts";
import type { Frame } from "./group-rows.ts";
import type { Select } from "./query.ts";
import type { SelectResult } from "./run-select.ts";

export type Cell = string | number | boolean | null;

export interface AnswerSeries {
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly Cell[])[];
}

export interface Answer {
  readonly statement_id: number;
  readonly series?: readonly AnswerSeries[];
  readonly messages?: readonly { readonly level: "warning"; readonly text: string }[];
}

export type TimeText = (ms: number) => Cell;

const unitsPerMs: Readonly<Record<string, number>> = {
  ns: 1e6,
  u: 1e3,
  µ: 1e3,
  us: 1e3,
  ms: 1,
  s: 1e-3,
  m: 1 / 60e3,
  h: 1 / 3_600e3,
};

/** `epoch` as in InfluxDB: ns, u, ms, s, m or h; without it times are RFC 3339. Throws an InputError. */
export function timeTextOf(epoch: string | undefined): TimeText {
  if (epoch === undefined || epoch === "" || epoch === "rfc3339")
    return (ms) => new Date(ms).toISOString().replace(".000Z", "Z");
  const units = unitsPerMs[epoch];
  if (units === undefined) throw new InputError(`epoch is one of ${Object.keys(unitsPerMs).join(", ")}.`);
  return units >= 1 ? (ms) => ms * units : (ms) => Math.floor(ms * units);
}

/** As InfluxDB, an answer without series has no list of them. */
export const answerOf = (id: number, series: readonly AnswerSeries[], notes: readonly string[] = []): Answer => ({
  statement_id: id,
  ...(series.length === 0 ? {} : { series }),
  ...(notes.length === 0 ? {} : { messages: notes.map((text) => ({ level: "warning" as const, text })) }),
});

export function selectSeries(
  select: Select,
  { measurement, frames }: SelectResult,
  timeText: TimeText,
): readonly AnswerSeries[] {
  return frames.map((frame) => ({
    name: measurement,
    ...(select.groupByTags.length === 0 ? {} : { tags: frame.tags }),
    columns: ["time", ...select.columns.map(({ name }) => name)],
    values: rowsOf(frame, timeText),
  }));
}

const rowsOf = ({ timeMs, columns }: Frame, timeText: TimeText): readonly (readonly Cell[])[] =>
  timeMs.map((ms, row) => [timeText(ms), ...columns.map((column) => column[row] ?? null)]);
