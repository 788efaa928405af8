// How lively a series is: the root mean square of its newest steps against that of all its steps, as a logarithm. A
// series that stands still where it used to move is low, one that begins to shake is high.
import { movementRows, scaleMemoryRows } from "./constants.ts";
import { RecentMeans } from "./recent-means.ts";
import { TailScale } from "./tail-scale.ts";

/** Keeps the logarithm finite: a thousandth of the usual movement is standing still. */
const still = 1e-3;

export class Movement {
  readonly #recent = new RecentMeans([movementRows]);
  readonly #scale = new TailScale(scaleMemoryRows);
  #before = Number.NaN;
  #usual = 0;
  #rows = 0;

  /** Below 0 when it moves less than ever, above when more; 0 while it never moved. */
  next(value: number): number {
    const step = Number.isNaN(this.#before) ? 0 : value - this.#before;
    this.#before = value;
    if (this.#rows < scaleMemoryRows) this.#rows++;
    this.#recent.push(step * step);
    this.#usual += (step * step - this.#usual) / this.#rows;
    if (this.#usual === 0) return 0;
    const liveliness = Math.log(still + Math.sqrt(Math.max(0, this.#recent.mean(0)) / this.#usual));
    const strength = this.#scale.strength(liveliness);
    this.#scale.learn(liveliness);
    return strength;
  }
}
