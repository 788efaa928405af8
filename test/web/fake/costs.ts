// Costs of the fake cluster: answered by the real question from a ledger that the real job has kept.
import { costs } from "../../../src/analyse/questions/costs.ts";
import type { CostModel } from "../../../src/model/cost-model.ts";
import { aModel, aPurchase, aTariff } from "../../analyse/cost/a-model.ts";
import { day, LedgerWorld } from "../../analyse/cost/ledger-world.ts";

const begin = Date.UTC(2026, 10, 1);
const now = begin + 12 * day + 30 * 60_000;
const names = ["web", "shop", "db", "mail", "build", "ldap", "wiki", "cache"];

const model: CostModel = aModel({
  targetOvercommit: { cpu: 3, memory: 1, storage: 1 },
  tariffs: [
    aTariff({ purchases: [aPurchase()], sharedCosts: [{ name: "Backup service", perMonth: 120, split: "none" }] }),
  ],
  budgets: [
    { name: "Whole cluster", scope: { type: "cluster", key: "" }, perMonth: 1400 },
    { name: "Team web", scope: { type: "tag", key: "team-web" }, perMonth: 90 },
    { name: "Production", scope: { type: "environment", key: "prod" }, perMonth: 200 },
  ],
  power: { idleWatts: 140, maxWatts: 420, pue: 1.4, co2KgPerKwh: 0.35 },
});

let world: Promise<LedgerWorld> | undefined;

async function aWorld(): Promise<LedgerWorld> {
  const made = new LedgerWorld(begin);
  for (const [index, name] of names.entries()) {
    const tags = index === 7 ? [] : [index < 3 ? "team-web" : "team-ops", index % 2 === 0 ? "env-prod" : "env-test"];
    made.guest(100 + index, { name: `${name}-1`, tags, pool: index < 4 ? "shop" : null });
  }
  const vmids = names.map((_, index) => 100 + index);
  await made.measure(begin, begin + 8 * day, vmids.slice(0, 6), vmids.slice(6), 3600);
  await made.measure(begin + 8 * day, begin + 12 * day, vmids, [], 3600);
  await made.run(now, model);
  return made;
}

/** `priced` false: as while no rates are entered. */
export async function answerCosts(query: URLSearchParams, priced: boolean): Promise<object> {
  world ??= aWorld();
  const made = await world;
  const asked = {
    window: query.get("window") ?? "month",
    aggregate: query.get("aggregate") ?? "owner",
    tag_prefix: query.get("tag_prefix") ?? "",
    include_idle: true,
    share_idle: query.get("share_idle"),
    share_cost: null,
    cluster: null,
    scope: { clusters: null, pools: null, tags: null },
  };
  return (await costs.answer(made.context(now, priced ? model : null), asked)) as object;
}
