// Facts by kind, looked up once: a list is a walk over all facts, and every scope asks for some.
import type { FactsView, HeldFact } from "../../model/facts.ts";
import type { FactKind } from "../../model/facts-catalogue.ts";

export function cachedFacts(facts: FactsView): FactsView {
  const lists = new Map<FactKind, readonly HeldFact[]>();
  return {
    list: (kind) => {
      const known = lists.get(kind) ?? facts.list(kind);
      lists.set(kind, known);
      return known;
    },
  };
}
