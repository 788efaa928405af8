// Ceph, where there is any: PVE answers 500 where it is not installed, which is no problem and is asked about rarely.
import { aFact, type Fact } from "../../../model/facts.ts";
import { clusterEntityId, poolEntityId } from "../../../model/ids.ts";
import {
  type CephPool,
  type CephStatus,
  cephOsds,
  cephPools,
  cephStatus,
  PveRefusedError,
} from "../../../pve/index.ts";
import { type FactContext, type FactReader, orNull } from "../fact-reader.ts";
import type { FactRow } from "../fact-rows.ts";

export const ceph: FactReader<"cluster"> = {
  name: "ceph",
  scope: "cluster",
  tells: ["ceph", "ceph_pool", "ceph_osd"],
  needs: ["Sys.Audit"],
  async read(context) {
    const status = await statusOf(context);
    if (status === undefined) return {};
    const { cluster, pve, options, fleet } = context;
    const node = fleet.nodes.find(({ name }) => fleet.isOnline(name))?.name;
    const pools = node === undefined ? [] : (await cephPools(pve, node, options)).data.rows;
    const osds = node === undefined ? [] : (await cephOsds(pve, node, options)).data;
    const id = clusterEntityId(cluster);
    return {
      facts: [
        statusFact(id, status),
        ...pools.map((pool) => poolFact(id, pool)),
        ...osds.map((osd) =>
          aFact("ceph_osd", fleet.nodeId(osd.host), osd.osd, {
            osd: osd.osd,
            host: orNull(osd.host),
            device_class: orNull(osd.deviceClass),
            status: orNull(osd.status),
            in: orNull(osd.in),
            total_bytes: orNull(osd.totalBytes),
            used_percent: orNull(osd.usedPercent),
          }),
        ),
      ],
      rows: [statusRow(context, status), ...pools.map((pool) => poolRow(context, pool))],
    };
  },
};

async function statusOf({ pve, options }: FactContext): Promise<CephStatus | undefined> {
  try {
    return (await cephStatus(pve, options)).data;
  } catch (error) {
    if (error instanceof PveRefusedError && isAbsent(error.text)) return undefined;
    throw error;
  }
}

/** "binary not installed: /usr/bin/ceph-mon", "pveceph configuration not initialized" and their like. */
const isAbsent = (said: string): boolean =>
  /not installed|not (?:fully )?(?:configured|initiali[sz]ed)|no such (?:file|cluster)|does not exist/i.test(said);

const statusFact = (id: string, status: CephStatus): Fact =>
  aFact("ceph", id, "", {
    health: orNull(status.health),
    checks: status.checks,
    monitors: orNull(status.monitors),
    osds: orNull(status.osds),
    osds_up: orNull(status.osdsUp),
    osds_in: orNull(status.osdsIn),
    raw_bytes: orNull(status.rawBytes),
    raw_used_bytes: orNull(status.rawUsedBytes),
    raw_available_bytes: orNull(status.rawAvailableBytes),
    stored_bytes: orNull(status.storedBytes),
  });

const poolFact = (id: string, pool: CephPool): Fact =>
  aFact("ceph_pool", id, pool.pool, {
    pool: pool.pool,
    type: orNull(pool.type),
    replicas: orNull(pool.replicas),
    min_replicas: orNull(pool.minReplicas),
    placement_groups: orNull(pool.placementGroups),
    crush_rule: orNull(pool.crushRule),
    used_bytes: orNull(pool.usedBytes),
    used_percent: pool.usedRatio === undefined ? null : 100 * pool.usedRatio,
  });

const statusRow = ({ cluster, now, everyS }: FactContext, status: CephStatus): FactRow => ({
  kind: "cluster",
  id: clusterEntityId(cluster),
  ts: now,
  stepS: everyS,
  origin: "fact",
  node: null,
  values: {
    ceph_raw_total_bytes: status.rawBytes,
    ceph_raw_used_bytes: status.rawUsedBytes,
    ceph_raw_available_bytes: status.rawAvailableBytes,
    ceph_stored_bytes: status.storedBytes,
  },
});

/** percent_used = used / (used + left), so what is left follows from it; replicas count on both sides. */
function poolRow({ cluster, now, everyS }: FactContext, { pool, usedBytes, usedRatio }: CephPool): FactRow {
  const total = usedBytes !== undefined && usedRatio !== undefined && usedRatio > 0 ? usedBytes / usedRatio : undefined;
  return {
    kind: "pool",
    id: poolEntityId(cluster, null, "ceph", pool),
    ts: now,
    stepS: everyS,
    origin: "fact",
    node: null,
    values: {
      total_bytes: total,
      used_bytes: usedBytes,
      available_bytes: total === undefined || usedBytes === undefined ? undefined : total - usedBytes,
    },
  };
}
