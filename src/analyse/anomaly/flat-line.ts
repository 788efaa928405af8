// A value that stands still where it used to move: a stuck sensor, an agent that repeats itself, a guest that hangs.
import { flatMs, flatRows, flatTimes, movingShare } from "./constants.ts";
import type { Series } from "./series.ts";

export interface FlatLine {
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: number;
  readonly rows: number;
  /** The longest stand before it, in rows. */
  readonly longestBefore: number;
}

/** Takes one row after the other. A stand counts when it is far longer than any before it on a series that moves in most rows. */
export class FlatLineWatch {
  #fromMs = 0;
  #toMs = 0;
  #value = Number.NaN;
  #rows = 0;
  #steps = 0;
  #moved = 0;
  #longestBefore = 1;

  /** The row measured at `atMs` (epoch milliseconds). Returns the stand that ended with it, when it was a flat line. */
  next(atMs: number, value: number): FlatLine | undefined {
    if (this.#rows > 0 && value === this.#value) {
      this.#toMs = atMs;
      this.#rows++;
      return undefined;
    }
    const ended = this.#rows > 0 ? this.#end() : undefined;
    this.#fromMs = atMs;
    this.#toMs = atMs;
    this.#value = value;
    this.#rows = 1;
    return ended;
  }

  /** The stand that lasts, when it is long enough to count. */
  current(): FlatLine | undefined {
    if (this.#rows < flatRows || this.#steps < flatRows || this.#moved < movingShare * this.#steps) return undefined;
    if (this.#rows < flatTimes * this.#longestBefore || this.#toMs - this.#fromMs < flatMs) return undefined;
    const { fromMs, toMs, value, rows, longestBefore } = {
      fromMs: this.#fromMs,
      toMs: this.#toMs,
      value: this.#value,
      rows: this.#rows,
      longestBefore: this.#longestBefore,
    };
    return { fromMs, toMs, value, rows, longestBefore };
  }

  /** What was a flat line is no measure for the next one. */
  #end(): FlatLine | undefined {
    const line = this.current();
    if (line === undefined) this.#longestBefore = Math.max(this.#longestBefore, this.#rows);
    this.#steps += this.#rows;
    this.#moved += 1;
    return line;
  }
}

/** Oldest first. */
export function findFlatLines({ times, values }: Series): readonly FlatLine[] {
  const watch = new FlatLineWatch();
  const lines: FlatLine[] = [];
  for (let row = 0; row < values.length; row++) {
    const ended = watch.next(times[row] ?? 0, values[row] ?? Number.NaN);
    if (ended !== undefined) lines.push(ended);
  }
  const last = watch.current();
  return last === undefined ? lines : [...lines, last];
}
