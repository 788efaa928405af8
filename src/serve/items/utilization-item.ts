// A line of the table of utilization as the API gives it.
import { z } from "zod";
import { type UtilizationItem as Item, type ResourceUse, utilizationTypes } from "../../model/kpis.ts";
import { isoTime } from "./time.ts";

const number = (text: string) => z.number().nullable().describe(text);

const columns = (unit: "cores" | "bytes", what: string) =>
  ({
    capacity: number(`What there is of ${what} to use; of a guest what it is given`),
    allocated: number("Given to running guests"),
    avg: number("Mean over the window; a guest counts as 0 while it does not run"),
    p50: number("Median"),
    p95: number("95th percentile"),
    p99: number("99th percentile"),
    max: number("Maximum"),
    business_p95: number(`95th percentile of the hours' means in business hours, in ${unit}`),
  }) as const;

const named = (prefix: string, suffix: string, of: Readonly<Record<string, z.ZodType>>) =>
  Object.fromEntries(Object.entries(of).map(([name, type]) => [`${prefix}_${name}_${suffix}`, type]));

export const UtilizationItem = z
  .object({
    id: z.string(),
    type: z.enum(utilizationTypes),
    name: z.string(),
    cluster: z.string(),
    node: z.string().nullable(),
    guests: z.number(),
    coverage: z.number().describe("Share of the window that is known"),
    state: z.string().nullable().describe("Why the figures are not to be relied on; null when they are"),
    ...named("cpu", "cores", columns("cores", "CPU")),
    cpu_used_ratio: number("95th percentile of capacity"),
    cpu_of: z.enum(["samples", "hours"]).describe("What percentiles are of: samples of ten seconds, or hours' means"),
    ...named("memory", "bytes", columns("bytes", "memory")),
    memory_used_ratio: number("95th percentile of capacity"),
    memory_of: z.enum(["samples", "hours"]),
    memory_source: z.string().nullable().describe("Where the memory figure comes from; see the reference of metrics"),
    disk_used_bytes: number("In use on storages, each backing once"),
    disk_allocated_bytes: number("Volumes by the configurations, linked clones left out"),
    efficiency_ratio: number("Used of allocated, cores and memory weighed by cost"),
    from: z.string().nullable(),
    to: z.string().nullable(),
  })
  .meta({ id: "Utilization" });
export type UtilizationRow = z.infer<typeof UtilizationItem>;

export const utilizationRow = (item: Item, fromMs: number, toMs: number): UtilizationRow => ({
  id: item.id,
  type: item.type,
  name: item.name,
  cluster: item.cluster,
  node: item.node,
  guests: item.guests,
  coverage: item.coverage,
  state: item.state,
  ...use("cpu", "cores", item.cpu),
  cpu_used_ratio: ratioOf(item.cpu),
  cpu_of: item.cpu.of,
  ...use("memory", "bytes", item.memory),
  memory_used_ratio: ratioOf(item.memory),
  memory_of: item.memory.of,
  memory_source: item.memorySource,
  disk_used_bytes: item.disk.usedBytes,
  disk_allocated_bytes: item.disk.allocatedBytes,
  efficiency_ratio: item.efficiency,
  from: isoTime(fromMs),
  to: isoTime(toMs),
});

const use = (
  prefix: string,
  suffix: string,
  { capacity, allocated, avg, p50, p95, p99, max, businessP95 }: ResourceUse,
) =>
  Object.fromEntries(
    Object.entries({ capacity, allocated, avg, p50, p95, p99, max, business_p95: businessP95 }).map(([name, value]) => [
      `${prefix}_${name}_${suffix}`,
      value,
    ]),
  );

const ratioOf = ({ capacity, p95 }: ResourceUse): number | null =>
  capacity === null || capacity <= 0 || p95 === null ? null : p95 / capacity;
