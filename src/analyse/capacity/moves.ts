// Places guests that a scenario adds or moves.
import type { ClusterModel, ModelGuest } from "./cluster-model.ts";
import { binsOf, type IndexedModel, indexModel, type MoveKind, reachOf } from "./free-room.ts";
import type { PackItem } from "./pack-state.ts";
import { pack } from "./packing.ts";

export interface Homeless {
  readonly name: string;
  readonly why: string;
}

export interface Moved {
  /** The model with those that found a place on it, the others gone from it. */
  readonly model: ClusterModel;
  readonly homeless: readonly Homeless[];
}

/** `guests` are placed on top of what runs in `model`; what their `node` says is where they come from. */
export function placeGuests(model: ClusterModel, guests: readonly ModelGuest[], kind: MoveKind): Moved {
  const indexed = indexModel(model, guests);
  const reaches = guests.map((guest) => reachOf(indexed, guest, guest.node, kind));
  const items = guests.map((guest, number) => itemOf(indexed, guest, reaches[number]?.bins ?? new Uint8Array(0)));
  const { bins } = pack(items, binsOf(indexed, "p95"));
  const placed: ModelGuest[] = [];
  const homeless: Homeless[] = [];
  for (const [number, guest] of guests.entries()) {
    const to = model.nodes[bins[number] ?? -1]?.name;
    if (to !== undefined) placed.push({ ...guest, node: to });
    else homeless.push({ name: guest.name, why: reaches[number]?.none ?? "no node has room for it" });
  }
  return { model: { ...model, guests: [...model.guests, ...placed] }, homeless };
}

const itemOf = ({ groups }: IndexedModel, { need, apart }: ModelGuest, bins: Uint8Array): PackItem => ({
  cpu: need.p95.cpuCores,
  memory: need.p95.memoryBytes,
  bins,
  apart: apart.map((name) => groups.get(name) ?? -1),
});
