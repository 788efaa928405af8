// One node and its guests: the panels that people know from the community dashboard 10347, with the CPU formula right,
// and what pressure, disks and pools say besides.
import type { DashboardSpec } from "../build/dashboard.ts";
import { byNode, guestTags, once, overTime } from "../build/influxql.ts";
import { toGuest } from "../build/links.ts";
import { neutral, ofUse, type PanelSpec, type Threshold } from "../build/panel-spec.ts";

const node = { kind: "node", where: byNode } as const;
const guests = { kind: "guest", where: byNode, by: guestTags } as const;
const containers = { kind: "guest", where: `${byNode} AND "type" = 'lxc'`, by: guestTags } as const;
const storages = { kind: "storage", where: byNode, by: `"storage"` } as const;
const disks = { kind: "disk", where: byNode, by: `"cluster", "node", "storage"` } as const;

const guestAlias = "$tag_vmid~$tag_generation";
const ofStorage: readonly Threshold[] = [
  [null, "green"],
  [0.75, "yellow"],
  [0.85, "red"],
];

const summary: readonly PanelSpec[] = [
  {
    type: "table",
    title: "Resource allocation summary",
    description:
      "What each guest of the node was given, newest values: CPUs, memory, and of containers the root file system, of VMs the boot disk. Σ of a column against the node's own is its overcommitment.",
    unit: "bytes",
    thresholds: neutral,
    width: 24,
    height: 8,
    newest: "15m",
    columns: [
      { name: "cluster", title: "Cluster" },
      { name: "vmid", title: "Guest", link: toGuest },
      { name: "generation", title: "Generation" },
      { name: "type", title: "Type" },
      { name: "running", title: "Running", unit: "bool_yes_no" },
      { name: "cpus", title: "CPUs", unit: "short" },
      { name: "memory", title: "Memory", unit: "bytes" },
      { name: "disk", title: "Disk", unit: "bytes" },
    ],
    top: { by: "memory", rows: 200 },
    queries: [
      {
        refId: "A",
        format: "table",
        query: once(
          `last("running") AS "running", last("cpu_count") AS "cpus", last("mem_total_bytes") AS "memory", last("disk_total_bytes") AS "disk"`,
          { ...guests, by: `${guestTags}, "type"` },
        ),
      },
    ],
  },
];

const cpuAndMemory: readonly PanelSpec[] = [
  {
    type: "graph",
    title: "CPU history",
    description:
      "Mean CPU in use as a share of the node's threads (cpu_ratio), and of it waiting for I/O (iowait_ratio), per interval. Neither is divided by the number of threads: they are shares already.",
    unit: "percentunit",
    thresholds: ofUse,
    min: 0,
    max: 1,
    width: 18,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$col",
        query: overTime(`mean("cpu_ratio") AS "in use", mean("iowait_ratio") AS "waiting for I/O"`, node),
      },
    ],
  },
  {
    type: "gauge",
    title: "Current CPU",
    description: "Newest CPU in use as a share of the node's threads.",
    unit: "percentunit",
    thresholds: ofUse,
    min: 0,
    max: 1,
    width: 6,
    height: 8,
    newest: "15m",
    queries: [{ refId: "A", query: once(`last("cpu_ratio") AS "CPU"`, node) }],
  },
  {
    type: "graph",
    title: "Memory history",
    sparse: ["ARC", "saved by KSM"],
    description:
      "Mean memory per interval: total, used (total less available; ARC counts as used), the ARC of ZFS in it, and what KSM saves.",
    unit: "bytes",
    thresholds: neutral,
    min: 0,
    width: 18,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$col",
        query: overTime(
          `mean("mem_total_bytes") AS "total", mean("mem_used_bytes") AS "used", mean("arc_size_bytes") AS "ARC", mean("ksm_shared_bytes") AS "saved by KSM"`,
          node,
        ),
      },
    ],
  },
  {
    type: "gauge",
    title: "Current memory",
    description: "Newest memory in use / memory of the node; used is total less available.",
    unit: "percentunit",
    thresholds: ofUse,
    min: 0,
    max: 1,
    width: 6,
    height: 8,
    newest: "15m",
    queries: [{ refId: "A", query: once(`last("mem_used_bytes") / last("mem_total_bytes") AS "memory"`, node) }],
  },
];

const guestPanels: readonly PanelSpec[] = [
  {
    type: "graph",
    title: "Guests CPU usage",
    description:
      "Cores that each guest uses: mean cpu_ratio (share of the guest's own CPUs) × mean CPUs, per interval. Stacked, the guests' part of the node's threads.",
    unit: "none",
    thresholds: neutral,
    stacked: true,
    min: 0,
    width: 12,
    height: 9,
    queries: [
      { refId: "A", alias: guestAlias, query: overTime(`mean("cpu_ratio") * mean("cpu_count") AS "cores"`, guests) },
    ],
  },
  {
    type: "graph",
    title: "Guests memory usage",
    description:
      "Mean memory in use of each guest as Proxmox VE reports it, per interval; what it means depends on mem_source.",
    unit: "bytes",
    thresholds: neutral,
    stacked: true,
    min: 0,
    width: 12,
    height: 9,
    queries: [{ refId: "A", alias: guestAlias, query: overTime(`mean("mem_used_bytes") AS "memory"`, guests) }],
  },
];

