// How far the numbers can be trusted: is everything answered, in time, and by clocks that agree.
import type { DashboardSpec } from "../build/dashboard.ts";
import { byCluster, once, overMany, overTime } from "../build/influxql.ts";
import { toNode } from "../build/links.ts";
import { allOrRed, neutral, type PanelSpec, type Threshold } from "../build/panel-spec.ts";

const targets = { kind: "target", where: byCluster, by: `"cluster", "node"` } as const;
const nodes = { kind: "node", where: byCluster, by: `"cluster", "node"` } as const;
const guests = { kind: "guest", where: byCluster, by: `"cluster", "vmid", "generation"` } as const;

const ofAnswers: readonly Threshold[] = [
  [null, "red"],
  [0.95, "yellow"],
  [0.99, "green"],
];
const ofAge: readonly Threshold[] = [
  [null, "green"],
  [60, "yellow"],
  [300, "red"],
];

const numbers: readonly PanelSpec[] = [
  {
    type: "number",
    title: "Polls answered",
    description:
      "Share of questions that were answered: mean over all targets of the mean of up, over the chosen range.",
    unit: "percentunit",
    thresholds: ofAnswers,
    width: 6,
    height: 5,
    decimals: 2,
    queries: [{ refId: "A", query: overMany(`mean("v") AS "answered"`, `mean("up") AS "v"`, targets) }],
  },
  {
    type: "number",
    title: "Targets that answer now",
    description: "Share of targets whose newest poll was answered: mean over all targets of the newest up.",
    unit: "percentunit",
    thresholds: allOrRed,
    width: 6,
    height: 5,
    newest: "15m",
    queries: [{ refId: "A", query: overMany(`mean("v") AS "answer"`, `last("up") AS "v"`, targets) }],
  },
  {
    type: "number",
    title: "Oldest newest sample",
    description:
      "Age of the newest sample that is held of the target that is furthest behind: max over targets of the newest age.",
    unit: "s",
    thresholds: ofAge,
    width: 6,
    height: 5,
    newest: "15m",
    queries: [{ refId: "A", query: overMany(`max("v") AS "age"`, `last("age_seconds") AS "v"`, targets) }],
  },
  {
    type: "number",
    title: "Guests measured",
    description: "Guests of which at least one sample lies in the last 15 minutes, running or not.",
    unit: "short",
    thresholds: neutral,
    width: 6,
    height: 5,
    newest: "15m",
    queries: [{ refId: "A", query: overMany(`count("v") AS "guests"`, `last("running") AS "v"`, guests) }],
  },
];

const polling: readonly PanelSpec[] = [
  {
    type: "graph",
    title: "Answered",
    description:
      "Share of polls that each target answered: mean of up, per interval. @cluster is asked for what concerns all nodes.",
    unit: "percentunit",
    thresholds: ofAnswers,
    min: 0,
    max: 1,
    width: 12,
    height: 8,
    queries: [{ refId: "A", alias: "$tag_cluster $tag_node", query: overTime(`mean("up") AS "up"`, targets) }],
  },
  {
    type: "graph",
    title: "Age of the newest sample",
    description: "Highest age of the newest sample held of each node, per interval.",
    unit: "s",
    thresholds: ofAge,
    min: 0,
    width: 12,
    height: 8,
    queries: [{ refId: "A", alias: "$tag_cluster $tag_node", query: overTime(`max("age_seconds") AS "age"`, targets) }],
  },
  {
    type: "graph",
    title: "Time to answer",
    description: "Mean and longest time that a target takes to answer, per interval.",
    unit: "s",
    thresholds: [
      [null, "green"],
      [5, "yellow"],
      [10, "red"],
    ],
    min: 0,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$tag_cluster $tag_node $col",
        query: overTime(`mean("duration_seconds") AS "mean", max("duration_seconds") AS "longest"`, targets),
      },
    ],
  },
  {
    type: "graph",
    title: "Clocks",
    description:
      "Mean of each node's clock less ours, per interval. Samples carry the node's clock, so nodes that disagree draw lines that are shifted.",
    unit: "s",
    thresholds: [
      [null, "red"],
      [-2, "green"],
      [2, "red"],
    ],
    width: 12,
    height: 8,
    queries: [
      { refId: "A", alias: "$tag_cluster $tag_node", query: overTime(`mean("clock_skew_seconds") AS "skew"`, targets) },
    ],
  },
];

const coverage: readonly PanelSpec[] = [
  {
    type: "table",
    title: "Stretches of 10 minutes with samples",
    description:
      "How many of the range's stretches of 10 minutes have at least one sample of the node: count of the means per 10 minutes. 24 hours have 144 of them.",
    unit: "short",
    thresholds: [
      [null, "red"],
      [137, "yellow"],
      [144, "green"],
    ],
    newest: "24h",
    width: 12,
    height: 8,
    columns: [
      { name: "cluster", title: "Cluster" },
      { name: "node", title: "Node", link: toNode },
      { name: "stretches", title: "Stretches of the last 24 h", unit: "short" },
    ],
    queries: [
      {
        refId: "A",
        format: "table",
        query: `SELECT count("v") AS "stretches" FROM (SELECT mean("cpu_ratio") AS "v" FROM "pve_node" WHERE ${nodes.where} AND $timeFilter GROUP BY time(10m), ${nodes.by} fill(none)) WHERE $timeFilter GROUP BY ${nodes.by}`,
      },
    ],
  },
  {
    type: "table",
    title: "Bytes asked for",
    description: "Mean bytes of an answer on the wire, and mean time it takes, of each target over the last 24 hours.",
    unit: "bytes",
    thresholds: neutral,
    newest: "24h",
    width: 12,
    height: 8,
    columns: [
      { name: "cluster", title: "Cluster" },
      { name: "node", title: "Target" },
      { name: "bytes", title: "Bytes per answer", unit: "bytes" },
      { name: "seconds", title: "Seconds per answer", unit: "s" },
    ],
    top: { by: "seconds", rows: 50 },
    queries: [
      {
        refId: "A",
        format: "table",
        query: once(`mean("received_bytes") AS "bytes", mean("duration_seconds") AS "seconds"`, targets),
      },
    ],
  },
];

export const trust: DashboardSpec = {
  name: "trust",
  title: "Pilothouse · Data trust",
  description:
    "Whether everything is asked and answered, how old the newest samples are, and whether clocks agree. Pilothouse's own journal, sinks and memory are in its /metrics for Prometheus, not in series.",
  variables: ["clusters"],
  from: "now-24h",
  rows: [
    { title: "Now", panels: numbers },
    { title: "Polling", panels: polling },
    { title: "Coverage", panels: coverage },
  ],
};
