// LVM thin pools: a pool whose metadata is full stops as one whose data is full.
import { aFact } from "../../../model/facts.ts";
import { poolEntityId } from "../../../model/ids.ts";
import { thinPools as askThinPools } from "../../../pve/index.ts";
import { type FactReader, orNull } from "../fact-reader.ts";

export const thinPools: FactReader<"node"> = {
  name: "thin_pools",
  scope: "node",
  tells: ["thin_pool"],
  needs: ["Sys.Audit"],
  async read({ cluster, pve, options, now, everyS }, node) {
    const { rows } = (await askThinPools(pve, node.name, options)).data;
    return {
      facts: rows.map((row) =>
        aFact("thin_pool", node.id, `${row.volumeGroup}/${row.pool}`, {
          pool: row.pool,
          volume_group: row.volumeGroup,
          size_bytes: orNull(row.sizeBytes),
          used_bytes: orNull(row.usedBytes),
          metadata_size_bytes: orNull(row.metadataSizeBytes),
          metadata_used_bytes: orNull(row.metadataUsedBytes),
        }),
      ),
      rows: rows.map((row) => ({
        kind: "pool",
        id: poolEntityId(cluster, node.name, "lvmthin", `${row.volumeGroup}/${row.pool}`),
        ts: now,
        stepS: everyS,
        origin: "fact",
        node: node.name,
        values: {
          total_bytes: row.sizeBytes,
          used_bytes: row.usedBytes,
          metadata_used_percent: percentOf(row.metadataUsedBytes, row.metadataSizeBytes),
        },
      })),
    };
  },
};

const percentOf = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || whole === undefined || whole <= 0 ? undefined : (100 * part) / whole;
