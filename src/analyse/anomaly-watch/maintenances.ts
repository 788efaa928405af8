// Maintenance that somebody announced to Proxmox VE itself: a node in HA's maintenance mode.
import { nodeEntityId } from "../../model/ids.ts";
import type { Maintenance } from "../anomaly/index.ts";
import type { AnalysisContext } from "../context.ts";

export function maintenancesOf({ facts }: Pick<AnalysisContext, "facts">): readonly Maintenance[] {
  return facts.list("ha_node").flatMap(({ subject, key, fields, changedAt }): readonly Maintenance[] => {
    if (!/maintenance/.test(String(fields["state"]))) return [];
    const [cluster = ""] = subject.split("/");
    const node = subject.includes("/node/") ? subject : nodeEntityId(cluster, key);
    const text = `Node ${node.slice(node.lastIndexOf("/") + 1)} is in HA's maintenance mode`;
    return [{ subject: node, fromMs: changedAt, toMs: Number.POSITIVE_INFINITY, text }];
  });
}
