// What is free on each node, and which nodes a guest may move to at all.
import {
  type Amount,
  type ClusterModel,
  type GuestDisks,
  type ModelGuest,
  type ModelNode,
  nothing,
  roomOf,
  type Sizing,
} from "./cluster-model.ts";
import type { PackBins } from "./pack-state.ts";

/** The model with what is asked of it again and again: numbers instead of names, sums by node. */
export interface IndexedModel {
  readonly model: ClusterModel;
  readonly numberOf: ReadonlyMap<string, number>;
  readonly guestsOn: readonly (readonly ModelGuest[])[];
  /** By sizing: what guests need together, node by node. */
  readonly load: Readonly<Record<Sizing, readonly Amount[]>>;
  /** Numbers of the apart groups, and of those that have a member running on each node. */
  readonly groups: ReadonlyMap<string, number>;
  /** Filled as it is asked; see refusalsOf. */
  readonly refusals: Map<string, readonly (string | null)[]>;
}

/** `more`: guests that are to be placed and run nowhere in the model; their groups get numbers too. */
export function indexModel(model: ClusterModel, more: readonly ModelGuest[] = []): IndexedModel {
  const numberOf = new Map(model.nodes.map(({ name }, number) => [name, number]));
  const guestsOn: ModelGuest[][] = model.nodes.map(() => []);
  const groups = new Map<string, number>();
  for (const guest of model.guests) guestsOn[numberOf.get(guest.node) ?? -1]?.push(guest);
  for (const { apart } of [...model.guests, ...more]) {
    for (const group of apart) if (!groups.has(group)) groups.set(group, groups.size);
  }
  const load = (sizing: Sizing): readonly Amount[] => guestsOn.map((guests) => loadOf(guests, sizing));
  return { model, numberOf, guestsOn, load: { p95: load("p95"), mean: load("mean") }, groups, refusals: new Map() };
}

function loadOf(guests: readonly ModelGuest[], sizing: Sizing): Amount {
  let [cpuCores, memoryBytes] = [0, 0];
  for (const { need } of guests) {
    cpuCores += need[sizing].cpuCores;
    memoryBytes += need[sizing].memoryBytes;
  }
  return { cpuCores, memoryBytes };
}

/** One bin per node; closed nodes are bins without room. */
export function binsOf({ model, guestsOn, load, groups }: IndexedModel, sizing: Sizing): PackBins {
  const free = model.nodes.map((node, number) => freeOf(node, load[sizing][number] ?? nothing));
  return {
    cpu: Float64Array.from(free, ({ cpuCores }) => cpuCores),
    memory: Float64Array.from(free, ({ memoryBytes }) => memoryBytes),
    taken: guestsOn.map(
      (guests) => new Set(guests.flatMap(({ apart }) => apart.map((name) => groups.get(name) ?? -1))),
    ),
  };
}

export function freeOf(node: ModelNode, load: Amount): Amount {
  const room = node.open ? roomOf(node) : null;
  if (room === null) return nothing;
  return { cpuCores: room.cpuCores - load.cpuCores, memoryBytes: room.memoryBytes - load.memoryBytes };
}

export interface Reach {
  /** By node: 1 where it may run. */
  readonly bins: Uint8Array;
  /** Why it is none; null when there is at least one. */
  readonly none: string | null;
}

/** failure: its node is gone, a disk has to be there already · move: its local disks go along to a storage of that name */
export type MoveKind = "failure" | "move";

/** Which other nodes a guest could run on, room aside. */
export function reachOf(indexed: IndexedModel, guest: ModelGuest, without: string, kind: MoveKind): Reach {
  const { model, guestsOn } = indexed;
  const bins = new Uint8Array(model.nodes.length);
  const refusals = refusalsOf(indexed, guest, kind);
  const refused = new Set<string>();
  for (let number = 0; number < bins.length; number++) {
    if (model.nodes[number]?.name === without) continue;
    const why = refusals[number] ?? awayFromFriends(guest, guestsOn, number, without);
    if (why === null) bins[number] = 1;
    else refused.add(why);
  }
  if (bins.includes(1)) return { bins, none: null };
  return { bins, none: refused.size === 0 ? "there is no other node" : [...refused].join("; ") };
}

/** By node. Most guests are alike in what decides it, so that each sort is looked at once. */
function refusalsOf({ model, refusals }: IndexedModel, guest: ModelGuest, kind: MoveKind): readonly (string | null)[] {
  const { tie, disks, onlyNodes } = guest;
  const sort = [kind, tie, onlyNodes?.join(), disks?.shared.join(), disks?.local.join(), copiesKey(disks)].join("\n");
  const known = refusals.get(sort);
  if (known !== undefined) return known;
  const found = model.nodes.map((node) => refusalOf(model, guest, node, kind));
  refusals.set(sort, found);
  return found;
}

const copiesKey = (disks: GuestDisks | null): string => (disks === null ? "" : Object.keys(disks.copies).join());

function refusalOf(model: ClusterModel, guest: ModelGuest, node: ModelNode, kind: MoveKind): string | null {
  if (guest.tie !== null) return guest.tie;
  if (!node.open) return "other nodes are offline or in maintenance";
  const { disks, onlyNodes } = guest;
  if (onlyNodes !== null && !onlyNodes.includes(node.name)) return `may only run on ${onlyNodes.join(", ")}`;
  if (disks === null) return null;
  const missing = disks.shared.find((storage) => !(model.storages[storage] ?? []).includes(node.name));
  if (missing !== undefined) return `other nodes do not have the storage ${missing}`;
  return kind === "failure" ? copyMissing(disks, node) : storageMissing(model, disks, node);
}

function copyMissing({ local: [local], copies }: GuestDisks, node: ModelNode): string | null {
  if (local === undefined || copies[node.name] !== undefined) return null;
  return `has disks on the local storage ${local}, and no replica`;
}

function storageMissing({ storages }: ClusterModel, { local }: GuestDisks, node: ModelNode): string | null {
  const missing = local.find((storage) => !(storages[storage] ?? []).includes(node.name));
  return missing === undefined ? null : `other nodes have no storage ${missing}`;
}

/** Those that must share a node follow the ones that go on running. */
function awayFromFriends(
  { together }: ModelGuest,
  guestsOn: IndexedModel["guestsOn"],
  number: number,
  without: string,
): string | null {
  for (const group of together) {
    const isMember = (guest: ModelGuest): boolean => guest.together.includes(group);
    const runsElsewhere = guestsOn.some((guests) => guests.some((each) => each.node !== without && isMember(each)));
    if (runsElsewhere && !(guestsOn[number] ?? []).some(isMember))
      return `${group} keeps it with guests of another node`;
  }
  return null;
}
