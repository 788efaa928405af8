// Since when the same guests are on a node: from the tasks that moved or removed some.
import type { EventLog } from "../../model/event.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { GuestHours } from "./guest-hours.ts";
import { endOfRange, hourMs, type StepRange } from "./read-hours.ts";

const moving = /^(?:qmigrate|vzmigrate|hamigrate|harelocate|qmdestroy|vzdestroy)$/;
/** Of a cluster that moves more than that in a month only the newest are seen, and nodes then count as settled too early. */
const mostEvents = 5_000;

/** By node, the first whole hour of the range from which on nothing came or went. */
export async function settledFrom(
  events: EventLog,
  cluster: ClusterId,
  guests: readonly GuestHours[],
  range: StepRange,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const later = (node: string | null, atMs: number): void => {
    if (node === null) return;
    const hour = Math.ceil((atMs - range.fromMs) / hourMs);
    found.set(node, Math.max(found.get(node) ?? 0, hour));
  };
  const nodeOf = new Map(guests.map(({ entity }) => [entity.id, entity.node]));
  const query = {
    fromMs: range.fromMs,
    toMs: endOfRange(range),
    cluster,
    topics: ["task"] as const,
    limit: mostEvents,
  };
  for (const event of await events.query(query)) {
    if (!moving.test(event.type)) continue;
    const at = event.endedAt ?? event.at;
    // Where it left, and where it is now.
    later(event.node, at);
    later(nodeOf.get(event.subject) ?? null, at);
  }
  for (const { entity } of guests) if (entity.goneAt !== null) later(entity.node, entity.goneAt);
  return found;
}
