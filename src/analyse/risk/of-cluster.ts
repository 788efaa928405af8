// The context of a run, narrowed to one cluster: what is said of a cluster rests on that cluster alone.
import type { FactKind } from "../../model/facts-catalogue.ts";
import type { EntityKind } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";
import { clusterOf } from "./clusters.ts";
import type { ClusterContext } from "./rule.ts";

export function ofCluster(context: AnalysisContext, cluster: string): ClusterContext {
  const { fleet, facts } = context;
  return {
    ...context,
    cluster,
    fleet: {
      get: (id) => (clusterOf(id) === cluster ? fleet.get(id) : undefined),
      list: (kind: EntityKind, options) => fleet.list(kind, options).filter(({ entity }) => entity.cluster === cluster),
      tasks: () => fleet.tasks().filter((task) => task.cluster === cluster),
    },
    facts: { list: (kind: FactKind) => facts.list(kind).filter(({ subject }) => clusterOf(subject) === cluster) },
  };
}
