// usable = total − N+1 reserve − host overhead, for a set of nodes that may be only thought of. The same rule as
// src/analyse/supply (capacityOf), which takes nodes as they are; a test holds them together.
import { type Amount, type ModelNode, roomOf } from "./cluster-model.ts";

export interface Usable {
  readonly total: number;
  readonly reserve: number;
  readonly overhead: number;
  readonly usable: number;
}

type Part = keyof Amount;

/** Null while a node that is online does not tell its size, or none is online. */
export function usableOf(nodes: readonly ModelNode[], part: Part): Usable | null {
  const online = nodes.filter((node) => node.online);
  if (online.length === 0) return null;
  const rooms: number[] = [];
  let total = 0;
  for (const node of online) {
    const room = roomOf(node);
    if (node.total === null || room === null) return null;
    total += node.total[part];
    rooms.push(room[part]);
  }
  // A node that is away has used up the reserve; a single host has nothing to fall back on.
  const keeps = nodes.length > 1 && online.length === nodes.length;
  const reserve = keeps ? Math.max(...rooms) : 0;
  const room = rooms.reduce((sum, each) => sum + each, 0);
  return { total, reserve, overhead: total - room, usable: room - reserve };
}
