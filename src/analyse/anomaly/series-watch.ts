// Watches one series: everything that is known of it stays here between rows, a few kilobytes, and can be learned again
// from its history. What it says of a row rests on the rows up to it.
import { alarmScore, learningMs, shiftApartMs, shiftDaysKept, shiftStaysDays, shiftToldMs } from "./constants.ts";
import { DayMeans } from "./day-means.ts";
import { AnomalyDetector } from "./detector.ts";
import { type Episode, EpisodeWatch, isSeen } from "./episode.ts";
import { FlatLineWatch } from "./flat-line.ts";
import { findLevelShifts, type LevelShift } from "./level-shift.ts";
import { median, type Series } from "./series.ts";

const dayMs = 86_400_000;

export class SeriesWatch {
  readonly stepMs: number;
  readonly #detector = new AnomalyDetector();
  readonly #flatLine = new FlatLineWatch();
  readonly #days: DayMeans;
  #beganMs = Number.NaN;
  #lastMs = Number.NEGATIVE_INFINITY;
  #detected: EpisodeWatch | undefined;
  #flat: Episode | undefined;
  #shift: Episode | undefined;
  #shiftMs = Number.NEGATIVE_INFINITY;

  /** `stepMs`: the width of its rows. */
  constructor(stepMs: number) {
    this.stepMs = stepMs;
    this.#days = new DayMeans(shiftDaysKept, dayMs / stepMs);
  }

  /** Begin of the newest row (epoch milliseconds). */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Those that last: an anomaly, a flat line, a level shift, at most one of each. */
  get open(): readonly Episode[] {
    return [this.#detected?.episode, this.#flat, this.#shift].filter((episode) => episode?.open === true) as Episode[];
  }

  /**
   * The row that begins at `atMs`; rows that are not newer than the last are left out. Returns what began with it; the
   * objects change while they last.
   */
  next(atMs: number, value: number): readonly Episode[] {
    if (!(atMs > this.#lastMs) || Number.isNaN(value)) return none;
    if (Number.isNaN(this.#beganMs)) this.#beganMs = atMs;
    const rowsFromMs = (rows: number): number => Math.max(this.#beganMs, atMs - (rows - 1) * this.stepMs);
    this.#lastMs = atMs;
    const learned = atMs - this.#beganMs >= learningMs;
    const anomaly = this.#detect(atMs, value, learned, rowsFromMs);
    const flat = this.#standStill(atMs, value, learned);
    const shift = this.#days.next(atMs, value) ? this.#compareDays(atMs) : undefined;
    if (anomaly === undefined && flat === undefined && shift === undefined) return none;
    return [anomaly, flat, shift].filter((episode) => episode !== undefined);
  }

  #detect(atMs: number, value: number, learned: boolean, rowsFromMs: (rows: number) => number): Episode | undefined {
    const score = this.#detector.next(atMs, value);
    if (this.#detected === undefined && (score < alarmScore || !learned)) return undefined;
    const verdict = this.#detector.verdict();
    if (!isSeen(verdict)) return undefined;
    if (this.#detected !== undefined) {
      this.#detected.next(atMs, value, verdict);
      if (!this.#detected.episode.open) this.#detected = undefined;
      return undefined;
    }
    this.#detected = new EpisodeWatch(rowsFromMs(verdict.rows), atMs, value, verdict);
    return this.#detected.episode;
  }

  #standStill(atMs: number, value: number, learned: boolean): Episode | undefined {
    const ended = this.#flatLine.next(atMs, value);
    if (ended !== undefined && this.#flat !== undefined) {
      this.#flat.open = false;
      this.#flat = undefined;
    }
    const line = learned ? this.#flatLine.current() : undefined;
    if (line === undefined) return undefined;
    if (this.#flat !== undefined) {
      this.#flat.lastMs = atMs;
      return undefined;
    }
    this.#flat = yesOrNo({ reason: "flat", fromMs: line.fromMs, noticedMs: atMs, lastMs: atMs, value });
    return this.#flat;
  }

  /** Once a day. A shift is told for a week; then it is how the series is. */
  #compareDays(atMs: number): Episode | undefined {
    if (this.#shift !== undefined && atMs - this.#shift.noticedMs > shiftToldMs) {
      this.#shift.open = false;
      this.#shift = undefined;
    }
    const means = this.#days.series();
    const found = findLevelShifts(means);
    const newest = found.state === "ready" ? found.shifts.at(-1) : undefined;
    if (newest === undefined || newest.fromMs < this.#shiftMs + shiftApartMs) return undefined;
    // A shift that an earlier day did not show is one that the scale of today makes of it.
    if (newest.fromMs < atMs - shiftApartMs || !hasStayed(newest, means)) return undefined;
    this.#shiftMs = newest.fromMs;
    const { fromMs, before, after } = newest;
    const span = { fromMs, noticedMs: atMs, lastMs: atMs - this.stepMs };
    if (this.#shift !== undefined) this.#shift.open = false;
    this.#shift = yesOrNo({ reason: "shift", ...span, value: after, expected: before });
    return this.#shift;
  }
}

const none: readonly Episode[] = [];

/** One strange day is no level: the days since differ from a week before by half of the step at least. */
function hasStayed({ fromMs, before, after }: LevelShift, { times, values }: Series): boolean {
  const meanAt = new Map([...times].map((atMs, row) => [atMs, values[row] ?? Number.NaN]));
  const differences = [...meanAt].flatMap(([atMs, mean]) => {
    const weekAgo = meanAt.get(atMs - 7 * dayMs);
    return atMs < fromMs || weekAgo === undefined ? [] : [mean - weekAgo];
  });
  if (differences.length < shiftStaysDays) return false;
  return median(differences) / (after - before) >= 0.5;
}

function yesOrNo(
  of: Pick<Episode, "reason" | "fromMs" | "noticedMs" | "lastMs" | "value"> & { readonly expected?: number },
): Episode {
  const { expected = null, ...rest } = of;
  return { ...rest, open: true, score: null, peakMs: of.fromMs, peak: of.value, expected, low: null, high: null };
}
