// Which of PVE's own history is imported at first contact, and how far that has come.
import type { EntityId } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import type { Capabilities, RrdTimeframe } from "../pve/index.ts";
import { hasOwnMaximum, type RrdStep, rrdSubject, spreadOverNodes, subjectOrder } from "./rrd-step.ts";

/** Progress in the store's marks: present when done; the value is the oldest moment that is now held, in ms. */
export const importMark = (id: EntityId, timeframe: string): string => `rrd/${id}/${timeframe}`;

/**
 * Nodes first (few, and what a page shows at once), then storages, then guests; round by round from fine to coarse,
 * because fine points are forgotten first. Within a round the nodes take turns.
 */
export function importSteps(
  entities: readonly Entity[],
  capabilities: Capabilities,
  ownerOf: (storage: string) => string | undefined,
  bornAt?: (guest: EntityId) => number,
): RrdStep[] {
  const subjects = entities.flatMap((entity) => rrdSubject(entity, ownerOf, bornAt) ?? []);
  const steps = subjects.flatMap((subject) =>
    (subject.kind === "node" ? capabilities.rrdOfNodes : capabilities.rrdOfOthers).map(
      ({ name, stepS }: RrdTimeframe): RrdStep => ({ subject, timeframe: name, stepS, withMax: hasOwnMaximum(stepS) }),
    ),
  );
  return spreadOverNodes(steps).sort(
    (a, b) => a.stepS - b.stepS || subjectOrder[a.subject.kind] - subjectOrder[b.subject.kind],
  );
}
