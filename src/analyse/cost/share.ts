// Gives what is nobody's own (idle, shared costs) to the guests, as the person who asks wants it: not at all, the same to
// each, or by what each costs by itself. The sum stays what it was, to the millionth.
import type { CostSplit } from "../../model/cost-model.ts";
import { apportion } from "./money.ts";

/** What each gets of `micros`; null when it is to stay a line of its own, which it also does when nobody is there. */
export function shared(micros: number, split: CostSplit, own: readonly SharedBy[]): readonly number[] | null {
  if (split === "none" || own.length === 0) return null;
  const weights = own.map(({ micros: cost, hours }) => (split === "even" ? hours : cost));
  if (weights.every((weight) => weight <= 0)) return null;
  return apportion(micros, weights);
}

/** Even is by the hours that a guest was there: one that came yesterday does not pay for the month. */
export interface SharedBy {
  readonly micros: number;
  readonly hours: number;
}
