// How far a node's clock is from ours, and whether its pvestatd still measures, told by the times of its samples.
// A sample is normally 0–12 s old when we get it: the least age over some polls is the clock's difference.

const remembered = 12;
/** So many samples in a row make sure that a clock was set, and not that one sample was late. */
const settled = 3;
/** pvestatd's period and a slow round: older than this at best is a clock behind ours. */
const usualAgeMs = 20_000;
/** Six rounds without a new sample. */
const staleAfterMs = 60_000;

export class NodeClock {
  #ages: number[] = [];
  #newest = 0;
  #advancedAt: number;

  constructor(now: number) {
    this.#advancedAt = now;
  }

  /** `newest`: time of the node's newest sample by its own clock; `now`: ours. */
  observe(newest: number, now: number): void {
    if (newest === this.#newest) return;
    this.#newest = newest;
    this.#advancedAt = now;
    this.#ages = [...this.#ages, now - newest].slice(-remembered);
    // All of the last ones are later than the best before: a clock was set, and what was before says nothing any more.
    const last = this.#ages.slice(-settled);
    if (last.length === settled && Math.min(...last) > Math.min(...this.#ages) + usualAgeMs) this.#ages = last;
  }

  /** The node's clock less ours, in seconds; 0 while the difference is too small to tell. */
  get skewS(): number {
    const least = Math.min(...this.#ages);
    if (!Number.isFinite(least) || (least >= 0 && least <= usualAgeMs)) return 0;
    return -least / 1000;
  }

  /** True when the node answers but has had nothing new for a minute. */
  isStale(now: number): boolean {
    return this.#newest > 0 && now - this.#advancedAt > staleAfterMs;
  }
}
