// A stretch in which a series is unusual, from the row that was noticed until it is as ever again.
import { calmRows, longestEpisodeMs, stillShare } from "./constants.ts";
import type { Reason, Verdict } from "./verdict.ts";

export interface Episode {
  readonly reason: Reason | "flat" | "shift";
  /** Begin of the first unusual row and of the one at which it was sure (epoch milliseconds). */
  readonly fromMs: number;
  readonly noticedMs: number;
  /** Begin of the last unusual row. */
  lastMs: number;
  open: boolean;
  /** The highest so far, from 0.5 on; null where there is none. */
  score: number | null;
  /** As measured when it was noticed, with the range in which it would have been as ever. */
  readonly value: number;
  /** The row furthest from what was to be expected. */
  peakMs: number;
  peak: number;
  expected: number | null;
  low: number | null;
  high: number | null;
}

export const isSeen = (verdict: Verdict): verdict is SeenVerdict => verdict.expected !== null;
export interface SeenVerdict extends Verdict {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

/** Follows one episode of the detector row by row. */
export class EpisodeWatch {
  readonly episode: Episode;
  #before: number;
  #calm = 0;

  constructor(fromMs: number, atMs: number, value: number, verdict: SeenVerdict) {
    const { reason, score, expected, low, high } = verdict;
    const peak = { peakMs: atMs, peak: value, expected, low, high };
    this.episode = { reason, fromMs, noticedMs: atMs, lastMs: atMs, open: true, score, value, ...peak };
    this.#before = value;
  }

  /** The next row. The episode is over after three rows that are as ever, at the last that was not. */
  next(atMs: number, value: number, verdict: SeenVerdict): void {
    const { episode } = this;
    if (atMs - episode.noticedMs > longestEpisodeMs) {
      episode.open = false;
      return;
    }
    if (verdict.score > (episode.score ?? 0)) episode.score = verdict.score;
    if (this.#isUnusual(value, verdict)) {
      episode.lastMs = atMs;
      this.#calm = 0;
      this.#takePeak(atMs, value, verdict);
    } else if (++this.#calm >= calmRows) episode.open = false;
    this.#before = value;
  }

  #isUnusual(value: number, { low, high }: SeenVerdict): boolean {
    if (value < low || value > high) return true;
    return this.episode.reason === "still" && Math.abs(value - this.#before) < stillShare * (high - low);
  }

  #takePeak(atMs: number, value: number, { expected, low, high }: SeenVerdict): void {
    const { episode } = this;
    if (Math.abs(value - expected) <= Math.abs(episode.peak - (episode.expected ?? expected))) return;
    Object.assign(episode, { peakMs: atMs, peak: value, expected, low, high });
  }
}
