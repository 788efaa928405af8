// HA rules from 9 on, groups before.
import { aFact } from "../../../model/facts.ts";
import { haRules as askRules, haGroups } from "../../../pve/index.ts";
import { type FactReader, orNull } from "../fact-reader.ts";

export const haRules: FactReader<"cluster"> = {
  name: "ha_rules",
  scope: "cluster",
  tells: ["ha_rule"],
  needs: ["Sys.Audit"],
  async read({ pve, options, capabilities }, cluster) {
    const { rows } = (await (capabilities.major >= 9 ? askRules(pve, options) : haGroups(pve, options))).data;
    return {
      facts: rows.map((row) =>
        aFact("ha_rule", cluster.id, row.rule, {
          rule: row.rule,
          type: orNull(row.type),
          enabled: row.enabled,
          resources: row.resources,
          nodes: row.nodes,
          affinity: orNull(row.affinity),
          strict: orNull(row.strict),
          comment: orNull(row.comment),
        }),
      ),
    };
  },
};
