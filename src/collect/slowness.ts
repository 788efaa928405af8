// Polls less often while the cluster answers slowly: a slow answer means that its API has no room, and every question of
// ours takes from what people need. Nothing is lost by it, because nodes remember half an hour of samples.

export interface RoundTimes {
  /** Of /cluster/resources; undefined when it was not answered. */
  readonly listingMs: number | undefined;
  /** From sending to the last byte, of every answer of the round. */
  readonly answersMs: readonly number[];
}

const slowListingMs = 5_000;
/** A round whose answers take longer than this share of the period leaves the cluster no rest. */
const slowShare = 0.5;
/** Quick rounds in a row until the pace is doubled again. */
const roundsToRecover = 3;
/** A twelfth of the usual load is rest enough; beyond it the present would be too old to act on. */
const longestPeriodS = 120;
/** From here on one quick round shows as much as some shorter ones: three would keep the pace low for half an hour. */
const longPeriodS = 60;

export class Slowness {
  #factor = 1;
  #quickRounds = 0;
  #why: string | null = null;

  /** The usual period, stretched. */
  stretched(periodS: number): number {
    return Math.min(periodS * this.#factor, Math.max(periodS, longestPeriodS));
  }

  get isSlow(): boolean {
    return this.#factor > 1;
  }

  /** Half a sentence on what was slow; null while nothing is. */
  get why(): string | null {
    return this.#why;
  }

  /** `periodS`: the usual period. */
  observe(times: RoundTimes, periodS: number): void {
    if (times.answersMs.length === 0) return;
    const why = slownessOf(times, periodS);
    if (why !== null) {
      this.#why = why;
      this.#quickRounds = 0;
      if (periodS * this.#factor < longestPeriodS) this.#factor *= 2;
      return;
    }
    this.#quickRounds += 1;
    const needed = this.stretched(periodS) >= longPeriodS ? 1 : roundsToRecover;
    if (!this.isSlow || this.#quickRounds < needed) return;
    this.#factor /= 2;
    this.#quickRounds = 0;
    if (this.#factor === 1) this.#why = null;
  }
}

function slownessOf({ listingMs, answersMs }: RoundTimes, periodS: number): string | null {
  if (listingMs !== undefined && listingMs > slowListingMs) return `its listing took ${seconds(listingMs)}`;
  const p95 = percentile95(answersMs);
  return p95 > slowShare * periodS * 1000 ? `one answer in twenty takes ${seconds(p95)} or more` : null;
}

function percentile95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
