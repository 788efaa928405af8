// One or several clusters, node by node: load, pressure, traffic, and the guests that use most.
import type { DashboardSpec } from "../build/dashboard.ts";
import { byCluster, byNode, guestTags, once, overTime } from "../build/influxql.ts";
import { toGuest, toNode } from "../build/links.ts";
import { allOrRed, neutral, ofUse, type PanelSpec, type PanelUnit, type Threshold } from "../build/panel-spec.ts";

const nodes = { kind: "node", where: byNode, by: `"cluster", "node"` } as const;
const guests = { kind: "guest", where: byNode, by: `${guestTags}, "node"` } as const;
const clusters = { kind: "cluster", where: byCluster, by: `"cluster"` } as const;

const ofPressure: readonly Threshold[] = [
  [null, "green"],
  [10, "yellow"],
  [30, "red"],
];

interface Line {
  readonly title: string;
  readonly description: string;
  readonly unit: PanelUnit;
  readonly value: string;
  readonly thresholds?: readonly Threshold[];
  readonly max?: number;
  readonly sparse?: true;
}

const perNode = ({ title, description, unit, value, thresholds = neutral, max, sparse }: Line): PanelSpec => ({
  type: "graph",
  title,
  description,
  unit,
  thresholds,
  min: 0,
  ...(max === undefined ? {} : { max }),
  ...(sparse === undefined ? {} : { sparse }),
  width: 12,
  height: 8,
  queries: [{ refId: "A", alias: "$tag_cluster $tag_node", query: overTime(`${value} AS "value"`, nodes) }],
});

const state: readonly PanelSpec[] = [
  {
    type: "number",
    title: "Nodes online",
    description: "Newest nodes online / nodes configured, per cluster.",
    unit: "percentunit",
    thresholds: allOrRed,
    width: 6,
    height: 4,
    newest: "15m",
    queries: [
      {
        refId: "A",
        alias: "$tag_cluster",
        query: once(`last("nodes_online") / last("nodes_total") AS "online"`, clusters),
      },
    ],
  },
  {
    type: "number",
    title: "Quorum",
    description: "1 while the cluster has quorum, newest value per cluster.",
    unit: "bool_yes_no",
    thresholds: allOrRed,
    width: 6,
    height: 4,
    newest: "15m",
    queries: [{ refId: "A", alias: "$tag_cluster", query: once(`last("quorate") AS "quorum"`, clusters) }],
  },
  {
    type: "number",
    title: "Guests running",
    description: "Guests that run, newest value per cluster.",
    unit: "short",
    thresholds: neutral,
    width: 6,
    height: 4,
    newest: "15m",
    queries: [{ refId: "A", alias: "$tag_cluster", query: once(`last("guests_running") AS "running"`, clusters) }],
  },
  {
    type: "number",
    title: "Shortest uptime",
    description: "Newest uptime of each node: a small one was started a short while ago.",
    unit: "s",
    thresholds: [
      [null, "yellow"],
      [86_400, "green"],
    ],
    width: 6,
    height: 4,
    newest: "15m",
    queries: [{ refId: "A", alias: "$tag_node", query: once(`last("uptime_seconds") AS "uptime"`, nodes) }],
  },
];

const load: readonly PanelSpec[] = [
  perNode({
    title: "CPU",
    description:
      "Mean CPU in use as a share of the node's threads, per interval (cpu_ratio; it is not divided by the threads again).",
    unit: "percentunit",
    value: `mean("cpu_ratio")`,
    thresholds: ofUse,
    max: 1,
  }),
  perNode({
    title: "Memory",
    description: "Mean used / mean total, per interval. Used is total less available; ARC counts as used.",
    unit: "percentunit",
    value: `mean("mem_used_bytes") / mean("mem_total_bytes")`,
    thresholds: ofUse,
    max: 1,
  }),
  perNode({
    title: "Load per thread",
    description: "Mean load average over 5 minutes / threads. Above 1 something waits, for a CPU or for a disk.",
    unit: "none",
    value: `mean("load_5m") / mean("cpu_count")`,
    thresholds: [
      [null, "green"],
      [1, "yellow"],
      [2, "red"],
    ],
  }),
  perNode({
    title: "Waiting for I/O",
    description: "Mean share of CPU time spent waiting for I/O, per interval.",
    unit: "percentunit",
    value: `mean("iowait_ratio")`,
    thresholds: [
      [null, "green"],
      [0.1, "yellow"],
      [0.25, "red"],
    ],
  }),
];

