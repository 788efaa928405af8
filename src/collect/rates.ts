// Turns cumulative counters into rates per second, without inventing traffic.
// The traps (all seen on real clusters): counters restart at stop/start and at live migration; a busy QEMU leaves out
// its block statistics for a round, which PVE then reports as 0; a restarted poller sees two samples far apart.
import type { EntityId } from "../model/ids.ts";

export interface CounterSample {
  readonly node: string | null;
  readonly ts: number;
  /** Seconds; absent for things that have none. */
  readonly uptimeS: number | undefined;
  /** By position; undefined where the answer did not have the counter. */
  readonly counters: readonly (number | undefined)[];
}

interface Baseline {
  readonly value: number;
  readonly ts: number;
}

interface Track {
  node: string | null;
  ts: number;
  uptimeS: number | undefined;
  readonly baselines: (Baseline | undefined)[];
}

/** Samples further apart say nothing about the time between: five periods of pvestatd. */
const maxGapMs = 50_000;
/** Two readings of one clock may differ by this much although nothing restarted. */
const uptimeToleranceS = 5;

export class RateTracker {
  readonly #tracks = new Map<EntityId, Track>();
  readonly #maxGapMs: number;
  #suspect = 0;

  constructor(maxGap = maxGapMs) {
    this.#maxGapMs = maxGap;
  }

  /** Rates dropped because nothing is that fast. */
  get suspect(): number {
    return this.#suspect;
  }

  forget(id: EntityId): void {
    this.#tracks.delete(id);
  }

  /**
   * The rate of each counter since the previous sample, or undefined where none can be said. Samples of one entity must
   * come in order of time; an older one changes nothing. `maxRates` by position, in units per second.
   */
  next(id: EntityId, sample: CounterSample, maxRates: readonly number[]): readonly (number | undefined)[] {
    const track = this.#tracks.get(id);
    if (track === undefined || restarted(track, sample)) {
      this.#tracks.set(id, startTrack(sample));
      return track === undefined ? [] : sinceStart(track, sample, maxRates);
    }
    if (sample.ts <= track.ts) return [];
    const rates = sample.counters.map((value, position) =>
      this.#rate(track, position, value, sample.ts, maxRates[position]),
    );
    track.ts = sample.ts;
    track.uptimeS = sample.uptimeS;
    return rates;
  }

  #rate(
    track: Track,
    position: number,
    value: number | undefined,
    ts: number,
    maxRate = Number.POSITIVE_INFINITY,
  ): number | undefined {
    if (value === undefined) return undefined;
    const base = track.baselines[position];
    // A counter that falls to 0 while its process lives on was not read this time; the old baseline stays good.
    if (base !== undefined && value === 0 && base.value > 0) return undefined;
    track.baselines[position] = { value, ts };
    if (base === undefined || value < base.value || ts - base.ts > this.#maxGapMs) return undefined;
    const rate = ((value - base.value) / (ts - base.ts)) * 1000;
    if (rate <= maxRate) return rate;
    this.#suspect += 1;
    return undefined;
  }
}

function startTrack({ node, ts, uptimeS, counters }: CounterSample): Track {
  return { node, ts, uptimeS, baselines: counters.map((value) => (value === undefined ? undefined : { value, ts })) };
}

function restarted(track: Track, sample: CounterSample): boolean {
  if (sample.node !== track.node) return true;
  return (
    sample.uptimeS !== undefined && track.uptimeS !== undefined && sample.uptimeS < track.uptimeS - uptimeToleranceS
  );
}

/** A process that began within the interval: what it counted since then, if its age is known to lie inside. */
function sinceStart(track: Track, sample: CounterSample, maxRates: readonly number[]): readonly (number | undefined)[] {
  const { uptimeS } = sample;
  if (uptimeS === undefined || uptimeS <= 0 || uptimeS * 1000 >= sample.ts - track.ts) return [];
  return sample.counters.map((value, position) => {
    if (value === undefined) return undefined;
    const rate = value / uptimeS;
    return rate <= (maxRates[position] ?? Number.POSITIVE_INFINITY) ? rate : undefined;
  });
}
