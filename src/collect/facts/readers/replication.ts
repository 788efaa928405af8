// Storage replication, told by the node that each job starts from.
import { aFact } from "../../../model/facts.ts";
import { replication as askReplication } from "../../../pve/index.ts";
import { type FactReader, ms, orNull } from "../fact-reader.ts";

export const replication: FactReader<"node"> = {
  name: "replication",
  scope: "node",
  tells: ["replication"],
  needs: ["VM.Audit"],
  async read({ pve, options, fleet }, node) {
    const { rows } = (await askReplication(pve, node.name, options)).data;
    return {
      facts: rows.map((row) =>
        aFact("replication", fleet.subjectOf(row.vmid), row.id, {
          job: row.id,
          source: row.source ?? node.name,
          target: orNull(row.target),
          schedule: orNull(row.schedule),
          enabled: row.enabled,
          last_sync_at: ms(row.lastSyncS),
          next_sync_at: ms(row.nextSyncS),
          duration_seconds: orNull(row.durationS),
          failures: orNull(row.failures),
          error: orNull(row.error),
        }),
      ),
    };
  },
};