const pressure: readonly PanelSpec[] = [
  perNode({
    title: "Pressure on CPU",
    sparse: true,
    description:
      "Share of time in which some task waited for a CPU (PSI some, 10 seconds), mean per interval. Proxmox VE 9.",
    unit: "percent",
    value: `mean("psi_cpu_some_percent")`,
    thresholds: [
      [null, "green"],
      [40, "yellow"],
      [70, "red"],
    ],
  }),
  perNode({
    title: "Pressure on I/O",
    sparse: true,
    description:
      "Share of time in which all tasks waited for I/O (PSI full, 10 seconds), mean per interval. Proxmox VE 9.",
    unit: "percent",
    value: `mean("psi_io_full_percent")`,
    thresholds: ofPressure,
  }),
];

const traffic: readonly PanelSpec[] = [
  perNode({
    title: "Network in",
    description: "Mean bytes per second received by the physical network cards, per interval.",
    unit: "binBps",
    value: `mean("net_in_bytes_per_second")`,
  }),
  perNode({
    title: "Network out",
    description: "Mean bytes per second sent by the physical network cards, per interval.",
    unit: "binBps",
    value: `mean("net_out_bytes_per_second")`,
  }),
];

const tops: readonly PanelSpec[] = [
  {
    type: "table",
    title: "Guests by CPU, 95th percentile",
    description:
      "CPU use, as a share of the guest's own CPUs, that it does not pass for 95 % of the chosen range (nearest rank; over long ranges from daily histograms, at most half a bin off).",
    unit: "percentunit",
    thresholds: ofUse,
    width: 12,
    height: 10,
    columns: [
      { name: "cluster", title: "Cluster" },
      { name: "vmid", title: "Guest", link: toGuest },
      { name: "generation", title: "Generation" },
      { name: "node", title: "Node", link: toNode },
      { name: "p95", title: "CPU, p95", unit: "percentunit", thresholds: ofUse },
    ],
    top: { by: "p95", rows: 30 },
    queries: [{ refId: "A", format: "table", query: once(`percentile("cpu_ratio", 95) AS "p95"`, guests) }],
  },
  {
    type: "table",
    title: "Guests by memory, now",
    description:
      "Newest memory of each guest: given to it, in use as Proxmox VE reports it (mem_source says what that means: 1 guest, 2 host, 3 cgroup), and in use / given.",
    unit: "bytes",
    thresholds: neutral,
    width: 12,
    height: 10,
    newest: "15m",
    columns: [
      { name: "cluster", title: "Cluster" },
      { name: "vmid", title: "Guest", link: toGuest },
      { name: "generation", title: "Generation" },
      { name: "node", title: "Node", link: toNode },
      { name: "given", title: "Given", unit: "bytes" },
      { name: "used", title: "In use", unit: "bytes" },
      { name: "use", title: "In use / given", unit: "percentunit", thresholds: ofUse },
      { name: "source", title: "mem_source" },
    ],
    top: { by: "used", rows: 30 },
    queries: [
      {
        refId: "A",
        format: "table",
        query: once(
          `last("mem_total_bytes") AS "given", last("mem_used_bytes") AS "used", last("mem_used_bytes") / last("mem_total_bytes") AS "use", last("mem_source") AS "source"`,
          guests,
        ),
      },
    ],
  },
];

export const cluster: DashboardSpec = {
  name: "cluster",
  title: "Pilothouse · Cluster",
  description: "Clusters node by node: state, load, pressure, traffic, and the guests that use most.",
  variables: ["clusters", "nodes"],
  from: "now-24h",
  rows: [
    { title: "State", panels: state },
    { title: "Load", panels: load },
    { title: "Pressure", panels: pressure },
    { title: "Traffic", panels: traffic },
    { title: "Guests that use most", panels: tops },
  ],
};
