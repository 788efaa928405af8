// The table of utilization: its columns, and what a line says in each.
import type { Gauge } from "../fleet/measures.ts";
import { levelOf } from "../fleet/measures.ts";
import { formatBytes, formatRatio } from "../format.ts";

/** An item of GET /api/v1/utilization, as far as it is shown. */
export interface UtilizationRow {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly cluster: string;
  readonly node: string | null;
  readonly guests: number;
  readonly coverage: number;
  readonly state: string | null;
  readonly cpu_used_ratio: number | null;
  readonly cpu_of: "samples" | "hours";
  readonly memory_used_ratio: number | null;
  readonly memory_of: "samples" | "hours";
  readonly memory_source: string | null;
  readonly efficiency_ratio: number | null;
  readonly disk_allocated_bytes: number | null;
  readonly [field: string]: string | number | null;
}

export const kinds = ["guest", "node", "cluster", "pool", "tag"] as const;
export type Kind = (typeof kinds)[number];
export const kindTitles: Readonly<Record<Kind, string>> = {
  guest: "Guests",
  node: "Nodes",
  cluster: "Clusters",
  pool: "Pools",
  tag: "Tags",
};
export const windows = ["1d", "7d", "30d"] as const;
export type Window = (typeof windows)[number];
export const windowTitles: Readonly<Record<Window, string>> = { "1d": "1 day", "7d": "7 days", "30d": "30 days" };

export interface Column {
  /** The field that it is sorted by. */
  readonly field: string;
  readonly title: string;
  readonly hint: string;
  /** Left out on a phone. */
  readonly wide: boolean;
  readonly words: (row: UtilizationRow) => string | null;
}

const cores = (value: string | number | null | undefined): string | null =>
  typeof value === "number" ? (value < 10 ? value.toFixed(2) : value.toFixed(1)) : null;
const bytes = (value: string | number | null | undefined): string | null =>
  typeof value === "number" ? formatBytes(value) : null;

const cpu = (part: string, title: string, hint: string): Column => ({
  field: `cpu_${part}_cores`,
  title,
  hint,
  wide: true,
  words: (row) => cores(row[`cpu_${part}_cores`]),
});
const memory = (part: string, title: string, hint: string): Column => ({
  field: `memory_${part}_bytes`,
  title,
  hint,
  wide: true,
  words: (row) => bytes(row[`memory_${part}_bytes`]),
});

export const cpuColumns: readonly Column[] = [
  cpu("allocated", "given", "CPUs given to running guests; a container without a limit has none"),
  cpu("avg", "mean", "Mean of cores in use; a guest counts as 0 while it does not run"),
  cpu("p50", "p50", "Median"),
  cpu("p95", "p95", "95th percentile"),
  cpu("p99", "p99", "99th percentile"),
  cpu("max", "max", "Maximum"),
  cpu("business_p95", "busy p95", "95th percentile of the hours' means in business hours"),
];
export const memoryColumns: readonly Column[] = [
  memory("allocated", "given", "Memory given to running guests"),
  memory("avg", "mean", "Mean of memory in use; of a guest what it costs its node"),
  memory("p95", "p95", "95th percentile"),
  memory("max", "max", "Maximum"),
];
export const lastColumns: readonly Column[] = [
  {
    field: "efficiency_ratio",
    title: "Efficiency",
    hint: "Used of what is given, cores and memory weighed by what they cost",
    wide: true,
    words: ({ efficiency_ratio: ratio }) => (ratio === null ? null : formatRatio(ratio)),
  },
  {
    field: "coverage",
    title: "Known",
    hint: "Share of the window that is known; below 80 % the figures are not to be relied on",
    wide: true,
    words: ({ coverage }) => (coverage > 0.994 && coverage < 1 ? ">99%" : formatRatio(coverage)),
  },
];

/** The 95th percentile as a share of what there is; undefined where there is nothing to share. */
export function gaugeOf(row: UtilizationRow, resource: "cpu" | "memory"): Gauge | undefined {
  const ratio = row[`${resource}_used_ratio`];
  const suffix = resource === "cpu" ? "cores" : "bytes";
  const [used, total] = [row[`${resource}_p95_${suffix}`], row[`${resource}_capacity_${suffix}`]];
  if (typeof ratio !== "number" || typeof used !== "number" || typeof total !== "number") return undefined;
  const of = row[`${resource}_of`] === "samples" ? "of samples" : "of the hours' means";
  return {
    ratio,
    level: levelOf(ratio),
    detail: [used, total],
    note: `95th percentile ${of}${row.state === null ? "" : ` · ${row.state}`}`,
    rough: row.state !== null,
  };
}
