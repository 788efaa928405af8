// Turns cumulative counters into rates per second, without inventing traffic.
// The traps (all seen on real clusters): counters restart at stop/start and at live migration; a busy QEMU leaves out
// its block statistics for a round, which PVE then reports as 0; a restarted poller sees two samples far apart.
import type { EntityId } from "../model/ids.ts";

export interface CounterSample {
  readonly node: string | null;
  readonly ts: number;
  /** Seconds; NaN for things that have none. */
  readonly uptimeS: number;
  /** By position; NaN where the answer did not have the counter. */
  readonly counters: Float64Array;
}

interface Track {
  node: string | null;
  ts: number;
  uptimeS: number;
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

  /** After the node's clock was set back no sample of it is later than the base lines. */
  forgetNode(node: string): void {
    for (const [id, track] of this.#tracks) if (track.node === node) this.#tracks.delete(id);
  }

  /**
   * Puts the rate of each counter since the previous sample into `rates`, NaN where none can be said. Samples of one
   * entity must come in order of time; an older one changes nothing. `maxRates` by position, in units per second.
   */
  next(id: EntityId, sample: CounterSample, maxRates: readonly number[], rates: Float64Array): void {
    const track = this.#tracks.get(id);
    rates.fill(Number.NaN);
    if (track === undefined || restarted(track, sample)) {
      this.#tracks.set(id, startTrack(sample));
      if (track !== undefined) sinceStart(track, sample, maxRates, rates);
      return;
    }
    if (sample.ts <= track.ts) return;
    for (let position = 0; position < rates.length; position++) {
      const maxRate = maxRates[position] ?? Number.POSITIVE_INFINITY;
      rates[position] = this.#rate(track, position, sample, maxRate);
    }
    track.ts = sample.ts;
    track.uptimeS = sample.uptimeS;
  }

  #rate(track: Track, position: number, { counters, ts }: CounterSample, maxRate: number): number {
    const value = counters[position] ?? Number.NaN;
    if (Number.isNaN(value)) return Number.NaN;
    const base = track.values[position] ?? Number.NaN;
    const baseTs = track.times[position] ?? Number.NaN;
    // A counter that falls to 0 while its process lives on was not read this time; the old baseline stays good.
    if (value === 0 && base > 0) return Number.NaN;
    track.values[position] = value;
    track.times[position] = ts;
    if (Number.isNaN(base) || value < base || ts - baseTs > this.#maxGapMs) return Number.NaN;
    const rate = ((value - base) / (ts - baseTs)) * 1000;
    if (rate <= maxRate) return rate;
    this.#suspect += 1;
    return Number.NaN;
  }
}

function startTrack({ node, ts, uptimeS, counters }: CounterSample): Track {
  return { node, ts, uptimeS, values: counters.slice(), times: new Float64Array(counters.length).fill(ts) };
}

function restarted(track: Track, sample: CounterSample): boolean {
  // A comparison with an absent uptime, which is NaN, is false: then nothing tells of a restart.
  return sample.node !== track.node || sample.uptimeS < track.uptimeS - uptimeToleranceS;
}

/** A process that began within the interval: what it counted since then, if its age is known to lie inside. */
function sinceStart(track: Track, sample: CounterSample, maxRates: readonly number[], rates: Float64Array): void {
  const { uptimeS, counters } = sample;
  if (!(uptimeS > 0 && uptimeS * 1000 < sample.ts - track.ts)) return;
  for (let position = 0; position < rates.length; position++) {
    const rate = (counters[position] ?? Number.NaN) / uptimeS;
    if (rate <= (maxRates[position] ?? Number.POSITIVE_INFINITY)) rates[position] = rate;
  }
}
