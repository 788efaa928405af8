// The virtual clock: it follows a real clock at a chosen speed or stands still until a test moves it, and runs what
// is due in order.
import type { Clock } from "../lib/clock.ts";

interface Due {
  readonly atS: number;
  readonly run: () => void;
}

export interface TimelineOptions {
  readonly clock: Clock;
  /** Virtual seconds per real second; 0 stands still. */
  readonly speed: number;
  /** Epoch milliseconds. */
  readonly startAt: number;
}

export class Timeline {
  readonly #clock: Clock;
  readonly #speed: number;
  readonly #began: number;
  #base: number;
  /** The moment up to which everything has happened, in epoch seconds. */
  nowS: number;
  readonly #due: Due[] = [];

  constructor(options: TimelineOptions) {
    this.#clock = options.clock;
    this.#speed = options.speed;
    this.#base = options.startAt;
    this.#began = options.clock.monotonic();
    this.nowS = options.startAt / 1000;
  }

  /** Virtual epoch milliseconds as the clock stands, whether or not everything due has run. */
  target(): number {
    return this.#base + (this.#clock.monotonic() - this.#began) * this.#speed;
  }

  /** Moves the virtual clock ahead by hand, on top of its own pace. */
  skip(ms: number): void {
    this.#base += ms;
  }

  schedule(atS: number, run: () => void): void {
    const due = { atS, run };
    const after = this.#due.findIndex((other) => other.atS > atS);
    if (after === -1) this.#due.push(due);
    else this.#due.splice(after, 0, due);
  }

  /** Runs everything that is due by now, each thing at its own moment. */
  catchUp(): void {
    const targetS = this.target() / 1000;
    for (let due = this.#due[0]; due !== undefined && due.atS <= targetS; due = this.#due[0]) {
      this.#due.shift();
      this.nowS = Math.max(this.nowS, due.atS);
      due.run();
    }
    this.nowS = Math.max(this.nowS, targetS);
  }
}
