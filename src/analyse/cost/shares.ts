// Without rates there is no money: what can be said is how much of the cluster each has, by resource.
import type { CostAggregate, CostShares, ShareRow } from "../../model/cost-answer.ts";
import type { CostModel } from "../../model/cost-model.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";
import { hourMs } from "./calendar.ts";
import { type CostSlice, costSlice } from "./engine.ts";
import { readCosts } from "./readings.ts";
import { costTable } from "./table.ts";

const hours = 24;

/** Everything costs the same, in a currency that nobody sees: then a part of the cost of a resource is a part of the resource. */
const sharesModel: CostModel = {
  currency: "EUR",
  basis: "allocated",
  containerFactor: 1,
  hoursPerMonth: 730,
  targetOvercommit: { cpu: 1, memory: 1, storage: 1 },
  idleShare: "none",
  tariffs: [
    {
      name: "shares",
      fromMs: null,
      untilMs: null,
      rates: { cpuPerCoreHour: 1, memoryPerGibHour: 1, storagePerGibMonth: 730, storageClasses: {} },
      nodeFixedMonth: 0,
      energyPerKwh: null,
      purchases: [],
      sharedCosts: [],
    },
  ],
  attribution: {
    tagPrefixes: ["team-", "owner-", "project-", "cc-"],
    pools: {},
    names: [],
    environmentPrefixes: ["env-"],
    mandatoryPrefixes: [],
  },
  budgets: [],
  units: [],
  power: null,
};

export interface SharesWish {
  readonly aggregate: CostAggregate;
  readonly tagPrefix: string;
  readonly sees: (line: CostSlice["guests"][number]) => boolean;
  /** False for those who see some guests only. */
  readonly seesIdle: boolean;
}

export async function sharesOf(
  context: Pick<AnalysisContext, "fleet" | "facts" | "store" | "nowMs">,
  cluster: ClusterId,
  model: CostModel | null,
  wish: SharesWish,
): Promise<CostShares> {
  const toMs = Math.floor(context.nowMs / hourMs) * hourMs;
  const window = { fromMs: toMs - hours * hourMs, toMs, stepMs: hourMs };
  const used = { ...sharesModel, attribution: model?.attribution ?? sharesModel.attribution };
  const { owners, slots } = await readCosts(context, cluster, used, window);
  const slice = costSlice(used, owners, slots);
  return {
    cluster,
    state:
      "No rates are entered for this cluster, so no money is shown: enter them under clusters[].cost_model (docs/costs.md).",
    hours,
    rows: shareRows(slice, wish),
  };
}

function shareRows(slice: CostSlice, { aggregate, tagPrefix, sees, seesIdle }: SharesWish): ShareRow[] {
  const whole = { cpu: 0, memory: 0, storage: 0 };
  const all = costTable(slice, { aggregate: "cluster", tagPrefix, shareIdle: "none", shareCost: "none" }, 6).rows;
  for (const { cpu, memory, storage } of all) {
    whole.cpu += cpu;
    whole.memory += memory;
    whole.storage += storage;
  }
  const seen = { ...slice, guests: slice.guests.filter(sees), idle: seesIdle ? slice.idle : {}, shared: [] };
  const share = (part: number, of: number): number | null => (of > 0 ? Number((part / of).toFixed(4)) : null);
  return costTable(seen, { aggregate, tagPrefix, shareIdle: "none", shareCost: "none" }, 6).rows.map((row) => ({
    kind: row.kind === "idle" ? "idle" : "group",
    key: row.key,
    name: row.name,
    cpu: share(row.cpu, whole.cpu),
    memory: share(row.memory, whole.memory),
    storage: share(row.storage, whole.storage),
  }));
}
