// A series that rises and is set back, again and again, as the stretches between its falls.
import type { Points } from "./points.ts";

/** A fall lies between two neighbours; `falls` is told their places. Every stretch has at least one point. */
export function teethOf(
  { atMs, values }: Points,
  falls: (before: number, after: number) => boolean,
): readonly Points[] {
  const teeth: Points[] = [];
  let from = 0;
  for (let place = 1; place <= values.length; place++) {
    if (place < values.length && !falls(place - 1, place)) continue;
    teeth.push({ atMs: atMs.slice(from, place), values: values.slice(from, place) });
    from = place;
  }
  return teeth;
}
