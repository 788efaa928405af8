// What each node takes beyond its guests, from the hours in which its guests are known to have been there.
import type { EntityId } from "../../model/ids.ts";
import type { MeasuredOverhead } from "../supply/index.ts";
import { hostOverheadBytes, hostOverheadCores } from "../supply/index.ts";
import type { GuestHours } from "./guest-hours.ts";
import type { NodeHours } from "./node-hours.ts";

/** With fewer, the overhead is that of this moment. */
export const leastOverheadHours = 24;

/**
 * `settledFrom`: by node, the first hour since which no guest came or went. Before it the sums are of other guests, and a
 * guest that moved away would look like overhead of the node it left.
 */
export function measuredOverheads(
  nodes: readonly NodeHours[],
  guests: readonly GuestHours[],
  settledFrom: ReadonlyMap<string, number>,
): ReadonlyMap<EntityId, MeasuredOverhead> {
  const found = new Map<EntityId, MeasuredOverhead>();
  for (const node of nodes) {
    const { name } = node.supply.entity;
    const own = guests.filter(({ entity }) => entity.node === name && entity.goneAt === null);
    const from = settledFrom.get(name) ?? 0;
    const memory = differences(
      node.memory,
      own.map((guest) => guest.memory),
      from,
    );
    const cores = differences(
      node.busyThreads,
      own.map((guest) => guest.cores),
      from,
    );
    found.set(node.supply.id, {
      memoryBytes: memory.length < leastOverheadHours ? null : hostOverheadBytes(memory, node.supply.osds),
      cpuCores: cores.length < leastOverheadHours ? null : hostOverheadCores(cores),
    });
  }
  return found;
}

/** Hours in which the node and each of its guests are known. */
function differences(node: Float64Array, guests: readonly Float64Array[], from: number): readonly number[] {
  const found: number[] = [];
  for (let hour = Math.max(0, from); hour < node.length; hour++) {
    let left = node[hour] ?? Number.NaN;
    for (const guest of guests) left -= guest[hour] ?? Number.NaN;
    if (!Number.isNaN(left)) found.push(left);
  }
  return found;
}
