// What if nodes came or went, guests came or went, or all grew?
import { z } from "zod";
import { InputError } from "../../lib/errors.ts";
import { ClusterId, clusterEntityId } from "../../model/ids.ts";
import { ScenarioChange } from "../../model/scenario.ts";
import { knownCluster } from "../capacity/cluster-data.ts";
import { committedChanges, savedScenarios } from "../capacity/scenarios.ts";
import { whatIf as answerWhatIf } from "../capacity/what-if.ts";
import { defineQuestion } from "../question.ts";

export const whatIf = defineQuestion({
  id: "what-if",
  input: z.strictObject({
    cluster: ClusterId,
    /** Saved ones, applied in this order, before `changes`. */
    scenarios: z.array(z.string().max(100)).max(20).default([]),
    changes: z.array(ScenarioChange).max(50).default([]),
  }),
  async answer(context, { cluster, scenarios, changes }) {
    if (context.fleet.get(clusterEntityId(cluster)) === undefined)
      throw new InputError(`There is no cluster ${cluster}.`);
    const [{ input, computedAt }, saved] = await Promise.all([
      knownCluster(context, cluster),
      savedScenarios(context.documents, cluster),
    ]);
    const asked = scenarios.flatMap((id) => {
      const scenario = saved.get(id);
      if (scenario === undefined) throw new InputError(`The cluster ${cluster} has no scenario ${id}.`);
      return scenario.changes;
    });
    const committed = committedChanges(input.model, saved.values(), context.nowMs, scenarios);
    return answerWhatIf({ ...input, committed: committed.changes, asked: [...asked, ...changes], computedAt });
  },
});