const storagePanels: readonly PanelSpec[] = [
  {
    type: "bars",
    title: "Storage usage",
    description:
      "Newest used / size of each storage of the node; a shared storage belongs to no node and is in Capacity.",
    unit: "percentunit",
    thresholds: ofStorage,
    min: 0,
    max: 1,
    width: 8,
    height: 8,
    newest: "15m",
    queries: [
      { refId: "A", alias: "$tag_storage", query: once(`last("used_bytes") / last("total_bytes") AS "use"`, storages) },
    ],
  },
  {
    type: "bars",
    title: "Space allocation",
    description: "Newest bytes in use of each storage of the node.",
    unit: "bytes",
    thresholds: neutral,
    min: 0,
    width: 8,
    height: 8,
    newest: "15m",
    queries: [{ refId: "A", alias: "$tag_storage", query: once(`last("used_bytes") AS "used"`, storages) }],
  },
  {
    type: "bars",
    title: "LXC guests disk usage",
    description:
      "Newest used / size of the root file system of each container. Of VMs it is not known without the guest agent.",
    unit: "percentunit",
    thresholds: ofStorage,
    min: 0,
    max: 1,
    width: 8,
    height: 8,
    newest: "15m",
    queries: [
      {
        refId: "A",
        alias: guestAlias,
        query: once(`last("disk_used_bytes") / last("disk_total_bytes") AS "use"`, containers),
      },
    ],
  },
];

const flow: readonly PanelSpec[] = [
  {
    type: "graph",
    title: "Network IO/s",
    description: "Mean bytes per second through the physical network cards of the node, in and out, per interval.",
    unit: "binBps",
    thresholds: neutral,
    min: 0,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$col",
        query: overTime(`mean("net_in_bytes_per_second") AS "in", mean("net_out_bytes_per_second") AS "out"`, node),
      },
    ],
  },
  {
    type: "graph",
    title: "Disk IO/s",
    description: "Mean bytes per second that each guest of the node reads and writes, per interval.",
    unit: "binBps",
    thresholds: neutral,
    min: 0,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: `${guestAlias} $col`,
        query: overTime(
          `mean("disk_read_bytes_per_second") AS "read", mean("disk_write_bytes_per_second") AS "written"`,
          guests,
        ),
      },
    ],
  },
  {
    type: "graph",
    title: "Load",
    description: "Mean load averages over 1, 5 and 15 minutes, per interval, beside the threads of the node.",
    unit: "none",
    thresholds: neutral,
    min: 0,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$col",
        query: overTime(
          `mean("load_1m") AS "1 min", mean("load_5m") AS "5 min", mean("load_15m") AS "15 min", mean("cpu_count") AS "threads"`,
          node,
        ),
      },
    ],
  },
  {
    type: "graph",
    title: "Pressure",
    sparse: true,
    description:
      "Shares of time in which some (CPU, memory, I/O) or all (I/O full) tasks waited: PSI over 10 seconds, mean per interval. Proxmox VE 9.",
    unit: "percent",
    thresholds: neutral,
    min: 0,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$col",
        query: overTime(
          `mean("psi_cpu_some_percent") AS "CPU", mean("psi_memory_some_percent") AS "memory", mean("psi_io_some_percent") AS "I/O", mean("psi_io_full_percent") AS "I/O, all"`,
          node,
        ),
      },
    ],
  },
];

const hardware: readonly PanelSpec[] = [
  {
    type: "table",
    title: "Disks",
    description:
      "Newest SMART values of each disk: temperature, life used up by writing, sectors that failed or wait, time switched on.",
    unit: "none",
    thresholds: neutral,
    width: 12,
    height: 8,
    newest: "24h",
    columns: [
      { name: "cluster", title: "Cluster" },
      { name: "node", title: "Node" },
      { name: "storage", title: "Serial number" },
      { name: "temperature", title: "Temperature", unit: "celsius" },
      {
        name: "wear",
        title: "Wear",
        unit: "percent",
        thresholds: [
          [null, "green"],
          [80, "yellow"],
          [95, "red"],
        ],
      },
      {
        name: "reallocated",
        title: "Reallocated",
        unit: "short",
        thresholds: [
          [null, "green"],
          [1, "yellow"],
        ],
      },
      {
        name: "pending",
        title: "Pending",
        unit: "short",
        thresholds: [
          [null, "green"],
          [1, "red"],
        ],
      },
      { name: "on", title: "Switched on", unit: "s" },
    ],
    queries: [
      {
        refId: "A",
        format: "table",
        query: once(
          `last("temperature_celsius") AS "temperature", last("wear_percent") AS "wear", last("reallocated_sectors") AS "reallocated", last("pending_sectors") AS "pending", last("power_on_seconds") AS "on"`,
          disks,
        ),
      },
    ],
  },
  {
    type: "graph",
    title: "Root file system and swap",
    description: "Mean used / total of the root file system, and mean swap used / total, per interval.",
    unit: "percentunit",
    thresholds: ofStorage,
    min: 0,
    max: 1,
    width: 12,
    height: 8,
    queries: [
      {
        refId: "A",
        alias: "$col",
        query: overTime(
          `mean("root_used_bytes") / mean("root_total_bytes") AS "root", mean("swap_used_bytes") / mean("swap_total_bytes") AS "swap"`,
          node,
        ),
      },
    ],
  },
];

export const nodeDashboard: DashboardSpec = {
  name: "node",
  title: "Pilothouse · Node",
  description: "One node and its guests, with the panels of the community dashboard 10347 and the CPU formula right.",
  variables: ["cluster", "node"],
  from: "now-24h",
  rows: [
    { title: "Guests of the node", panels: summary },
    { title: "CPU and memory", panels: cpuAndMemory },
    { title: "Use by guests", panels: guestPanels },
    { title: "Storage", panels: storagePanels },
    { title: "Load and traffic", panels: flow },
    { title: "Hardware", panels: hardware },
  ],
};
