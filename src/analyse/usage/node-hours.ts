// What each node had in use, hour by hour, and in which hours it is known at all.
import type { SeriesStore } from "../context.ts";
import { coresInUse, type NodeSupply, nodeMemoryDemand } from "../supply/index.ts";
import { readHours, type StepRange } from "./read-hours.ts";

export interface NodeHours {
  readonly supply: NodeSupply;
  /** Threads that were busy, guests and host together. */
  readonly busyThreads: Float64Array;
  /** Unshared cores that one busy thread is worth in that hour: 1 up to one thread per core, less beyond. */
  readonly coresPerThread: Float64Array;
  /** Memory in use without what the ARC would give back. */
  readonly memory: Float64Array;
}

export async function readNodeHours(
  store: Pick<SeriesStore, "range">,
  nodes: readonly NodeSupply[],
  range: StepRange,
  smtGain: number,
): Promise<readonly NodeHours[]> {
  const ids = nodes.map(({ id }) => id);
  const read = (metric: string) => readHours(store, ids, { metric, aggregation: "avg" }, range);
  const ratio = await read("cpu_ratio");
  const used = await read("mem_used_bytes");
  const arc = await read("arc_size_bytes");
  const arcMin = await read("arc_min_bytes");
  return nodes.map((supply) => {
    const { id, cpu, memoryBytes } = supply;
    const busyThreads = new Float64Array(range.count).fill(Number.NaN);
    const coresPerThread = new Float64Array(range.count).fill(1);
    const memory = new Float64Array(range.count).fill(Number.NaN);
    for (let hour = 0; hour < range.count; hour++) {
      const busy = (ratio.get(id)?.[hour] ?? Number.NaN) * (cpu?.threads ?? Number.NaN);
      busyThreads[hour] = busy;
      if (cpu !== null && busy > 0) coresPerThread[hour] = coresInUse(cpu, busy, smtGain) / busy;
      memory[hour] =
        nodeMemoryDemand({
          mem_used_bytes: known(used.get(id)?.[hour]),
          mem_total_bytes: memoryBytes,
          arc_size_bytes: known(arc.get(id)?.[hour]),
          arc_min_bytes: known(arcMin.get(id)?.[hour]),
        }).bytes ?? Number.NaN;
    }
    return { supply, busyThreads, coresPerThread, memory };
  });
}

const known = (value: number | undefined): number | undefined =>
  value === undefined || Number.isNaN(value) ? undefined : value;
