// Gives what is nobody's own (idle, shared costs) to the guests, as the person who asks wants it: not at all, the same to
// each, or by what each costs by itself. The sum stays what it was, to the millionth.
import type { CostUse, SharedLine } from "../../model/cost-ledger.ts";
import type { CostSplit } from "../../model/cost-model.ts";
import type { CostSlice } from "./engine.ts";
import { microsOf } from "./ledger.ts";
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

export interface ShareWish {
  readonly shareIdle: CostSplit;
  /** entered: each shared cost as its tariff says. */
  readonly shareCost: CostSplit | "entered";
}

export interface Distribution {
  /** What each guest's line gets of what is nobody's own, in the order of the lines. */
  readonly toLines: readonly number[];
  /** What stays a line of its own. */
  readonly idle: Readonly<Record<string, CostUse>>;
  readonly shared: readonly SharedLine[];
}

/** Idle of each resource goes to those that pay for that resource; what nobody pays for stays a line. */
export function distribute(
  { guests, idle, shared: lines }: Pick<CostSlice, "guests" | "idle" | "shared">,
  wish: ShareWish,
): Distribution {
  const toLines = guests.map(() => 0);
  const give = (parts: readonly number[] | null): boolean => {
    for (const [index, part] of (parts ?? []).entries()) toLines[index] = (toLines[index] ?? 0) + part;
    return parts !== null;
  };
  const left = Object.entries(idle).filter(([resource, use]) => {
    const own = guests.map((line) => ({ micros: line.use[resource]?.micros ?? 0, hours: line.hours }));
    return !give(shared(use.micros, wish.shareIdle, own));
  });
  const own = guests.map((line) => ({ micros: microsOf(line.use), hours: line.hours }));
  const stay = lines.filter(
    ({ micros, split }) => !give(shared(micros, wish.shareCost === "entered" ? split : wish.shareCost, own)),
  );
  return { toLines, idle: Object.fromEntries(left), shared: stay };
}
