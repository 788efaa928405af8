// Scores one file and writes the result: all of it, or nothing.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AnomalyDetector, alarmScore } from "../../analyse/anomaly/index.ts";
import { InputError } from "../../lib/errors.ts";
import { parseNab, writeNab } from "./nab-csv.ts";
import type { FilePair } from "./series-files.ts";

export interface ScoredFile {
  readonly rows: number;
  /** Rows without a value; they score 0. */
  readonly missing: number;
  /** Rows that are not later than the row before them. */
  readonly unordered: number;
  /** Rows that people would be told of. */
  readonly alarms: number;
  /** Spent on the scores alone. */
  readonly scoring_ms: number;
}

/** What came of a file; `problem` is one sentence about what is wrong with it. */
export type FileResult = { readonly scored: ScoredFile } | { readonly problem: string };

/** `now` is a monotonic clock in milliseconds. */
export function scoreFile({ input, output }: FilePair, now: () => number): FileResult {
  try {
    const series = parseNab(readFileSync(input, "utf8"), input);
    const { times, values } = series;
    const began = now();
    const detector = new AnomalyDetector();
    const scores = values.map((value, row) => detector.next(times[row] ?? 0, value));
    const scoring_ms = Math.round(now() - began);
    writeWhole(output, writeNab(series, scores));
    const count = (is: (value: number, row: number) => boolean): number => values.filter(is).length;
    return {
      scored: {
        rows: values.length,
        missing: count(Number.isNaN),
        unordered: count((_, row) => row > 0 && (times[row] ?? 0) <= (times[row - 1] ?? 0)),
        alarms: count((_, row) => (scores[row] ?? 0) >= alarmScore),
        scoring_ms,
      },
    };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.part`;
  writeFileSync(beside, text);
  renameSync(beside, file);
}

/** A file that cannot be read or written is the reader's to mend as well; anything else is a fault of ours. */
function problemOf(error: unknown): string {
  if (error instanceof InputError) return error.message;
  if (error instanceof Error && "code" in error)
    return `${error.message}; check that the file can be read and written.`;
  throw error;
}
