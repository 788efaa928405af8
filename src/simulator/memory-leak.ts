// A leaking service inside a guest: memory rises in a line and falls back when the service is restarted.
import type { MemoryLeak } from "./entities.ts";
import type { Random } from "./random.ts";
import type { Segment } from "./signal.ts";

const dayS = 86_400;
/** The release with the leak was installed so long before the anchor; the last planted restart is so long after it. */
const leakingDays = 75;
const plannedDays = 200;
/** The share of its memory at which the guest restarts the service. */
const top = 0.93;

export function plantLeak(
  random: Random,
  anchorS: number,
  level: number,
  memoryBytes: number,
): { readonly segments: readonly Segment[]; readonly truth: MemoryLeak } {
  const periodS = random.integer(14, 26) * dayS;
  const slopePerS = (top - level) / periodS;
  // A third to four fifths of the way up at the anchor, so that it can be seen rising.
  const newestS = anchorS - Math.floor(periodS * random.between(0.35, 0.8));
  const before = Math.floor((leakingDays * dayS) / periodS);
  const after = Math.ceil((plannedDays * dayS) / periodS);
  const starts = Array.from({ length: before + after + 1 }, (_, index) => newestS + (index - before) * periodS);
  const last = starts.at(-1) ?? newestS;
  const segments = starts.map((fromS) => ({ fromS, factor: 1, offset: 0, slopePerS: fromS === last ? 0 : slopePerS }));
  const truth = {
    since_s: starts[0] ?? newestS,
    bytes_per_day: Math.round(slopePerS * dayS * memoryBytes),
    restarts_at_s: starts.slice(1),
  };
  return { segments, truth };
}
