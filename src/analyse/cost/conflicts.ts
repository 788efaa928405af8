// Findings: guests whose tags, pool and name say different owners.
import type { Finding } from "../../model/finding.ts";
import type { FleetView } from "../../model/fleet.ts";
import type { EntityId } from "../../model/ids.ts";
import type { Attribution } from "./attribution.ts";

const formula =
  "Owner: the first prefix of attribution.tags that a tag of the guest has; else its pool; else the first pattern of attribution.names. A conflict: two of them name different owners.";

/** Of guests that exist; a deleted one can no longer be told apart. */
export function conflictFindings(
  attributions: ReadonlyMap<EntityId, Attribution>,
  fleet: Pick<FleetView, "get">,
): Finding[] {
  return [...attributions].flatMap(([id, { conflicts, owner, ownerBy }]) => {
    const entity = fleet.get(id)?.entity;
    if (conflicts.length === 0 || entity?.kind !== "guest" || entity.goneAt !== null) return [];
    return [
      {
        kind: "cost-attribution-conflict",
        cluster: entity.cluster,
        subject: id,
        key: "",
        severity: "warning" as const,
        certainty: "measured" as const,
        message: `${entity.name} (${entity.vmid}) is charged to ${owner ?? "nobody"}, and it is not clear that it should be: ${conflicts.join("; ")}.`,
        remedy: "Keep one of the contradicting tags, or change the rules under cost_model.attribution.",
        evidence: [
          {
            what: "tags, pool and name now",
            series: null,
            fromMs: null,
            toMs: null,
            numbers: { tags: entity.tags.join(" "), pool: entity.pool, name: entity.name },
          },
        ],
        formula,
        fields: { owner, owner_by: ownerBy, conflicts: conflicts.length },
      },
    ];
  });
}
