// Where room is and where it goes: compute with and without the largest node, storages, pools, Ceph.
import type { DashboardSpec } from "../build/dashboard.ts";
import { byCluster, guestTags, once, overMany, overManyInTime, overTime } from "../build/influxql.ts";
import { toNode } from "../build/links.ts";
import { neutral, ofUse, type PanelSpec, type Threshold } from "../build/panel-spec.ts";

const nodes = { kind: "node", where: byCluster, by: `"cluster", "node"` } as const;
const guests = { kind: "guest", where: byCluster, by: guestTags } as const;
const storages = { kind: "storage", where: byCluster, by: `"cluster", "node", "storage"` } as const;
const pools = { kind: "pool", where: byCluster, by: `"cluster", "node", "storage", "type"` } as const;
const ceph = { kind: "cluster", where: byCluster, by: `"cluster"` } as const;

const ofRoom: readonly Threshold[] = [
  [null, "red"],
  [0, "green"],
];
const ofStorage: readonly Threshold[] = [
  [null, "green"],
  [0.75, "yellow"],
  [0.85, "red"],
];

const compute: readonly PanelSpec[] = [
  {
    type: "graph",
    title: "Memory left when the largest node is lost",
    description:
      "Σ nodes total − largest node's total − Σ nodes used, per cluster and interval. Below 0 the guests do not fit on the rest. What KSM saves comes back in part when guests move, so stay well above 0; a cluster of one node is always below.",
    unit: "bytes",
    thresholds: ofRoom,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$tag_cluster",
        query: overManyInTime(
          `sum("all") - max("all") - sum("used") AS "room"`,
          `mean("mem_used_bytes") AS "used", mean("mem_total_bytes") AS "all"`,
          nodes,
          `"cluster"`,
        ),
      },
    ],
  },
  {
    type: "graph",
    title: "Threads left when the largest node is lost",
    description: "Σ nodes threads − most threads of a node − Σ nodes (mean use × threads), per cluster and interval.",
    unit: "short",
    thresholds: ofRoom,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$tag_cluster",
        query: overManyInTime(
          `sum("all") - max("all") - sum("used") AS "room"`,
          `mean("cpu_ratio") * mean("cpu_count") AS "used", mean("cpu_count") AS "all"`,
          nodes,
          `"cluster"`,
        ),
      },
    ],
  },
  {
    type: "bars",
    title: "CPU, 95th percentile by node",
    description:
      "The CPU use that a node does not pass for 95 % of the chosen range (nearest rank; over long ranges from daily histograms, at most half a bin off).",
    unit: "percentunit",
    thresholds: ofUse,
    min: 0,
    max: 1,
    width: 8,
    height: 8,
    queries: [
      { refId: "A", alias: "$tag_cluster $tag_node", query: once(`percentile("cpu_ratio", 95) AS "p95"`, nodes) },
    ],
  },
  {
    type: "bars",
    title: "Memory, highest by node",
    description: "Most memory in use / memory of the node, over the chosen range.",
    unit: "percentunit",
    thresholds: ofUse,
    min: 0,
    max: 1,
    width: 8,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$tag_cluster $tag_node",
        query: once(`max("mem_used_bytes") / max("mem_total_bytes") AS "memory"`, nodes),
      },
    ],
  },
  {
    type: "number",
    title: "Memory given to running guests / memory of nodes",
    description:
      "Overcommitment of memory: Σ memory of running guests / Σ memory of the nodes, newest values. Above 1 not all guests can have what they were given at once.",
    unit: "percentunit",
    thresholds: [
      [null, "green"],
      [0.9, "yellow"],
      [1.1, "red"],
    ],
    width: 8,
    height: 8,
    decimals: 1,
    newest: "15m",
    ratio: { of: "given", to: "memory", name: "given" },
    queries: [
      {
        refId: "A",
        format: "table",
        query: overMany(`sum("v") AS "given"`, `last("mem_total_bytes") * last("running") AS "v"`, guests),
      },
      { refId: "B", format: "table", query: overMany(`sum("v") AS "memory"`, `last("mem_total_bytes") AS "v"`, nodes) },
    ],
  },
];

