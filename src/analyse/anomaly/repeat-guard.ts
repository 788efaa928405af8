// Lets an event through once. What follows soon counts only when it is clearly stronger, and what is let through
// counts for as much as it is rare: the same spike every hour is how that series is.
import { alikeRatio, blockRows, blocksKept, quietRows, quietShare, repeatRatio } from "./constants.ts";

export class RepeatGuard {
  #rows = 0;
  #lastRow = Number.NEGATIVE_INFINITY;
  #lastStrength = 0;
  /** Strongest row of each finished block, the oldest overwritten. */
  readonly #blocks = new Float64Array(blocksKept);
  #finished = 0;
  #strongest = 0;

  /** The strength that counts: 0 for a repeat, less than `strength` for what is common. */
  admit(strength: number): number {
    const quiet = Math.min(quietRows, quietShare * this.#rows);
    const isNew = this.#rows - this.#lastRow > quiet || strength * repeatRatio >= this.#lastStrength;
    const counts = isNew ? strength * Math.sqrt(this.#rarity(strength)) : 0;
    if (isNew) {
      this.#lastRow = this.#rows;
      this.#lastStrength = strength;
    }
    this.#count(strength);
    return counts;
  }

  /** ln of the share of blocks as strong, against ln of the rarest that could be seen: 1 for the first of its kind. */
  #rarity(strength: number): number {
    const kept = Math.min(this.#finished, blocksKept);
    let alike = 0;
    for (let index = 0; index < kept; index++) {
      if ((this.#blocks[index] ?? 0) >= alikeRatio * strength) alike++;
    }
    return Math.log((alike + 1) / (kept + 2)) / Math.log(1 / (kept + 2));
  }

  #count(strength: number): void {
    this.#rows++;
    this.#strongest = Math.max(this.#strongest, strength);
    if (this.#rows % blockRows > 0) return;
    this.#blocks[this.#finished % blocksKept] = this.#strongest;
    this.#finished++;
    this.#strongest = 0;
  }
}
