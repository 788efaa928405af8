// Which guests restart, and where, when a node is lost. HA's guests come first, then those that a person would start.
import type { FailedGuest, NodeFailure, UnplacedGuest } from "../../model/node-failure.ts";
import type { Amount, ModelGuest, Sizing } from "./cluster-model.ts";
import { failureSentence, verdictOf } from "./failure-words.ts";
import { binsOf, type IndexedModel, type Reach, reachOf } from "./free-room.ts";
import type { PackBins, PackItem } from "./pack-state.ts";
import { pack } from "./packing.ts";
import { cephWithout, quorumWithout } from "./quorum-and-ceph.ts";

export const failuresOf = (indexed: IndexedModel): readonly NodeFailure[] =>
  indexed.model.nodes.filter(({ online }) => online).map(({ name }) => failureOf(indexed, name));

export function failureOf(indexed: IndexedModel, lost: string): NodeFailure {
  const { model, guestsOn, numberOf } = indexed;
  const guests = guestsOn[numberOf.get(lost) ?? -1] ?? [];
  const quorum = quorumWithout(model, lost);
  const ceph = cephWithout(model, lost);
  const reaches = guests.map((guest) => reachOf(indexed, guest, lost, "failure"));
  const stopped = (guest: ModelGuest): string | null =>
    ceph !== null && !ceph.survives && guest.disks?.shared.some((name) => model.cephStorages.includes(name)) === true
      ? ceph.sentence
      : null;
  const movable = [...guests.keys()].filter((number) => canMove(guests[number], reaches[number], stopped));
  const question = { indexed, lost, guests, reaches, movable };
  const placed = placementOf(question, "p95");
  const judged = guests.map((guest, number) => {
    const to = model.nodes[placed[number] ?? -1]?.name ?? null;
    return judge(guest, { to, none: stopped(guest) ?? reaches[number]?.none ?? null, quorate: quorum?.kept ?? true });
  });
  const of = (list: ListName): readonly FailedGuest[] =>
    judged.filter((each) => each.list === list).map(({ guest }) => guest);
  const lists = {
    restarts: of("restarts"),
    restartsWithLoss: of("restartsWithLoss"),
    needsHand: of("needsHand"),
    stranded: of("stranded"),
    unknown: of("unknown"),
  };
  const unplaced = movable.filter((number) => (placed[number] ?? -1) < 0);
  const facts = {
    node: lost,
    ...lists,
    quorum,
    ceph,
    largestUnplaced: largest(unplaced.flatMap((number) => guests[number] ?? [])),
    roomOnAverage: unplaced.length === 0 || hasRoom(question, "mean"),
  };
  return { ...facts, verdict: verdictOf(facts), sentence: failureSentence(facts) };
}

type ListName = "restarts" | "restartsWithLoss" | "needsHand" | "stranded" | "unknown";

const canMove = (
  guest: ModelGuest | undefined,
  reach: Reach | undefined,
  stopped: (guest: ModelGuest) => string | null,
): boolean => guest !== undefined && guest.disks !== null && reach?.none === null && stopped(guest) === null;

interface FailureQuestion {
  readonly indexed: IndexedModel;
  readonly lost: string;
  readonly guests: readonly ModelGuest[];
  readonly reaches: readonly Reach[];
  /** Numbers of the guests that some other node could run. */
  readonly movable: readonly number[];
}

/** By guest: the node it fits on, or −1. */
function placementOf(question: FailureQuestion, sizing: Sizing): Int32Array {
  const { guests, movable, indexed } = question;
  const bins = binsOf(indexed, sizing);
  const bundles = bundlesOf(question, movable, sizing);
  const all = pack(
    bundles.map(({ item }) => item),
    bins,
  ).bins;
  if (!all.includes(-1)) return spreadOut(guests.length, bundles, all);
  // Not all fit: HA does not wait for a person, so its guests take their places first.
  const isHa = ({ members }: Bundle): boolean => members.some((number) => guests[number]?.ha === true);
  const [first, second] = [bundles.filter(isHa), bundles.filter((bundle) => !isHa(bundle))];
  const firstBins = pack(
    first.map(({ item }) => item),
    bins,
  ).bins;
  const left = after(bins, first, firstBins);
  const secondBins = pack(
    second.map(({ item }) => item),
    left,
  ).bins;
  return spreadOut(guests.length, [...first, ...second], Int32Array.from([...firstBins, ...secondBins]));
}

function hasRoom(question: FailureQuestion, sizing: Sizing): boolean {
  const items = bundlesOf(question, question.movable, sizing).map(({ item }) => item);
  return !pack(items, binsOf(question.indexed, sizing)).bins.includes(-1);
}