const room: readonly PanelSpec[] = [
  {
    type: "graph",
    title: "Storage use",
    description:
      "Mean used / mean size of each storage, per interval. A shared storage is one line, a local one a line per node.",
    unit: "percentunit",
    thresholds: ofStorage,
    min: 0,
    max: 1,
    width: 12,
    height: 9,
    queries: [
      {
        refId: "A",
        alias: "$tag_cluster $tag_node $tag_storage",
        query: overTime(`mean("used_bytes") / mean("total_bytes") AS "use"`, storages),
      },
    ],
  },
  {
    type: "table",
    title: "Storages",
    description: "Newest size, use and room of each storage (used / size).",
    unit: "bytes",
    thresholds: ofStorage,
    width: 12,
    height: 9,
    newest: "15m",
    columns: [
      { name: "cluster", title: "Cluster" },
      { name: "node", title: "Node", link: toNode },
      { name: "storage", title: "Storage" },
      { name: "size", title: "Size", unit: "bytes" },
      { name: "used", title: "Used", unit: "bytes" },
      { name: "room", title: "Left", unit: "bytes" },
      { name: "use", title: "In use", unit: "percentunit", thresholds: ofStorage },
    ],
    top: { by: "use", rows: 50 },
    queries: [
      {
        refId: "A",
        format: "table",
        query: once(
          `last("total_bytes") AS "size", last("used_bytes") AS "used", last("total_bytes") - last("used_bytes") AS "room", last("used_bytes") / last("total_bytes") AS "use"`,
          storages,
        ),
      },
    ],
  },
  {
    type: "table",
    title: "Pools: ZFS, thin pools, Ceph",
    description:
      "What storages really stand on. In use = used / size; ZFS slows down above 80 % and when its free space is fragmented by more than half.",
    unit: "bytes",
    thresholds: ofStorage,
    width: 12,
    height: 9,
    newest: "24h",
    columns: [
      { name: "cluster", title: "Cluster" },
      { name: "node", title: "Node" },
      { name: "storage", title: "Pool" },
      { name: "type", title: "Type" },
      { name: "size", title: "Size", unit: "bytes" },
      { name: "left", title: "Left", unit: "bytes" },
      { name: "use", title: "In use", unit: "percentunit", thresholds: ofStorage },
      {
        name: "fragmentation",
        title: "Fragmentation",
        unit: "percent",
        thresholds: [
          [null, "green"],
          [50, "yellow"],
        ],
      },
    ],
    top: { by: "use", rows: 50 },
    queries: [
      {
        refId: "A",
        format: "table",
        query: once(
          `last("total_bytes") AS "size", last("available_bytes") AS "left", last("used_bytes") / last("total_bytes") AS "use", last("fragmentation_percent") AS "fragmentation"`,
          pools,
        ),
      },
    ],
  },
  {
    type: "graph",
    title: "Ceph: raw capacity in use",
    description:
      "Raw used / raw total of Ceph, per cluster and interval. Ceph stops writing when an OSD is 95 % full, and needs room to rebuild a lost host. Empty without Ceph.",
    unit: "percentunit",
    thresholds: ofStorage,
    min: 0,
    max: 1,
    width: 12,
    height: 9,
    queries: [
      {
        refId: "A",
        alias: "$tag_cluster",
        query: overTime(`mean("ceph_raw_used_bytes") / mean("ceph_raw_total_bytes") AS "use"`, ceph),
      },
    ],
  },
];

const guestsRow: readonly PanelSpec[] = [
  {
    type: "graph",
    title: "Guests",
    description: "Guests that run and guests that exist, mean per cluster and interval; templates are left out.",
    unit: "short",
    thresholds: neutral,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$tag_cluster $col",
        query: overTime(`mean("guests_running") AS "running", mean("guests_total") AS "all"`, ceph),
      },
    ],
  },
  {
    type: "graph",
    title: "Swap in use",
    description:
      "Mean swap space in use of each node, per interval. A node that swaps has too little memory for what runs on it.",
    unit: "bytes",
    thresholds: neutral,
    width: 12,
    height: 8,
    queries: [
      { refId: "A", alias: "$tag_cluster $tag_node", query: overTime(`mean("swap_used_bytes") AS "swap"`, nodes) },
    ],
  },
];

export const capacity: DashboardSpec = {
  name: "capacity",
  title: "Pilothouse · Capacity",
  description:
    "Room in compute and storage, also when a node is lost, and how it develops. Forecasts are not in it: no forecast series are stored yet.",
  variables: ["clusters"],
  from: "now-7d",
  rows: [
    { title: "Compute", panels: compute },
    { title: "Storage", panels: room },
    { title: "Demand", panels: guestsRow },
  ],
};
