// What the page of growth can be of, and the windows that it compares.
import type { GraphUnit } from "./graph-spec.ts";

export interface GrowthChoice {
  readonly key: string;
  readonly title: string;
  readonly kind: string;
  readonly field: string;
  readonly unit: GraphUnit;
}

/** What people run out of, in the order in which that hurts. */
export const growthChoices = [
  { key: "storage", title: "Storage", kind: "storage", field: "used_bytes", unit: "bytes" },
  { key: "node-memory", title: "Node memory", kind: "node", field: "mem_used_bytes", unit: "bytes" },
  { key: "node-cpu", title: "Node CPU", kind: "node", field: "cpu_ratio", unit: "ratio" },
  { key: "guest-memory", title: "Guest memory", kind: "guest", field: "mem_used_bytes", unit: "bytes" },
  { key: "guest-disk", title: "Container disk", kind: "guest", field: "disk_used_bytes", unit: "bytes" },
] as const satisfies readonly GrowthChoice[];

export const windows = { day: "24h", week: "7d", month: "30d" } as const;
export type CompareWindow = keyof typeof windows;
export const windowNames = Object.keys(windows) as readonly CompareWindow[];
