// Ceph as far as the loss of a host matters: which hosts have OSDs, and how many copies each pool needs. One copy per
// host is assumed, as PVE sets up Ceph; monitors are counted by PVE but not told by host, so they are not judged.
import type { FactsView } from "../../model/facts.ts";
import { type ClusterId, clusterEntityId } from "../../model/ids.ts";
import type { StorageEntity } from "../../model/inventory.ts";
import type { CephPoolRule, ModelCeph } from "./cluster-model.ts";

export const isOnCeph = ({ pluginType }: Pick<StorageEntity, "pluginType">): boolean =>
  pluginType === "rbd" || pluginType === "cephfs";

/** Null where the cluster has no OSDs of its own, or its rights do not show them. `offline`: nodes that are away. */
export function cephOf(facts: FactsView, cluster: ClusterId, offline: readonly string[]): ModelCeph | null {
  const osds = facts.list("ceph_osd").filter(({ subject }) => subject.startsWith(`${cluster}/`));
  if (osds.length === 0) return null;
  const hosts: Record<string, number> = {};
  const all = new Set<string>();
  for (const { fields } of osds) {
    const { host, status, total_bytes: bytes } = fields;
    if (typeof host !== "string") continue;
    all.add(host);
    const isUp = status === "up" && !offline.includes(host);
    if (isUp) hosts[host] = (hosts[host] ?? 0) + (typeof bytes === "number" ? bytes : 0);
  }
  const status = facts.list("ceph").find(({ subject }) => subject === clusterEntityId(cluster))?.fields;
  const used = status?.["raw_used_bytes"];
  return {
    hosts,
    hostsDown: [...all].filter((host) => hosts[host] === undefined),
    pools: poolsOf(facts, cluster),
    usedBytes: typeof used === "number" ? used : null,
  };
}

function poolsOf(facts: FactsView, cluster: ClusterId): readonly CephPoolRule[] {
  return facts
    .list("ceph_pool")
    .filter(({ subject }) => subject === clusterEntityId(cluster))
    .flatMap(({ key, fields: { replicas, min_replicas: least } }) =>
      typeof replicas === "number" && typeof least === "number"
        ? [{ name: key, copies: replicas, minCopies: least }]
        : [],
    );
}
