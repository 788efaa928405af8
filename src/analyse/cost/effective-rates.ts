// What a unit-hour of each resource really cost in a period: all that was paid for it, by all that it was shared among.
import { type CostPeriod, storageClassOf } from "../../model/cost-ledger.ts";
import { microsPerUnit } from "./money.ts";

/** By resource, in the currency; a resource that nobody had and nothing was left of is missing. */
export function effectiveRates(
  { guests, idle }: Pick<CostPeriod, "guests" | "idle">,
  containerFactor: number,
): ReadonlyMap<string, number> {
  const paid = new Map<string, { micros: number; quantity: number }>();
  const add = (resource: string, micros: number, quantity: number): void => {
    const held = paid.get(resource) ?? { micros: 0, quantity: 0 };
    paid.set(resource, { micros: held.micros + micros, quantity: held.quantity + quantity });
  };
  for (const { type, use } of guests) {
    for (const [resource, { micros, quantity }] of Object.entries(use)) {
      const isDiscounted = type === "lxc" && storageClassOf(resource) === null;
      add(resource, micros, quantity * (isDiscounted ? containerFactor : 1));
    }
  }
  for (const [resource, { micros, quantity }] of Object.entries(idle)) add(resource, micros, quantity);
  const known = [...paid].filter(([, { quantity }]) => quantity > 0);
  return new Map(known.map(([resource, { micros, quantity }]) => [resource, micros / microsPerUnit / quantity]));
}
