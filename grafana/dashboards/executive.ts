// For people who decide: is it used well, does it run, can the numbers be trusted. Clicks lead down to the details.
import type { DashboardSpec } from "../build/dashboard.ts";
import { byCluster, guestTags, once, overMany, overManyInTime } from "../build/influxql.ts";
import { toCluster, toGuest, toNode } from "../build/links.ts";
import { allOrRed, neutral, ofUse, type PanelSpec, type Threshold } from "../build/panel-spec.ts";

const nodes = { kind: "node", where: byCluster, by: `"cluster", "node"` } as const;
const guests = { kind: "guest", where: byCluster, by: guestTags } as const;
const storages = { kind: "storage", where: byCluster, by: `"cluster", "node", "storage"` } as const;
const clusters = { kind: "cluster", where: byCluster, by: `"cluster"` } as const;

const cpuParts = `mean("cpu_ratio") * mean("cpu_count") AS "used", mean("cpu_count") AS "all"`;
const memoryParts = `mean("mem_used_bytes") AS "used", mean("mem_total_bytes") AS "all"`;
const storageParts = `mean("used_bytes") AS "used", mean("total_bytes") AS "all"`;

const ofOvercommit: readonly Threshold[] = [
  [null, "green"],
  [3, "yellow"],
  [5, "red"],
];
const ofAge: readonly Threshold[] = [
  [null, "green"],
  [93_600, "yellow"],
  [180_000, "red"],
];

const numbers: readonly PanelSpec[] = [
  {
    type: "number",
    title: "CPU utilization",
    description:
      "CPU in use, as a share of all threads: Σ nodes (mean use × threads) / Σ nodes threads, over the chosen range. Nothing is set aside for the loss of a node; see Capacity.",
    unit: "percentunit",
    thresholds: ofUse,
    width: 4,
    height: 5,
    decimals: 1,
    queries: [{ refId: "A", query: overMany(`sum("used") / sum("all") AS "CPU"`, cpuParts, nodes) }],
  },
  {
    type: "number",
    title: "Memory utilization",
    description:
      "Memory of the nodes in use: Σ mean used / Σ mean total. Used is total less available; the cache of ZFS (ARC) counts as used.",
    unit: "percentunit",
    thresholds: ofUse,
    width: 4,
    height: 5,
    decimals: 1,
    queries: [{ refId: "A", query: overMany(`sum("used") / sum("all") AS "memory"`, memoryParts, nodes) }],
  },
  {
    type: "number",
    title: "Storage utilization",
    description:
      "Σ mean used / Σ mean size of every storage, a shared one once. Storages that share one disk or pool are counted once each, so look at Capacity for where room really is.",
    unit: "percentunit",
    thresholds: ofUse,
    width: 4,
    height: 5,
    decimals: 1,
    queries: [{ refId: "A", query: overMany(`sum("used") / sum("all") AS "storage"`, storageParts, storages) }],
  },
  {
    type: "number",
    title: "Node availability",
    description:
      "Share of node time that the cluster saw its nodes: Σ clusters mean nodes online / Σ clusters mean nodes configured, over the chosen range. Planned maintenance counts as down.",
    unit: "percentunit",
    thresholds: [
      [null, "red"],
      [0.99, "yellow"],
      [0.999, "green"],
    ],
    width: 4,
    height: 5,
    decimals: 3,
    queries: [
      {
        refId: "A",
        query: overMany(
          `sum("online") / sum("all") AS "availability"`,
          `mean("nodes_online") AS "online", mean("nodes_total") AS "all"`,
          clusters,
        ),
      },
    ],
  },
  {
    type: "number",
    title: "vCPUs per thread, now",
    description:
      "Overcommitment: Σ CPUs of running guests / Σ threads of the nodes, newest values. Above 4 guests tend to wait for each other; the pressure panels of a cluster show whether they do.",
    unit: "none",
    thresholds: ofOvercommit,
    width: 4,
    height: 5,
    decimals: 2,
    newest: "15m",
    ratio: { of: "vcpus", to: "threads", name: "vCPUs per thread" },
    queries: [
      {
        refId: "A",
        format: "table",
        query: overMany(`sum("v") AS "vcpus"`, `last("cpu_count") * last("running") AS "v"`, guests),
      },
      { refId: "B", format: "table", query: overMany(`sum("v") AS "threads"`, `last("cpu_count") AS "v"`, nodes) },
    ],
  },
  {
    type: "number",
    title: "Oldest newest backup",
    description:
      "Age of the newest backup of the guest that waits longest for one: max over guests of the age of its newest backup on any storage. Guests without any backup are not in it.",
    unit: "s",
    thresholds: ofAge,
    width: 4,
    height: 5,
    newest: "24h",
    queries: [{ refId: "A", query: overMany(`max("age") AS "age"`, `last("backup_age_seconds") AS "age"`, guests) }],
  },
  {
    type: "number",
    title: "Guests running",
    description: "Guests that run, of all clusters: Σ clusters newest value. Templates are left out.",
    unit: "short",
    thresholds: neutral,
    width: 4,
    height: 4,
    newest: "15m",
    queries: [{ refId: "A", query: overMany(`sum("v") AS "running"`, `last("guests_running") AS "v"`, clusters) }],
  },
  {
    type: "number",
    title: "Guests",
    description: "Guests that exist, templates left out: Σ clusters newest value.",
    unit: "short",
    thresholds: neutral,
    width: 4,
    height: 4,
    newest: "15m",
    queries: [{ refId: "A", query: overMany(`sum("v") AS "guests"`, `last("guests_total") AS "v"`, clusters) }],
  },
  {
    type: "number",
    title: "Nodes online",
    description: "Share of the configured nodes that the clusters see: Σ newest online / Σ newest configured.",
    unit: "percentunit",
    thresholds: allOrRed,
    width: 4,
    height: 4,
    newest: "15m",
    queries: [
      {
        refId: "A",
        query: overMany(
          `sum("online") / sum("all") AS "online"`,
          `last("nodes_online") AS "online", last("nodes_total") AS "all"`,
          clusters,
        ),
      },
    ],
  },
  {
    type: "number",
    title: "Quorum",
    description:
      "1 while every cluster has quorum: min over clusters of the newest value. A standalone host has none to lose.",
    unit: "bool_yes_no",
    thresholds: allOrRed,
    width: 4,
    height: 4,
    newest: "15m",
    queries: [{ refId: "A", query: overMany(`min("v") AS "quorum"`, `last("quorate") AS "v"`, clusters) }],
  },
  {
    type: "number",
    title: "CPU efficiency, 24 h",
    description:
      "How much of the CPU that guests were given they use: Σ guests (mean use × CPUs) / Σ guests CPUs, over 24 hours, guests that ran.",
    unit: "percentunit",
    thresholds: neutral,
    width: 4,
    height: 4,
    decimals: 1,
    newest: "24h",
    queries: [{ refId: "A", query: overMany(`sum("used") / sum("all") AS "efficiency"`, cpuParts, guests) }],
  },
  {
    type: "number",
    title: "Polls answered",
    description:
      "How far these numbers can be trusted: share of our questions that were answered, mean over everything that is asked, over the chosen range. Details are in Data trust.",
    unit: "percentunit",
    thresholds: [
      [null, "red"],
      [0.95, "yellow"],
      [0.99, "green"],
    ],
    width: 4,
    height: 4,
    decimals: 2,
    queries: [
      {
        refId: "A",
        query: overMany(`mean("v") AS "answered"`, `mean("up") AS "v"`, {
          kind: "target",
          where: byCluster,
          by: `"cluster", "node"`,
        }),
      },
    ],
  },
];

