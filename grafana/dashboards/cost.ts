// What it costs, for those who pay: clusters as a whole, and tags, pools and guests with their own lines. From the points
// that the job `costs` makes of each closed day; without rates there are none, and no panel shows anything.
import type { DashboardSpec } from "../build/dashboard.ts";
import { type Asked, byCluster, once, overMany, overTime } from "../build/influxql.ts";
import { neutral, type PanelSpec } from "../build/panel-spec.ts";

const scope = (type: string, by: string): Asked => ({
  kind: "scope",
  where: `${byCluster} AND "type" = '${type}'`,
  by,
});
const clusters = scope("cluster", `"cluster"`);
const tags = scope("tag", `"cluster", "scope"`);
const pools = scope("pool", `"cluster", "scope"`);
const guests = scope("guest", `"cluster", "scope"`);

const currency =
  "In the currency that is entered for the cluster; clusters of different currencies must be looked at one by one.";

const numbers: readonly PanelSpec[] = [
  {
    type: "number",
    title: "Cost of a month",
    description: `Σ clusters mean cost of an hour × 730, over the closed days of the chosen range: what a month like them costs, idle and shared costs included. ${currency}`,
    unit: "short",
    thresholds: neutral,
    width: 6,
    height: 5,
    decimals: 0,
    queries: [{ refId: "A", query: overMany(`sum("v") * 730 AS "a month"`, `mean("cost_per_hour") AS "v"`, clusters) }],
  },
  {
    type: "number",
    title: "Cost of an hour",
    description: `Σ clusters mean cost of an hour, over the closed days of the chosen range. ${currency}`,
    unit: "short",
    thresholds: neutral,
    width: 6,
    height: 5,
    decimals: 2,
    queries: [{ refId: "A", query: overMany(`sum("v") AS "an hour"`, `mean("cost_per_hour") AS "v"`, clusters) }],
  },
  {
    type: "number",
    title: "Guests' own cost, of all",
    description:
      "Σ guests mean cost of an hour / Σ clusters mean cost of an hour, over the chosen range. The rest is idle capacity and shared costs.",
    unit: "percentunit",
    thresholds: neutral,
    width: 6,
    height: 5,
    decimals: 1,
    ratio: { of: "own", to: "all", name: "own" },
    queries: [
      { refId: "A", format: "table", query: overMany(`sum("v") AS "own"`, `mean("cost_per_hour") AS "v"`, guests) },
      { refId: "B", format: "table", query: overMany(`sum("v") AS "all"`, `mean("cost_per_hour") AS "v"`, clusters) },
    ],
  },
  {
    type: "number",
    title: "Dearest guest, an hour",
    description: `The highest mean cost of an hour of a guest, its own lines only, over the chosen range. ${currency}`,
    unit: "short",
    thresholds: neutral,
    width: 6,
    height: 5,
    decimals: 4,
    queries: [{ refId: "A", query: overMany(`max("v") AS "dearest"`, `mean("cost_per_hour") AS "v"`, guests) }],
  },
];

const lines: readonly PanelSpec[] = [
  {
    type: "graph",
    title: "Cost by cluster",
    description: `Mean cost of an hour of each closed day (UTC), idle and shared costs included. ${currency}`,
    unit: "short",
    thresholds: neutral,
    width: 24,
    height: 8,
    queries: [{ refId: "A", alias: "$tag_cluster", query: overTime(`mean("cost_per_hour") AS "cost"`, clusters) }],
  },
  {
    type: "bars",
    title: "Cost by tag",
    description:
      "Mean cost of an hour of the guests that have the tag, their own lines only, over the chosen range. A guest with two tags counts for both, so bars of different tags must not be added.",
    unit: "short",
    thresholds: neutral,
    width: 12,
    height: 9,
    queries: [{ refId: "A", alias: "$tag_cluster $tag_scope", query: once(`mean("cost_per_hour") AS "cost"`, tags) }],
  },
  {
    type: "bars",
    title: "Cost by pool",
    description: `Mean cost of an hour of the guests in the pool, their own lines only, over the chosen range. ${currency}`,
    unit: "short",
    thresholds: neutral,
    width: 12,
    height: 9,
    queries: [{ refId: "A", alias: "$tag_cluster $tag_scope", query: once(`mean("cost_per_hour") AS "cost"`, pools) }],
  },
  {
    type: "graph",
    title: "Cost by guest",
    description: `Mean cost of an hour of each closed day, each guest's own lines; guests as vmid~generation. ${currency}`,
    unit: "short",
    thresholds: neutral,
    width: 24,
    height: 9,
    queries: [
      { refId: "A", alias: "$tag_cluster $tag_scope", query: overTime(`mean("cost_per_hour") AS "cost"`, guests) },
    ],
  },
];

export const cost: DashboardSpec = {
  name: "cost",
  title: "Pilothouse · Cost",
  description:
    "What clusters, tags, pools and guests cost, day by day, from the rates that are entered. Budgets, forecasts and tables that add up are on Pilothouse's own page Cost.",
  variables: ["clusters"],
  from: "now-30d",
  rows: [
    { title: "Cost", panels: numbers },
    { title: "Over time and by whom", panels: lines },
  ],
};
