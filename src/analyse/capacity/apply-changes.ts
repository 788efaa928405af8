// Carries out the changes of a scenario on the model, one after the other: what moves, what finds no place, and why.
import type { NodeFailure } from "../../model/node-failure.ts";
import type { ChangeOf, ScenarioChange } from "../../model/scenario.ts";
import type { ClusterModel, GuestNeed, ModelCeph, ModelGuest } from "./cluster-model.ts";
import { findNode, newNodes, sizeOf } from "./effects.ts";
import { failureOf } from "./failure.ts";
import { indexModel } from "./free-room.ts";
import { type Homeless, placeGuests } from "./moves.ts";

export interface Applied {
  readonly model: ClusterModel;
  readonly homeless: readonly Homeless[];
  /** What the loss of nodes does, for those that the scenario loses. */
  readonly losses: readonly NodeFailure[];
}

/** Throws an InputError for a node or guest that the cluster does not have. */
export function applyChanges(model: ClusterModel, changes: readonly ScenarioChange[]): Applied {
  let applied: Applied = { model, homeless: [], losses: [] };
  for (const change of changes) {
    const next = applyChange(applied.model, change);
    applied = {
      model: next.model,
      homeless: [...applied.homeless, ...next.homeless],
      losses: [...applied.losses, ...next.losses],
    };
  }
  return applied;
}

function applyChange(model: ClusterModel, change: ScenarioChange): Applied {
  switch (change.change) {
    case "add_nodes":
      return unmoved(withNodes(model, change));
    case "remove_node":
      return { ...retired(model, change.node), losses: [] };
    case "lose_node":
      return lost(model, change.node);
    case "add_guests":
      return { ...placeGuests(model, newGuests(model, change), "move"), losses: [] };
    case "remove_guests":
      return unmoved({ ...model, guests: model.guests.filter(({ id }) => !change.guests.includes(id)) });
    case "grow_demand":
      return unmoved({ ...model, guests: model.guests.map((guest) => grown(guest, 1 + change.percent / 100)) });
  }
}

const unmoved = (model: ClusterModel): Applied => ({ model, homeless: [], losses: [] });

/** A new node gets every shared storage, and local ones as the node that it is like. */
function withNodes(model: ClusterModel, change: ChangeOf<"add_nodes">): ClusterModel {
  const added = newNodes(model.nodes, change);
  const names = added.map(({ name }) => name);
  const has = (storage: string, on: readonly string[]): boolean =>
    model.shared.includes(storage) || (change.like !== null && on.includes(change.like));
  const storages = Object.entries(model.storages).map(
    ([storage, on]) => [storage, has(storage, on) ? [...on, ...names] : on] as const,
  );
  return { ...model, nodes: [...model.nodes, ...added], storages: Object.fromEntries(storages), clustered: true };
}

function retired(model: ClusterModel, name: string): Omit<Applied, "losses"> {
  findNode(model.nodes, name);
  const [leaving, staying] = [model.guests.filter(isOn(name)), model.guests.filter((guest) => !isOn(name)(guest))];
  const rest = { ...model, nodes: model.nodes.filter((node) => node.name !== name), guests: staying };
  const { ceph } = model;
  return placeGuests(
    { ...rest, ceph: ceph === null ? null : { ...ceph, hosts: without(ceph.hosts, name) } },
    leaving,
    "move",
  );
}

const isOn =
  (name: string) =>
  ({ node }: ModelGuest): boolean =>
    node === name;

/** Afterwards everything for which a node was found runs there: also what needed a hand. */
function lost(model: ClusterModel, name: string): Applied {
  findNode(model.nodes, name);
  const failure = failureOf(indexModel(model), name);
  const found = [...failure.restarts, ...failure.restartsWithLoss, ...failure.needsHand];
  const places = new Map(found.map(({ id, to }) => [id, to]));
  const homeless = [...failure.stranded, ...failure.unknown].map((guest) => ({
    name: guest.name,
    why: guest.why ?? "no node has room for it",
  }));
  const guests = model.guests.flatMap((guest) => {
    if (guest.node !== name) return [guest];
    const to = places.get(guest.id) ?? null;
    return to === null ? [] : [{ ...guest, node: to }];
  });
  const nodes = model.nodes.map((node) => (node.name === name ? { ...node, online: false, open: false } : node));
  return {
    model: { ...model, nodes, guests, ceph: model.ceph === null ? null : withHostDown(model.ceph, name) },
    homeless,
    losses: [failure],
  };
}

const withHostDown = (ceph: ModelCeph, name: string): ModelCeph => ({
  ...ceph,
  hosts: without(ceph.hosts, name),
  hostsDown: ceph.hosts[name] === undefined ? ceph.hostsDown : [...ceph.hostsDown, name],
});

const without = (hosts: ModelCeph["hosts"], name: string): ModelCeph["hosts"] =>
  Object.fromEntries(Object.entries(hosts).filter(([host]) => host !== name));

function newGuests(model: ClusterModel, change: ChangeOf<"add_guests">): readonly ModelGuest[] {
  const { need, diskBytes } = sizeOf(model, change);
  const { storage, count, ha } = change;
  const isShared = storage !== null && model.shared.includes(storage);
  const before = model.guests.filter(({ id }) => id.startsWith("new/")).length;
  return Array.from({ length: count }, (_, number) => ({
    id: `new/${before + number + 1}`,
    vmid: 0,
    name: `new guest ${before + number + 1}`,
    node: "",
    need,
    diskBytes,
    disks: {
      shared: storage !== null && isShared ? [storage] : [],
      local: storage === null || isShared ? [] : [storage],
      copies: {},
    },
    tie: null,
    ha,
    onlyNodes: null,
    apart: [],
    together: [],
  }));
}

function grown(guest: ModelGuest, factor: number): ModelGuest {
  const times = (part: keyof Omit<GuestNeed, "basis">) => ({
    cpuCores: guest.need[part].cpuCores * factor,
    memoryBytes: guest.need[part].memoryBytes * factor,
  });
  return { ...guest, need: { ...guest.need, p95: times("p95"), mean: times("mean") } };
}
