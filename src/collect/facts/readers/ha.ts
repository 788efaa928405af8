// The state of HA services and of the resource manager of each node.
import { aFact, type Fact } from "../../../model/facts.ts";
import { type HaEntry, haStatus } from "../../../pve/index.ts";
import { type FactContext, type FactReader, orNull } from "../fact-reader.ts";

export const ha: FactReader<"cluster"> = {
  name: "ha",
  scope: "cluster",
  tells: ["ha_service", "ha_node"],
  needs: ["Sys.Audit"],
  async read(context) {
    const { rows } = (await haStatus(context.pve, context.options)).data;
    const master = rows.find(({ type }) => type === "master")?.node;
    return {
      facts: rows.flatMap((row): Fact[] => {
        if (row.type === "service" && row.sid !== undefined) return [serviceFact(context, row, row.sid)];
        if (row.type !== "lrm" || row.node === undefined) return [];
        const fields = { state: orNull(row.state), master: row.node === master };
        return [aFact("ha_node", context.fleet.nodeId(row.node), row.node, fields)];
      }),
    };
  },
};

const serviceFact = ({ fleet }: FactContext, row: HaEntry, sid: string): Fact =>
  aFact("ha_service", fleet.subjectOf(Number(sid.split(":")[1])), sid, {
    service: sid,
    state: orNull(row.state),
    requested: orNull(row.requested),
    node: orNull(row.node),
    max_restart: orNull(row.maxRestart),
    max_relocate: orNull(row.maxRelocate),
    failback: orNull(row.failback),
  });
