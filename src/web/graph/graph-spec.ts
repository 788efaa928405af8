// Which graphs the page of each kind of entity has, in the order of PVE's own summary page.
import type { FleetItem } from "../fleet/item.ts";

export type GraphUnit = "ratio" | "bytes" | "bytes_per_second" | "percent" | "number";

export interface GraphLine {
  readonly id: string;
  readonly field: string;
  readonly label: string;
  /** A capacity rather than a measurement: thin and dashed. */
  readonly limit?: boolean;
}

export interface GraphSpec {
  /** Stands in the address when the table view is open. */
  readonly key: string;
  readonly title: string;
  readonly unit: GraphUnit;
  readonly lines: readonly GraphLine[];
  readonly note?: string;
  /** Left out when nothing was stored, because not every release or kind of guest has it. */
  readonly optional?: boolean;
}

type Field = readonly [field: string, label: string, limit?: "limit"];

const linesOf = (id: string, fields: readonly Field[]): readonly GraphLine[] =>
  fields.map(([field, label, limit]) => ({ id, field, label, ...(limit === undefined ? {} : { limit: true }) }));

const network: readonly Field[] = [
  ["net_in_bytes_per_second", "in"],
  ["net_out_bytes_per_second", "out"],
];
const pressure: readonly Field[] = [
  ["psi_cpu_some_percent", "CPU"],
  ["psi_io_some_percent", "I/O"],
  ["psi_memory_some_percent", "memory"],
];

export function graphSpecs(item: FleetItem, nodes: readonly FleetItem[]): readonly GraphSpec[] {
  switch (item.kind) {
    case "cluster":
      return clusterGraphs(item.id, nodes);
    case "node":
      return nodeGraphs(item.id);
    case "guest":
      return guestGraphs(item.id, item.type);
    case "storage":
      return [
        {
          key: "used",
          title: "Used",
          unit: "bytes",
          lines: linesOf(item.id, [
            ["used_bytes", "used"],
            ["total_bytes", "size", "limit"],
          ]),
        },
      ];
  }
}

function nodeGraphs(id: string): readonly GraphSpec[] {
  return [
    {
      key: "cpu",
      title: "CPU usage",
      unit: "ratio",
      lines: linesOf(id, [
        ["cpu_ratio", "CPU"],
        ["iowait_ratio", "IO delay"],
      ]),
    },
    {
      key: "memory",
      title: "Memory usage",
      unit: "bytes",
      lines: linesOf(id, [
        ["mem_used_bytes", "used"],
        ["mem_total_bytes", "total", "limit"],
      ]),
    },
    { key: "network", title: "Network traffic", unit: "bytes_per_second", lines: linesOf(id, network) },
    {
      key: "load",
      title: "Server load",
      unit: "number",
      lines: linesOf(id, [
        ["load_1m", "1 min"],
        ["load_5m", "5 min"],
        ["load_15m", "15 min"],
      ]),
      optional: true,
    },
    {
      key: "root",
      title: "Root file system",
      unit: "bytes",
      lines: linesOf(id, [
        ["root_used_bytes", "used"],
        ["root_total_bytes", "size", "limit"],
      ]),
    },
    { key: "pressure", title: "Pressure stall (some)", unit: "percent", lines: linesOf(id, pressure), optional: true },
  ];
}

function guestGraphs(id: string, type: "qemu" | "lxc"): readonly GraphSpec[] {
  return [
    {
      key: "cpu",
      title: "CPU usage",
      unit: "ratio",
      lines: linesOf(id, [["cpu_ratio", "CPU"]]),
      note: "share of the guest's own CPUs",
    },
    {
      key: "memory",
      title: "Memory usage",
      unit: "bytes",
      lines: linesOf(id, [
        ["mem_used_bytes", "used"],
        // A container is measured by its cgroup alone; only a VM costs its node more than it uses itself.
        ...(type === "qemu" ? [["mem_host_bytes", "on the node"] as const] : []),
        ["mem_total_bytes", "total", "limit"],
      ]),
    },
    { key: "network", title: "Network traffic", unit: "bytes_per_second", lines: linesOf(id, network) },
    {
      key: "io",
      title: "Disk I/O",
      unit: "bytes_per_second",
      lines: linesOf(id, [
        ["disk_read_bytes_per_second", "read"],
        ["disk_write_bytes_per_second", "write"],
      ]),
    },
    {
      key: "disk",
      title: "Root file system",
      unit: "bytes",
      lines: linesOf(id, [
        ["disk_used_bytes", "used"],
        ["disk_total_bytes", "size", "limit"],
      ]),
      optional: true,
    },
    { key: "pressure", title: "Pressure stall (some)", unit: "percent", lines: linesOf(id, pressure), optional: true },
  ];
}

/** More lines than colours that can be told apart help nobody. */
const mostLines = 8;

function clusterGraphs(id: string, nodes: readonly FleetItem[]): readonly GraphSpec[] {
  const shown = nodes.slice(0, mostLines);
  const note = shown.length < nodes.length ? { note: `the first ${mostLines} of ${nodes.length} nodes` } : {};
  const perNode = (field: string): readonly GraphLine[] =>
    shown.map((node) => ({ id: node.id, field, label: node.name }));
  return [
    { key: "cpu", title: "CPU usage by node", unit: "ratio", lines: perNode("cpu_ratio"), ...note },
    { key: "memory", title: "Memory usage by node", unit: "bytes", lines: perNode("mem_used_bytes"), ...note },
    {
      key: "network",
      title: "Network received by node",
      unit: "bytes_per_second",
      lines: perNode("net_in_bytes_per_second"),
      ...note,
    },
    {
      key: "guests",
      title: "Guests",
      unit: "number",
      lines: linesOf(id, [
        ["guests_running", "running"],
        ["guests_total", "total", "limit"],
      ]),
    },
  ];
}

/** A graph that has a curve to show; limits alone are none. */
const measured = (spec: GraphSpec): readonly GraphLine[] => spec.lines.filter((line) => line.limit !== true);

/** The requests that bring all lines: one per set of fields that the same entities share. */
export function requestsOf(
  specs: readonly GraphSpec[],
): readonly { readonly ids: readonly string[]; readonly fields: readonly string[] }[] {
  const fieldsByIds = new Map<string, Set<string>>();
  for (const spec of specs) {
    if (measured(spec).length === 0) continue;
    const ids = [...new Set(spec.lines.map((line) => line.id))].join("\n");
    const fields = fieldsByIds.get(ids) ?? new Set();
    for (const line of spec.lines) fields.add(line.field);
    fieldsByIds.set(ids, fields);
  }
  return [...fieldsByIds].map(([ids, fields]) => ({ ids: ids.split("\n"), fields: [...fields] }));
}
