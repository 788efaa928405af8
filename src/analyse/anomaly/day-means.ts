// The mean of each whole day of a series, for its level shifts: kept beside the rows, so that no day is read again.
import type { Series } from "./series.ts";

const dayMs = 86_400_000;

export class DayMeans {
  readonly #kept: number;
  readonly #rowsPerDay: number;
  readonly #days: { readonly day: number; readonly mean: number }[] = [];
  #day = Number.NEGATIVE_INFINITY;
  #rows = 0;
  #total = 0;

  /** Keeps so many days; a day with less than half of `rowsPerDay` says nothing. */
  constructor(kept: number, rowsPerDay: number) {
    this.#kept = kept;
    this.#rowsPerDay = rowsPerDay;
  }

  /** True when the row is the first of a new (UTC) day, so that the one before is complete. */
  next(atMs: number, value: number): boolean {
    const day = Math.floor(atMs / dayMs);
    const isNew = day > this.#day;
    if (isNew) this.#close(day);
    this.#rows++;
    this.#total += value;
    return isNew;
  }

  /** A row per complete day. */
  series(): Series {
    return {
      times: Float64Array.from(this.#days, ({ day }) => day * dayMs),
      values: Float64Array.from(this.#days, ({ mean }) => mean),
    };
  }

  #close(day: number): void {
    if (this.#rows * 2 >= this.#rowsPerDay) this.#days.push({ day: this.#day, mean: this.#total / this.#rows });
    while (this.#days.length > 0 && (this.#days[0]?.day ?? 0) < day - this.#kept) this.#days.shift();
    this.#day = day;
    this.#rows = 0;
    this.#total = 0;
  }
}
