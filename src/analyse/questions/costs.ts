// What things cost in a window, as the person who asks wants it grouped and shared. Amounts of different currencies are
// never added; clusters without rates answer with shares.
import { z } from "zod";
import { inScope, type Scope } from "../../model/access.ts";
import type { ClusterAnalysisSettings } from "../../model/analysis-settings.ts";
import { type CostList, type CostShares, type CostsAnswer, costAggregates } from "../../model/cost-answer.ts";
import type { CostLine } from "../../model/cost-ledger.ts";
import { costSplits } from "../../model/cost-model.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";
import { costList, type PricedCluster } from "../cost/cost-list.ts";
import { windowOf } from "../cost/cost-window.ts";
import { sharesOf } from "../cost/shares.ts";
import type { TableWish } from "../cost/table.ts";
import { defineQuestion } from "../question.ts";

const Names = z.array(z.string()).nullable();
const Input = z.object({
  window: z.string().max(40),
  aggregate: z.enum(costAggregates),
  tag_prefix: z.string().max(100),
  include_idle: z.boolean(),
  share_idle: z.enum(costSplits).nullable(),
  share_cost: z.enum(costSplits).nullable(),
  cluster: z.string().nullable(),
  scope: z.object({ clusters: Names, pools: Names, tags: Names }),
});
export type CostsQuestion = z.infer<typeof Input>;

export const costs = defineQuestion({ id: "costs", input: Input, answer: answerCosts });

async function answerCosts(context: AnalysisContext, input: CostsQuestion): Promise<CostsAnswer> {
  const window = windowOf(input.window, context.nowMs);
  const isWhole = input.scope.pools === null && input.scope.tags === null;
  const clusters = context.settings.clusters.filter(({ id }) => isAsked(id, input));
  const sees = (line: CostLine): boolean => seesLine(input.scope, line);
  const priced = clusters.flatMap((cluster): PricedCluster[] => {
    const model = cluster.costModel ?? null;
    return model === null || model.tariffs.length === 0 ? [] : [{ id: cluster.id, model }];
  });
  // Idle and shared costs would tell about other people's guests.
  const shareIdle = isWhole ? (input.share_idle ?? priced[0]?.model.idleShare ?? "none") : "none";
  const shareCost: TableWish["shareCost"] = input.share_cost ?? "entered";
  const wish = { aggregate: input.aggregate, tagPrefix: input.tag_prefix, shareIdle, shareCost };
  const lists: CostList[] = [];
  for (const currency of new Set(priced.map(({ model }) => model.currency))) {
    const own = priced.filter(({ model }) => model.currency === currency);
    lists.push(
      ...(await costList(context, { clusters: own, window, wish, sees, isWhole, includeIdle: input.include_idle })),
    );
  }
  const unpriced: CostShares[] = [];
  for (const cluster of clusters.filter(({ id }) => !priced.some((other) => other.id === id))) {
    const { aggregate, tag_prefix: tagPrefix } = input;
    const model = cluster.costModel ?? null;
    unpriced.push(await sharesOf(context, cluster.id, model, { aggregate, tagPrefix, sees, seesIdle: isWhole }));
  }
  const prefixes = tagPrefixes(context, clusters, input.scope);
  return {
    aggregate: input.aggregate,
    share_idle: shareIdle,
    share_cost: shareCost,
    lists,
    unpriced,
    tag_prefixes: prefixes,
  };
}

const isAsked = (id: ClusterId, { scope, cluster }: CostsQuestion): boolean =>
  (cluster === null || cluster === id) && (scope.clusters === null || scope.clusters.includes(id));

/** By the pool and tags of that time: what a guest cost under team a is for team a to see, also when it has moved on. */
const seesLine = (scope: Scope, { id, pool, tags }: CostLine): boolean =>
  inScope(scope, { cluster: id.slice(0, id.indexOf("/")), pool, tags });

function tagPrefixes(
  { fleet }: Pick<AnalysisContext, "fleet">,
  clusters: readonly ClusterAnalysisSettings[],
  scope: Scope,
): string[] {
  const found = new Set<string>();
  for (const { entity } of fleet.list("guest")) {
    if (entity.kind !== "guest" || !clusters.some(({ id }) => id === entity.cluster) || !inScope(scope, entity))
      continue;
    for (const tag of entity.tags) {
      const prefix = /^[^-]+-/.exec(tag)?.[0];
      if (prefix !== undefined) found.add(prefix);
    }
  }
  return [...found].sort();
}
