// A fleet for tests of analysis: entities with values, and facts.
import type { Snapshot } from "../../../src/analyse/supply/index.ts";
import type { Fact, HeldFact } from "../../../src/model/facts.ts";
import type { LiveEntity } from "../../../src/model/fleet.ts";
import type { Entity } from "../../../src/model/inventory.ts";

export const live = <E extends Entity>(entity: E, values: Readonly<Record<string, number>> = {}) => ({
  entity,
  values,
  valuesAt: 0,
  periodS: 10,
});

export const held = (fact: Fact): HeldFact => ({ ...fact, readAt: 0, changedAt: 0 });

export function aSnapshot(entities: readonly LiveEntity[], facts: readonly Fact[] = []): Snapshot {
  return {
    fleet: { list: (kind) => entities.filter(({ entity }) => entity.kind === kind) },
    facts: { list: (kind) => facts.filter((fact) => fact.kind === kind).map(held) },
  };
}
