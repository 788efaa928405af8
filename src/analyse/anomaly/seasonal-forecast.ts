// The value to expect: a level, what the half hour of the day adds, and what the half hour of the week adds to that.
// Each season counts for as much as it has explained so far, so a series without one is forecast by its level alone.
import { dayGain, levelMemoryRows, slotsPerDay, weekGain } from "./constants.ts";

const dayMs = 86_400_000;
const slotMs = dayMs / slotsPerDay;

export class SeasonalForecast {
  #rows = 0;
  #level = 0;
  #before = Number.NaN;
  #pace = 1;
  #slot = 0;
  #weekSlot = 0;
  readonly #day = new Season(slotsPerDay, dayGain);
  readonly #week = new Season(slotsPerDay * 7, weekGain);
  /** Mean squared error of the level alone, with the day, and with day and week. */
  #levelError = 0;
  #dayError = 0;
  #weekError = 0;

  /** What to expect at `atMs` (epoch milliseconds), from the rows learned so far. */
  expect(atMs: number): number {
    this.#locate(atMs);
    const weekWorth = worth(this.#weekError, this.#dayError);
    const season = this.#day.at(this.#slot) + weekWorth * this.#week.at(this.#weekSlot);
    return this.#level + worth(this.#dayError, this.#levelError) * season;
  }

  /** Takes the value in that was measured at `atMs`. */
  learn(atMs: number, value: number): void {
    this.#locate(atMs);
    this.#keepPace(atMs);
    const fromLevel = this.#rows === 0 ? 0 : value - this.#level;
    const fromDay = fromLevel - this.#day.at(this.#slot);
    const fromWeek = fromDay - this.#week.at(this.#weekSlot);
    if (this.#rows < levelMemoryRows) this.#rows++;
    this.#level += (value - this.#level) / this.#rows;
    this.#levelError += (fromLevel ** 2 - this.#levelError) / this.#rows;
    this.#dayError += (fromDay ** 2 - this.#dayError) / this.#rows;
    this.#weekError += (fromWeek ** 2 - this.#weekError) / this.#rows;
    this.#day.learn(this.#slot, fromDay, this.#pace);
    this.#week.learn(this.#weekSlot, fromWeek, this.#pace);
  }

  #locate(atMs: number): void {
    const slot = Math.floor(atMs / slotMs);
    this.#weekSlot = modulo(slot, slotsPerDay * 7);
    this.#slot = this.#weekSlot % slotsPerDay;
  }

  /** The share of a slot that one row stands for; a clock that stands or goes back changes nothing. */
  #keepPace(atMs: number): void {
    const passed = atMs - this.#before;
    if (passed > 0) this.#pace = Math.min(1, passed / slotMs);
    this.#before = atMs;
  }
}

class Season {
  readonly #values: Float64Array;
  readonly #counts: Uint32Array;
  readonly #gain: number;

  constructor(slots: number, gain: number) {
    this.#values = new Float64Array(slots);
    this.#counts = new Uint32Array(slots);
    this.#gain = gain;
  }

  at(slot: number): number {
    return this.#values[slot] ?? 0;
  }

  learn(slot: number, error: number, pace: number): void {
    const count = (this.#counts[slot] ?? 0) + 1;
    this.#counts[slot] = count;
    this.#values[slot] = this.at(slot) + error * Math.max(this.#gain * pace, 1 / (count + 1));
  }
}

/** The share of the squared error that a season takes away, from 0 to 1. */
const worth = (withIt: number, without: number): number =>
  without > 0 ? Math.min(1, Math.max(0, 1 - withIt / without)) : 0;

const modulo = (value: number, by: number): number => ((value % by) + by) % by;
