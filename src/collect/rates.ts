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

interface Track {
  node: string | null;
  ts: number;
  uptimeS: number | undefined;
  /** Per counter: the last good value and its time; NaN before the first. */
  readonly values: Float64Array;
  readonly times: Float64Array;
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
    const rates: (number | undefined)[] = [];
    for (let position = 0; position < sample.counters.length; position++) {
      const maxRate = maxRates[position] ?? Number.POSITIVE_INFINITY;
      rates.push(this.#rate(track, position, sample.counters[position], sample.ts, maxRate));
    }
    track.ts = sample.ts;
    track.uptimeS = sample.uptimeS;
    return rates;
  }

  #rate(track: Track, position: number, value: number | undefined, ts: number, maxRate: number): number | undefined {
    if (value === undefined) return undefined;
    const base = track.values[position] ?? Number.NaN;
    const baseTs = track.times[position] ?? Number.NaN;
    // A counter that falls to 0 while its process lives on was not read this time; the old baseline stays good.
    if (value === 0 && base > 0) return undefined;
    track.values[position] = value;
    track.times[position] = ts;
    if (Number.isNaN(base) || value < base || ts - baseTs > this.#maxGapMs) return undefined;
    const rate = ((value - base) / (ts - baseTs)) * 1000;
    if (rate <= maxRate) return rate;
    this.#suspect += 1;
    return undefined;
  }
}

function startTrack({ node, ts, uptimeS, counters }: CounterSample): Track {
  const values = Float64Array.from(counters, (value) => value ?? Number.NaN);
  return { node, ts, uptimeS, values, times: new Float64Array(counters.length).fill(ts) };
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
