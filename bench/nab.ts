// Scores anomaly detection by the rules of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015, NAB 1.1), on the folders
// that lie beside the checkout; without them there is no score.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseNab } from "../src/cli/lab/nab-csv.ts";

export interface NabFile {
  readonly folder: string;
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** First and last row of each window in which an anomaly lies. */
  readonly windows: readonly (readonly [number, number])[];
}

export interface NabProfile {
  readonly name: string;
  readonly missed: number;
  readonly falseAlarm: number;
}

export const nabProfiles: readonly NabProfile[] = [
  { name: "standard", missed: 1, falseAlarm: 0.11 },
  { name: "low FP", missed: 1, falseAlarm: 0.22 },
  { name: "low FN", missed: 2, falseAlarm: 0.11 },
];

const root = fileURLToPath(new URL("../../shared/data/nab/", import.meta.url));

/** Undefined, with a word about it, when the data is not there. */
export function nabFiles(): readonly NabFile[] | undefined {
  if (!existsSync(`${root}labels/combined_windows.json`)) {
    console.warn("the NAB data is not beside the checkout (../shared/data/nab): anomalies are not scored on it");
    return undefined;
  }
  const labels = JSON.parse(readFileSync(`${root}labels/combined_windows.json`, "utf8")) as Record<string, string[][]>;
  return Object.entries(labels).map(([name, windows]) => {
    const { timestamps, times, values } = parseNab(readFileSync(`${root}data/${name}`, "utf8"), name);
    const rowOf = (text = ""): number => timestamps.indexOf(text.slice(0, 19));
    const [folder = ""] = name.split("/");
    return { folder, times, values, windows: windows.map(([first, last]) => [rowOf(first), rowOf(last)] as const) };
  });
}

/** What one row is worth when it is told of; a window's rows count by the best of them. */
interface Point {
  readonly score: number;
  readonly worth: number;
  readonly window: string | null;
}

/** 100 for every window at its first row and no false alarm, 0 for silence. With the threshold that scores most. */
export function nabScore(files: readonly NabFile[], scores: readonly Float64Array[], profile: NabProfile) {
  const points = files.flatMap((file, index) => pointsOf(file, scores[index] ?? new Float64Array(), profile, index));
  const windows = new Set(files.flatMap(({ windows: of }, index) => of.map((_, at) => `${index}/${at}`)));
  return best(points, windows.size, profile);
}

/** The same at a given threshold. */
export function nabScoreAt(
  threshold: number,
  files: readonly NabFile[],
  scores: readonly Float64Array[],
  profile: NabProfile,
): number {
  const cut = scores.map((of) => of.map((score) => (score >= threshold ? 1 : 0)));
  return nabScore(files, cut, profile).score;
}

function best(points: readonly Point[], windows: number, { missed }: NabProfile) {
  const sorted = [...points].sort((a, b) => b.score - a.score);
  const found = new Map<string, number>();
  let sum = -missed * windows;
  let most = { raw: sum, threshold: Number.POSITIVE_INFINITY };
  for (const [index, { score, worth, window }] of sorted.entries()) {
    const before = window === null ? 0 : (found.get(window) ?? -missed);
    if (window === null) sum += worth;
    else if (worth > before) {
      found.set(window, worth);
      sum += worth - before;
    }
    if (score !== sorted[index + 1]?.score && sum > most.raw) most = { raw: sum, threshold: score };
  }
  return { score: (100 * (most.raw + missed * windows)) / ((1 + missed) * windows), threshold: most.threshold };
}

/** The first 15 % of a file, at most 750 rows, are for learning and count nothing. */
function pointsOf(file: NabFile, scores: Float64Array, profile: NabProfile, index: number): readonly Point[] {
  const learning = Math.min(Math.floor(0.15 * scores.length), 750);
  const points: Point[] = [];
  for (let row = learning; row < scores.length; row++) {
    const at = file.windows.findIndex(([first, last]) => row >= first && row <= last);
    const worth = at >= 0 ? worthInside(file, at, row) : profile.falseAlarm * worthOutside(file, row);
    points.push({ score: scores[row] ?? 0, worth, window: at >= 0 ? `${index}/${at}` : null });
  }
  return points;
}

/** From 1 at the window's first row to 0 at its last. */
function worthInside({ windows }: NabFile, at: number, row: number): number {
  const [first, last] = windows[at] ?? [0, 0];
  return falling(-(last - row + 1) / (last - first + 1)) / falling(-1);
}

/** Shortly after a window an alarm is only late; far from one, or before any, it costs all. */
function worthOutside({ windows }: NabFile, row: number): number {
  const before = windows.findLast(([, last]) => last < row);
  return before === undefined ? -1 : falling((row - before[1]) / (before[1] - before[0]));
}

const falling = (position: number): number => (position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1);
