// How many guests of a size still fit: min over the resources of floor(remaining / size), and never more than the nodes
// hold one by one, the largest of them left aside as the reserve.
import type { CapacityLine, GuestSize, GuestsRemaining } from "../../model/capacity.ts";
import { type Amount, type ClusterModel, nothing } from "./cluster-model.ts";
import { freeOf, type IndexedModel } from "./free-room.ts";

/** Null where a resource's remainder is not known, or nothing is asked for. */
export function guestsRemaining(lines: readonly CapacityLine[], size: GuestSize): GuestsRemaining | null {
  let found: GuestsRemaining | null = null;
  for (const { resource, remaining } of lines) {
    const each = { cpu: size.cpuCores, memory: size.memoryBytes, storage: size.diskBytes ?? 0 }[resource];
    if (each <= 0) continue;
    if (remaining === null) return null;
    const count = Math.max(0, Math.floor(remaining / each));
    if (found === null || count < found.count) found = { count, limitedBy: resource };
  }
  return found;
}

/** The same, with what each node has room for. `added`: nodes that only a scenario has are in the model already. */
export function guestsRemainingByNode(
  lines: readonly CapacityLine[],
  size: GuestSize,
  indexed: IndexedModel,
): GuestsRemaining | null {
  const found = guestsRemaining(lines, size);
  if (found === null || (size.cpuCores <= 0 && size.memoryBytes <= 0)) return found;
  const counts = indexed.model.nodes.map((node, number) => {
    const free = freeOf(node, indexed.load.p95[number] ?? nothing);
    return Math.max(
      0,
      Math.floor(Math.min(timesIn(free.cpuCores, size.cpuCores), timesIn(free.memoryBytes, size.memoryBytes))),
    );
  });
  const kept = isWhole(indexed.model) ? Math.max(0, ...counts) : 0;
  const room = counts.reduce((sum, count) => sum + count, 0) - kept;
  return room < found.count ? { count: room, limitedBy: "room" } : found;
}

const timesIn = (free: number, size: number): number => (size <= 0 ? Number.MAX_SAFE_INTEGER : free / size);

const isWhole = ({ nodes }: ClusterModel): boolean => nodes.length > 1 && nodes.every(({ online }) => online);

/** Mean of what the running guests need; null when none runs. */
export function averageGuest({ guests }: Pick<ClusterModel, "guests">): GuestSize | null {
  if (guests.length === 0) return null;
  const mean = (part: keyof Amount): number =>
    guests.reduce((sum, { need }) => sum + need.p95[part], 0) / guests.length;
  const disks = guests.flatMap(({ diskBytes }) => diskBytes ?? []);
  const diskBytes = disks.length === 0 ? null : disks.reduce((sum, bytes) => sum + bytes, 0) / disks.length;
  return { cpuCores: mean("cpuCores"), memoryBytes: mean("memoryBytes"), diskBytes };
}
