// Scores a series row by row. A row's score rests on the rows up to it and on nothing else.
import {
  fewestRows,
  halfStrength,
  innovationGain,
  learningRows,
  meanSpans,
  movementRows,
  movementWeight,
  rangeScales,
  scaleMemoryRows,
} from "./constants.ts";
import { Movement } from "./movement.ts";
import { RecentMeans } from "./recent-means.ts";
import { RepeatGuard } from "./repeat-guard.ts";
import { SeasonalForecast } from "./seasonal-forecast.ts";
import { TailScale } from "./tail-scale.ts";
import { type Reason, silent, type Verdict } from "./verdict.ts";

/** Beyond this nothing was measured, and fourth powers would leave the range of numbers. */
const largest = 1e60;

export class AnomalyDetector {
  readonly #forecast = new SeasonalForecast();
  readonly #means = new RecentMeans(meanSpans);
  readonly #meanScales = meanSpans.map(() => new TailScale(scaleMemoryRows));
  readonly #innovationScale = new TailScale(scaleMemoryRows);
  readonly #movement = new Movement();
  readonly #guard = new RepeatGuard();
  /** What the error has been lately. */
  #followed = 0;
  #rows = 0;
  #expected = Number.NaN;
  #range = Number.NaN;
  #score = 0;
  #strongest = 0;
  #reason: Reason = "value";
  #span = 1;

  /**
   * The score of the row measured at `atMs` (epoch milliseconds), from 0 (as ever) to 1. A value that is missing (NaN)
   * or cannot be a measurement scores 0 and is not learned from.
   */
  next(atMs: number, value: number): number {
    this.#score = 0;
    this.#expected = Number.NaN;
    if (!(Math.abs(value) < largest)) return 0;
    // The first row can only be as expected: to compare it with zero would make the unit's zero matter for ever.
    const expected = this.#rows === 0 ? value : this.#forecast.expect(atMs);
    this.#expected = expected;
    this.#range = rangeScales * (this.#meanScales[0]?.scale ?? 0);
    this.#strongest = 0;
    this.#weighError(value - expected);
    this.#weighMovement(value);
    this.#forecast.learn(atMs, value);
    this.#rows++;
    if (this.#rows <= learningRows) return 0;
    const counts = this.#guard.admit(this.#strongest * lift(this.#rows));
    this.#score = counts / (counts + halfStrength);
    return this.#score;
  }

  /** What there is to say about the newest row. */
  verdict(): Verdict {
    if (Number.isNaN(this.#expected)) return silent;
    const { reason, rows } = { reason: this.#reason, rows: this.#span };
    const expected = this.#expected;
    return { score: this.#score, reason, rows, expected, low: expected - this.#range, high: expected + this.#range };
  }

  #weighError(error: number): void {
    this.#means.push(error);
    for (let index = 0; index < this.#meanScales.length; index++) {
      const scale = this.#meanScales[index];
      const mean = this.#means.mean(index);
      if (scale === undefined) continue;
      this.#weigh(Math.abs(scale.strength(mean)), index === 0 ? "value" : "level", meanSpans[index] ?? 1);
      scale.learn(mean);
    }
    const innovation = error - this.#followed;
    this.#weigh(Math.abs(this.#innovationScale.strength(innovation)), "jump", 1);
    this.#innovationScale.learn(innovation);
    this.#followed += innovationGain * innovation;
  }

  #weighMovement(value: number): void {
    const movement = this.#movement.next(value);
    this.#weigh(Math.abs(movement) * movementWeight, movement < 0 ? "still" : "restless", movementRows);
  }

  /** The strongest of all tells; the score does not add up what is the same event seen several ways. */
  #weigh(strength: number, reason: Reason, rows: number): void {
    if (strength <= this.#strongest) return;
    this.#strongest = strength;
    this.#reason = reason;
    this.#span = rows;
  }
}

/** See `fewestRows`. */
const lift = (rows: number): number =>
  Math.sqrt(Math.sqrt(Math.sqrt(scaleMemoryRows / Math.min(scaleMemoryRows, Math.max(fewestRows, rows)))));
