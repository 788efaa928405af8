// Whether a guest should run: nobody would call a switched-off test machine an outage.
import type { FactsView } from "../../model/facts.ts";
import type { EntityId } from "../../model/ids.ts";
import type { GuestSupply } from "../supply/index.ts";

/** A guest with this tag should run, whatever else says. */
export const expectedTag = "ph_expect_running";

export interface Expectation {
  readonly id: EntityId;
  readonly because: "HA" | "start at boot" | "tag";
}

/** HA wants it started, it starts with its node, or its tag says so. HA that wants it stopped outweighs `onboot`. */
export function expectedGuests(guests: readonly GuestSupply[], facts: FactsView): readonly Expectation[] {
  const requested = new Map(facts.list("ha_service").map(({ subject, fields }) => [subject, fields["requested"]]));
  return guests.flatMap(({ id, entity, startAtBoot }): readonly Expectation[] => {
    if (entity.template || entity.tags.includes("ph_ignore")) return [];
    if (entity.tags.includes(expectedTag)) return [{ id, because: "tag" }];
    const wish = requested.get(id);
    if (typeof wish === "string") return /^(?:started|enabled)$/.test(wish) ? [{ id, because: "HA" }] : [];
    return startAtBoot === true ? [{ id, because: "start at boot" }] : [];
  });
}