/** Guests that must share a node move as one. */
interface Bundle {
  readonly members: readonly number[];
  readonly item: PackItem;
}

function bundlesOf(question: FailureQuestion, movable: readonly number[], sizing: Sizing): readonly Bundle[] {
  const bundles: { members: number[]; groups: Set<string> }[] = [];
  for (const number of movable) {
    const mine = question.guests[number]?.together ?? [];
    const joined = bundles.filter(({ groups }) => mine.some((group) => groups.has(group)));
    const members = [...joined.flatMap((bundle) => bundle.members), number];
    const groups = new Set([...joined.flatMap((bundle) => [...bundle.groups]), ...mine]);
    for (const old of joined) bundles.splice(bundles.indexOf(old), 1);
    bundles.push({ members, groups });
  }
  return bundles.map(({ members }) => ({ members, item: itemOf(question, members, sizing) }));
}

function itemOf(
  { indexed, lost, guests, reaches }: FailureQuestion,
  members: readonly number[],
  sizing: Sizing,
): PackItem {
  const { model, groups, load, numberOf } = indexed;
  const place = numberOf.get(lost) ?? -1;
  // Pages that KSM had merged are counted once among guests of this node; elsewhere each needs its own.
  const shared = load[sizing][place]?.memoryBytes ?? 0;
  const apart = shared > 0 ? 1 + (model.nodes[place]?.ksmBytes ?? 0) / shared : 1;
  const bins = new Uint8Array(model.nodes.length).fill(1);
  let [cpu, memory] = [0, 0];
  const kept = new Set<number>();
  for (const number of members) {
    const guest = guests[number];
    const reach = reaches[number];
    if (guest === undefined || reach === undefined) continue;
    cpu += guest.need[sizing].cpuCores;
    memory += guest.need[sizing].memoryBytes * apart;
    for (const name of guest.apart) {
      const group = groups.get(name) ?? -1;
      // Rules that contradict each other leave no place.
      if (kept.has(group)) bins.fill(0);
      kept.add(group);
    }
    for (const [bin, allowed] of reach.bins.entries()) if (allowed === 0) bins[bin] = 0;
  }
  return { cpu, memory, bins, apart: [...kept] };
}

function spreadOut(count: number, bundles: readonly Bundle[], bins: Int32Array): Int32Array {
  const placed = new Int32Array(count).fill(-1);
  for (const [place, { members }] of bundles.entries()) {
    for (const number of members) placed[number] = bins[place] ?? -1;
  }
  return placed;
}

function after({ cpu, memory, taken }: PackBins, bundles: readonly Bundle[], placed: Int32Array): PackBins {
  const left = {
    cpu: Float64Array.from(cpu),
    memory: Float64Array.from(memory),
    taken: taken.map((set) => new Set(set)),
  };
  for (const [place, { item }] of bundles.entries()) {
    const bin = placed[place] ?? -1;
    if (bin < 0) continue;
    left.cpu[bin] = (left.cpu[bin] ?? 0) - item.cpu;
    left.memory[bin] = (left.memory[bin] ?? 0) - item.memory;
    for (const group of item.apart) left.taken[bin]?.add(group);
  }
  return left;
}

interface Chance {
  readonly to: string | null;
  /** Why no node comes into question. */
  readonly none: string | null;
  readonly quorate: boolean;
}

function judge(
  guest: ModelGuest,
  { to, none, quorate }: Chance,
): { readonly list: ListName; readonly guest: FailedGuest } {
  const { id, vmid, name, disks, ha } = guest;
  const base = { id, vmid, name, to, losesSince: null };
  if (disks === null) return { list: "unknown", guest: { ...base, why: "its configuration has not been read" } };
  if (none !== null) return { list: "stranded", guest: { ...base, to: null, why: none } };
  if (to === null) return { list: "stranded", guest: { ...base, why: "no place was found that has room for it" } };
  const losesSince = disks.local.length > 0 ? (disks.copies[to] ?? null) : null;
  const found = { ...base, losesSince };
  if (!ha) return { list: "needsHand", guest: { ...found, why: "is not under HA" } };
  if (!quorate) return { list: "needsHand", guest: { ...found, why: "HA restarts nothing without quorum" } };
  return { list: losesSince === null ? "restarts" : "restartsWithLoss", guest: { ...found, why: null } };
}

function largest(guests: readonly ModelGuest[]): UnplacedGuest | null {
  let found: { readonly guest: ModelGuest; readonly need: Amount } | null = null;
  for (const guest of guests) {
    const need = guest.need.p95;
    if (found === null || need.memoryBytes > found.need.memoryBytes) found = { guest, need };
  }
  return found === null ? null : { id: found.guest.id, name: found.guest.name, ...found.need };
}
