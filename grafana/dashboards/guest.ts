// One guest: what it was given, what it uses, what it waits for.
import type { DashboardSpec } from "../build/dashboard.ts";
import { byGuest, guestTags, once, overTime } from "../build/influxql.ts";
import { toNode } from "../build/links.ts";
import { neutral, ofUse, type PanelSpec, type PanelUnit, type Threshold } from "../build/panel-spec.ts";

const guest = { kind: "guest", where: byGuest, by: guestTags } as const;
/** A vmid that was given again is another guest: another generation, another line. */
const alias = "$tag_vmid~$tag_generation $col";

interface Figure {
  readonly title: string;
  readonly description: string;
  readonly unit: PanelUnit;
  readonly value: string;
  readonly thresholds?: readonly Threshold[];
  readonly newest?: "15m" | "24h";
  readonly decimals?: number;
}

const figure = ({ value, thresholds = neutral, ...rest }: Figure): PanelSpec => ({
  type: "number",
  ...rest,
  thresholds,
  width: 4,
  height: 4,
  queries: [{ refId: "A", alias: "$tag_vmid~$tag_generation", query: once(`${value} AS "value"`, guest) }],
});

const numbers: readonly PanelSpec[] = [
  figure({
    title: "CPU, 95th percentile",
    description:
      "CPU use, as a share of the guest's own CPUs, that is not passed for 95 % of the chosen range (nearest rank).",
    unit: "percentunit",
    value: `percentile("cpu_ratio", 95)`,
    thresholds: ofUse,
    decimals: 1,
  }),
  figure({
    title: "Memory, 95th percentile",
    description:
      "Memory in use, as Proxmox VE reports it, that is not passed for 95 % of the chosen range (nearest rank).",
    unit: "bytes",
    value: `percentile("mem_used_bytes", 95)`,
  }),
  figure({
    title: "CPUs",
    description: "CPUs that the guest has, newest value; of containers it may be a fraction.",
    unit: "short",
    value: `last("cpu_count")`,
    newest: "15m",
  }),
  figure({
    title: "Memory given",
    description: "Memory that the guest was given, newest value.",
    unit: "bytes",
    value: `last("mem_total_bytes")`,
    newest: "15m",
  }),
  figure({
    title: "Ran",
    description: "Share of the samples of the chosen range in which the guest ran: mean of running.",
    unit: "percentunit",
    value: `mean("running")`,
    decimals: 2,
  }),
  figure({
    title: "Newest backup",
    description: "Age of the newest backup on any storage, newest value; empty without one.",
    unit: "s",
    value: `last("backup_age_seconds")`,
    newest: "24h",
    thresholds: [
      [null, "green"],
      [93_600, "yellow"],
      [180_000, "red"],
    ],
  }),
];

interface Lines {
  readonly title: string;
  readonly description: string;
  readonly unit: PanelUnit;
  readonly columns: string;
  readonly thresholds?: readonly Threshold[];
  readonly sparse?: true;
}

const lines = ({ columns, thresholds = neutral, ...rest }: Lines): PanelSpec => ({
  type: "graph",
  ...rest,
  thresholds,
  min: 0,
  width: 12,
  height: 8,
  queries: [{ refId: "A", alias, query: overTime(columns, guest) }],
});

const use: readonly PanelSpec[] = [
  lines({
    title: "CPU",
    description:
      "Mean and highest CPU use per interval, as a share of the guest's own CPUs (cpu_ratio; it is not divided by the CPUs again).",
    unit: "percentunit",
    columns: `mean("cpu_ratio") AS "mean", max("cpu_ratio") AS "highest"`,
    thresholds: ofUse,
  }),
  lines({
    title: "Cores used",
    description: "Mean cpu_ratio × mean CPUs, beside the CPUs that the guest has, per interval.",
    unit: "none",
    columns: `mean("cpu_ratio") * mean("cpu_count") AS "used", mean("cpu_count") AS "given"`,
  }),
  lines({
    title: "Memory",
    description:
      "Mean memory per interval: given, in use as Proxmox VE reports it (what it means is in mem_source), and what the guest costs its node (Proxmox VE 9).",
    unit: "bytes",
    columns: `mean("mem_total_bytes") AS "given", mean("mem_used_bytes") AS "used", mean("mem_host_bytes") AS "on the node"`,
  }),
  lines({
    title: "Memory as the guest sees it",
    sparse: true,
    description:
      "Total and available by the guest's own /proc/meminfo, mean per interval; its cache counts as available. Needs the guest agent.",
    unit: "bytes",
    columns: `mean("guest_mem_total_bytes") AS "total", mean("guest_mem_available_bytes") AS "available"`,
  }),
];

const flow: readonly PanelSpec[] = [
  lines({
    title: "Network",
    description: "Mean bytes per second received and sent, per interval.",
    unit: "binBps",
    columns: `mean("net_in_bytes_per_second") AS "in", mean("net_out_bytes_per_second") AS "out"`,
  }),
  lines({
    title: "Disk",
    description: "Mean bytes per second read and written, per interval.",
    unit: "binBps",
    columns: `mean("disk_read_bytes_per_second") AS "read", mean("disk_write_bytes_per_second") AS "written"`,
  }),
  lines({
    title: "File systems in the guest",
    sparse: true,
    description:
      "All file systems inside the guest together, size and in use, mean per interval. Needs the guest agent.",
    unit: "bytes",
    columns: `mean("fs_total_bytes") AS "size", mean("fs_used_bytes") AS "used"`,
  }),
  lines({
    title: "Pressure",
    sparse: true,
    description:
      "Shares of time in which tasks of the guest waited: PSI over 10 seconds, mean per interval. Proxmox VE 9.",
    unit: "percent",
    columns: `mean("psi_cpu_some_percent") AS "CPU", mean("psi_memory_some_percent") AS "memory", mean("psi_io_full_percent") AS "I/O, all"`,
    thresholds: [
      [null, "green"],
      [10, "yellow"],
      [40, "red"],
    ],
  }),
];

const where: readonly PanelSpec[] = [
  {
    type: "table",
    title: "Where it runs",
    description:
      "Node and type of the guest, whether it runs, and the age of its process: newest values. A click opens the node.",
    unit: "none",
    thresholds: neutral,
    width: 24,
    height: 4,
    newest: "15m",
    columns: [
      { name: "cluster", title: "Cluster" },
      { name: "node", title: "Node", link: toNode },
      { name: "vmid", title: "Guest" },
      { name: "generation", title: "Generation" },
      { name: "type", title: "Type" },
      { name: "running", title: "Running", unit: "bool_yes_no" },
      { name: "uptime", title: "Age of the process", unit: "s" },
    ],
    queries: [
      {
        refId: "A",
        format: "table",
        query: once(`last("running") AS "running", last("uptime_seconds") AS "uptime"`, {
          ...guest,
          by: `${guestTags}, "node", "type"`,
        }),
      },
    ],
  },
];

export const guestDashboard: DashboardSpec = {
  name: "guest",
  title: "Pilothouse · Guest",
  description: "One guest: given, used, waited for. By its vmid; names are no part of a series, because they change.",
  variables: ["cluster", "guest"],
  from: "now-24h",
  rows: [
    { title: "Key figures", panels: numbers },
    { title: "Use", panels: use },
    { title: "Traffic and waiting", panels: flow },
    { title: "Place", panels: where },
  ],
};
