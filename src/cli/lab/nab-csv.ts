// The format of the Numenta Anomaly Benchmark: a header with `timestamp` and `value`, then a row per measurement.
import { InputError } from "../../lib/errors.ts";

export interface NabSeries {
  /** As they stand in the file, to be written as they came. */
  readonly timestamps: readonly string[];
  readonly texts: readonly string[];
  /** Epoch milliseconds; without a zone a timestamp is UTC. */
  readonly times: Float64Array;
  /** NaN where nothing was measured. */
  readonly values: Float64Array;
}

const noValue = new Set(["", "NA", "NAN", "NULL", "NONE"]);

/** Throws an InputError that says which line of `file` is wrong and what to do. */
export function parseNab(text: string, file: string): NabSeries {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines.every((line) => line.trim() === "")) {
    throw new InputError(`${file} is empty; it needs the header "timestamp,value" and a row per measurement.`);
  }
  const columns = columnsOf(lines[0] ?? "", file);
  const rows = lines.flatMap((line, index) =>
    index === 0 || line.trim() === "" ? [] : [rowOf(line, columns, `${file}:${index + 1}`)],
  );
  if (rows.length === 0) throw new InputError(`${file} has a header and no rows; give it at least one measurement.`);
  return {
    timestamps: rows.map((row) => row.timestamp),
    texts: rows.map((row) => row.text),
    times: Float64Array.from(rows, (row) => row.time),
    values: Float64Array.from(rows, (row) => row.value),
  };
}

interface Columns {
  readonly timestamp: number;
  readonly value: number;
}

function columnsOf(header: string, file: string): Columns {
  const names = cellsOf(header).map((name) => name.toLowerCase());
  const columns = { timestamp: names.indexOf("timestamp"), value: names.indexOf("value") };
  if (columns.timestamp >= 0 && columns.value >= 0) return columns;
  throw new InputError(
    `${file}:1: the first line must name the columns timestamp and value, and it is "${header.slice(0, 60)}".`,
  );
}

function rowOf(line: string, columns: Columns, place: string) {
  const cells = cellsOf(line);
  const timestamp = cells[columns.timestamp];
  const text = cells[columns.value];
  if (timestamp === undefined || text === undefined) {
    throw new InputError(`${place}: a row needs a timestamp and a value, separated by a comma; mend or remove it.`);
  }
  return { timestamp, text, time: timeOf(timestamp, place), value: numberOf(text, place) };
}

const cellsOf = (line: string): readonly string[] =>
  line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));

const isoTime = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/;

function timeOf(text: string, place: string): number {
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const parts = isoTime.exec(text);
  const time = parts === null ? Number.NaN : utcOf(parts);
  if (!Number.isNaN(time)) return time;
  throw new InputError(
    `${place}: "${text.slice(0, 40)}" is no timestamp; write it as 2014-04-01 00:05:00, as ISO 8601 or as epoch seconds.`,
  );
}

/** NaN for a 30th of February, which Date would take for March. */
function utcOf(parts: RegExpExecArray): number {
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "0", zone = "Z"] = parts;
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(time);
  const stands =
    date.getUTCMonth() + 1 === Number(month) &&
    date.getUTCDate() === Number(day) &&
    date.getUTCHours() === Number(hour) &&
    date.getUTCMinutes() === Number(minute);
  return stands ? time + Number(`0.${fraction}`) * 1000 - offsetMs(zone) : Number.NaN;
}

function offsetMs(zone: string): number {
  if (zone === "Z") return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function numberOf(text: string, place: string): number {
  if (noValue.has(text.toUpperCase())) return Number.NaN;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new InputError(
    `${place}: "${text.slice(0, 40)}" is no number; leave the value empty where nothing was measured.`,
  );
}

/** `timestamp,value,anomaly_score`, a line per row in the order of the file. */
export function writeNab({ timestamps, texts }: NabSeries, scores: Float64Array): string {
  const lines = timestamps.map((timestamp, row) => `${timestamp},${texts[row] ?? ""},${scoreText(scores[row] ?? 0)}`);
  return `timestamp,value,anomaly_score\n${lines.join("\n")}\n`;
}

/** Six digits: finer differences are noise, and a file stays small. */
const scoreText = (score: number): string => String(Number(score.toFixed(6)));
