// ZFS pools: use, fragmentation, and which devices fail.
import { aFact } from "../../../model/facts.ts";
import { poolEntityId } from "../../../model/ids.ts";
import type { NodeEntity } from "../../../model/inventory.ts";
import { type ZfsDetail, type ZfsPool, zfsDetail, zfsPools } from "../../../pve/index.ts";
import { type FactContext, type FactReader, orNull } from "../fact-reader.ts";
import type { FactRow } from "../fact-rows.ts";

export const zfs: FactReader<"node"> = {
  name: "zfs",
  scope: "node",
  tells: ["zfs_pool"],
  needs: ["Sys.Audit"],
  async read(context, node) {
    const { pve, options } = context;
    const { data } = await zfsPools(pve, node.name, options);
    const details: ZfsDetail[] = [];
    for (const { pool } of data.rows) details.push((await zfsDetail(pve, node.name, pool, options)).data);
    return {
      facts: data.rows.map((pool, number) => factOf(node, pool, details[number])),
      rows: data.rows.map((pool) => rowOf(context, node, pool)),
    };
  },
};

const factOf = (node: NodeEntity, pool: ZfsPool, detail: ZfsDetail | undefined) =>
  aFact("zfs_pool", node.id, pool.pool, {
    pool: pool.pool,
    health: orNull(pool.health ?? detail?.state),
    size_bytes: orNull(pool.sizeBytes),
    allocated_bytes: orNull(pool.allocatedBytes),
    free_bytes: orNull(pool.freeBytes),
    fragmentation_percent: orNull(pool.fragmentationPercent),
    scan: orNull(detail?.scan),
    errors: orNull(detail?.errors),
    status: orNull(detail?.status),
    failing_devices: detail?.failingDevices ?? null,
  });

const rowOf = ({ cluster, now, everyS }: FactContext, node: NodeEntity, pool: ZfsPool): FactRow => ({
  kind: "pool",
  id: poolEntityId(cluster, node.name, "zfs", pool.pool),
  ts: now,
  stepS: everyS,
  origin: "fact",
  node: node.name,
  values: {
    total_bytes: pool.sizeBytes,
    used_bytes: pool.allocatedBytes,
    available_bytes: pool.freeBytes,
    fragmentation_percent: pool.fragmentationPercent,
  },
});
