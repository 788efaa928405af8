// The live picture as pure steps: which stream frames may be applied in which order, and what a fleet frame changes.
import type { FleetItem } from "../fleet/item.ts";

export interface Frame {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
  readonly type: "snapshot" | "delta" | "gap";
  readonly data: unknown;
}

/** Where we are in a topic; null until a snapshot came, and again after a gap. */
export type Position = { readonly epoch: string; readonly seq: number } | null;

/**
 * What to do with a frame: apply it, drop it (seen already, or we wait for a snapshot anyway), or ask for a snapshot
 * because frames are missing: a hole in the numbers, a delta before any snapshot, or another epoch (the server
 * started anew and its numbers mean nothing to us).
 */
export function judgeFrame(position: Position, frame: Frame): "apply" | "drop" | "resync" {
  if (frame.type === "snapshot") return "apply";
  // A gap is followed by a snapshot from the server by itself.
  if (frame.type === "gap") return "drop";
  if (position?.epoch !== frame.epoch) return "resync";
  if (frame.seq <= position.seq) return "drop";
  return frame.seq === position.seq + 1 ? "apply" : "resync";
}

export type FleetItems = ReadonlyMap<string, FleetItem>;

interface ItemChange {
  readonly id: string;
  readonly values?: Readonly<Record<string, number | null>>;
}

interface FleetDelta {
  readonly changed?: readonly ItemChange[];
  readonly removed?: readonly string[];
}

export const fleetOf = (items: readonly FleetItem[]): FleetItems => new Map(items.map((item) => [item.id, item]));

/** The fleet after a snapshot or delta. What a delta does not name keeps its object, so that its row need not be drawn again. */
export function applyFleetFrame(items: FleetItems, frame: Pick<Frame, "type" | "data">): FleetItems {
  if (frame.type === "gap") return items;
  if (frame.type === "snapshot") return fleetOf((frame.data as { readonly items: readonly FleetItem[] }).items);
  const { changed = [], removed = [] } = frame.data as FleetDelta;
  const next = new Map(items);
  for (const change of changed) {
    const known = next.get(change.id);
    if (known !== undefined) next.set(change.id, merge(known, change));
    else if ("kind" in change) next.set(change.id, withoutNulls(change as unknown as FleetItem));
    // A change of something that we never saw whole cannot be shown; the next snapshot brings it.
  }
  for (const id of removed) next.delete(id);
  return next;
}

function merge(known: FleetItem, change: ItemChange): FleetItem {
  const values: Record<string, number> = { ...known.values };
  for (const [metric, value] of Object.entries(change.values ?? {})) {
    // null: the metric vanished; it must not linger as its last value.
    if (value === null) Reflect.deleteProperty(values, metric);
    else values[metric] = value;
  }
  return { ...known, ...change, values };
}

function withoutNulls(item: FleetItem): FleetItem {
  const values = Object.entries<number | null>(item.values);
  return {
    ...item,
    values: Object.fromEntries(values.filter((entry): entry is [string, number] => entry[1] !== null)),
  };
}

interface Keyed {
  readonly upid: string;
}

/** A list after a frame: a snapshot or a whole list replaces it; changed items replace their former selves. */
export function applyListFrame<Item extends Keyed>(
  list: readonly Item[],
  frame: Pick<Frame, "type" | "data">,
): readonly Item[] {
  const { items, changed = [] } = frame.data as {
    readonly items?: readonly Item[];
    readonly changed?: readonly Item[];
  };
  if (frame.type === "gap") return list;
  if (items !== undefined) return items;
  const byUpid = new Map(list.map((item) => [item.upid, item]));
  for (const item of changed) byUpid.set(item.upid, item);
  return [...byUpid.values()];
}
