// Finds a low point of a function of a few bounded parameters (Hooke and Jeeves 1961).

export interface Bound {
  readonly low: number;
  readonly high: number;
}

export interface SearchOptions {
  readonly starts: readonly (readonly number[])[];
  readonly bounds: readonly Bound[];
  /** First step, in parts of each parameter's range. */
  readonly step: number;
}

/** The search ends where a step is below this part of the range: finer ones change no forecast. */
const finest = 0.004;
const mostRounds = 40;

export function patternSearch(cost: (at: readonly number[]) => number, options: SearchOptions): readonly number[] {
  let { best, lowest } = bestOf(cost, options.starts);
  let step = options.step;
  for (let round = 0; round < mostRounds && step >= finest; round++) {
    const before = lowest;
    for (const [place, bound] of options.bounds.entries()) {
      for (const direction of [step, -step]) {
        const moved = movedBy(best, place, direction, bound);
        const found = moved === best ? Number.POSITIVE_INFINITY : cost(moved);
        if (found >= lowest) continue;
        lowest = found;
        best = moved;
        break;
      }
    }
    if (lowest === before) step /= 2;
  }
  return best;
}

function bestOf(cost: (at: readonly number[]) => number, starts: SearchOptions["starts"]) {
  let best: readonly number[] = starts[0] ?? [];
  let lowest = cost(best);
  for (const start of starts.slice(1)) {
    const found = cost(start);
    if (found >= lowest) continue;
    lowest = found;
    best = start;
  }
  return { best, lowest };
}

function movedBy(from: readonly number[], place: number, step: number, { low, high }: Bound): readonly number[] {
  const value = Math.min(high, Math.max(low, (from[place] ?? 0) + step * (high - low)));
  return value === from[place] ? from : from.with(place, value);
}
