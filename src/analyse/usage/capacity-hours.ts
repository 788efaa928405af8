// Usable capacity hour by hour: a node that came last week was not there before, and one that was lost has used up its
// place in the reserve.
import { type Capacity, capacityOf, type NodeSupply } from "../supply/index.ts";
import type { NodeHours } from "./node-hours.ts";

export interface CapacityHours {
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
}

export function capacityHours(nodes: readonly NodeHours[], reserveNodes: number, hours: number): CapacityHours {
  const result = { cpu: new Float64Array(hours), memory: new Float64Array(hours) };
  const firstHours = nodes.map(({ busyThreads }) => busyThreads.findIndex((value) => !Number.isNaN(value)));
  // Nodes come and go rarely: what was reckoned for the same ones holds.
  const known = new Map<string, { readonly cpu: Capacity | null; readonly memory: Capacity | null }>();
  for (let hour = 0; hour < hours; hour++) {
    const states = nodes.map((node, number) => stateOf(node, firstHours[number] ?? -1, hour));
    const key = states.join("");
    const capacity = known.get(key) ?? capacityWith(nodes, states, reserveNodes);
    known.set(key, capacity);
    result.cpu[hour] = capacity.cpu?.usable ?? Number.NaN;
    result.memory[hour] = capacity.memory?.usable ?? Number.NaN;
  }
  return result;
}

type State = "online" | "lost" | "absent";

function stateOf({ busyThreads }: NodeHours, first: number, hour: number): State {
  if (!Number.isNaN(busyThreads[hour])) return "online";
  return first === -1 || hour < first ? "absent" : "lost";
}

function capacityWith(nodes: readonly NodeHours[], states: readonly State[], reserveNodes: number) {
  const then = nodes.flatMap(({ supply }, number): NodeSupply[] =>
    states[number] === "absent" ? [] : [{ ...supply, online: states[number] === "online" }],
  );
  return {
    cpu: capacityOf(
      then,
      reserveNodes,
      (node) => node.cpuCapacityCores,
      (node) => node.overheadCores,
    ),
    memory: capacityOf(
      then,
      reserveNodes,
      (node) => node.memoryBytes,
      (node) => node.overheadMemoryBytes,
    ),
  };
}