const history: readonly PanelSpec[] = [
  {
    type: "graph",
    title: "Utilization of CPU",
    description: "Σ nodes (mean use × threads) / Σ nodes threads, per cluster and interval.",
    unit: "percentunit",
    thresholds: ofUse,
    min: 0,
    max: 1,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$tag_cluster",
        query: overManyInTime(`sum("used") / sum("all") AS "CPU"`, cpuParts, nodes, `"cluster"`),
      },
    ],
  },
  {
    type: "graph",
    title: "Utilization of memory",
    description: "Σ nodes mean used / Σ nodes mean total, per cluster and interval.",
    unit: "percentunit",
    thresholds: ofUse,
    min: 0,
    max: 1,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$tag_cluster",
        query: overManyInTime(`sum("used") / sum("all") AS "memory"`, memoryParts, nodes, `"cluster"`),
      },
    ],
  },
];

const tables: readonly PanelSpec[] = [
  {
    type: "table",
    title: "Nodes by use",
    description:
      "Mean and highest CPU, and mean memory in use (mean used / mean total), of each node over the chosen range. A click opens the cluster or the node.",
    unit: "none",
    thresholds: neutral,
    width: 12,
    height: 9,
    columns: [
      { name: "cluster", title: "Cluster", link: toCluster },
      { name: "node", title: "Node", link: toNode },
      { name: "cpu", title: "CPU, mean", unit: "percentunit", thresholds: ofUse },
      { name: "cpu_max", title: "CPU, highest", unit: "percentunit", thresholds: ofUse },
      { name: "memory", title: "Memory, mean", unit: "percentunit", thresholds: ofUse },
    ],
    top: { by: "cpu", rows: 20 },
    queries: [
      {
        refId: "A",
        format: "table",
        query: once(
          `mean("cpu_ratio") AS "cpu", max("cpu_ratio") AS "cpu_max", mean("mem_used_bytes") / mean("mem_total_bytes") AS "memory"`,
          nodes,
        ),
      },
    ],
  },
  {
    type: "table",
    title: "Guests by CPU, 95th percentile",
    description:
      "The value that CPU use of a guest, as a share of its own CPUs, does not pass for 95 % of the chosen range (nearest rank; over long ranges from daily histograms, at most half a bin off). A click opens the guest.",
    unit: "percentunit",
    thresholds: ofUse,
    width: 12,
    height: 9,
    columns: [
      { name: "cluster", title: "Cluster", link: toCluster },
      { name: "vmid", title: "Guest", link: toGuest },
      { name: "generation", title: "Generation" },
      { name: "p95", title: "CPU, p95", unit: "percentunit", thresholds: ofUse },
    ],
    top: { by: "p95", rows: 20 },
    queries: [{ refId: "A", format: "table", query: once(`percentile("cpu_ratio", 95) AS "p95"`, guests) }],
  },
];

export const executive: DashboardSpec = {
  name: "executive",
  title: "Pilothouse · Executive KPIs",
  description:
    "Use, availability and trust of all clusters, each number with its formula. Money is not in it: no prices are stored yet.",
  variables: ["clusters"],
  from: "now-7d",
  rows: [
    { title: "Key figures", panels: numbers },
    { title: "Over time", panels: history },
    { title: "Where to look", panels: tables },
  ],
};
