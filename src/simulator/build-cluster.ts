// Lays out a whole cluster from a seed: guests first, then nodes that fit them at believable use, then storages.
import { assignArchetypes } from "./archetypes.ts";
import { buildGuest } from "./build-guest.ts";
import { buildStorages, guestStorage } from "./build-storages.ts";
import type { Gap, NodeHardware, SimGuest, SimNode, SimStorage } from "./entities.ts";
import { type GuestPlan, planGuest } from "./guest-plan.ts";
import { createRandom, hash, type Random } from "./random.ts";
import { createSignal } from "./signal.ts";

export interface ClusterPlan {
  readonly nodes: readonly SimNode[];
  readonly guests: readonly SimGuest[];
  readonly storages: readonly SimStorage[];
  readonly gaps: readonly Gap[];
}

const gib = 2 ** 30;
const dayS = 86_400;

export function buildCluster(options: {
  readonly nodes: number;
  readonly guests: number;
  readonly seed: number;
  /** Midnight UTC that the planted past is laid around, in epoch seconds. */
  readonly anchorS: number;
  /** Whether the nodes run Ceph themselves; default no. */
  readonly ceph?: boolean;
  /** What each node runs, by its number from 0, oldest first; default 9.2. */
  readonly releasesOf?: (index: number) => SimNode["releases"];
}): ClusterPlan {
  const { seed, anchorS } = options;
  const random = createRandom(hash(seed, 1));
  const archetypes = assignArchetypes(options.guests, random);
  const plans = archetypes.map((archetype, index) => planGuest(archetype, index, random));
  const demand = plans.reduce((sum, plan) => sum + hostDemand(plan), 0);
  const targets = Array.from({ length: options.nodes }, (_, index) => targetUse(index, random));
  const nodes = targets.map((_, index) => ({
    ...buildNode(index, demand / options.nodes / 0.52, seed, anchorS),
    releases: options.releasesOf?.(index) ?? [{ fromS: 0, release: "9.2" }],
  }));
  const homes = placeGuests(plans, nodes, targets);
  const guests = plans.map((plan, index) => {
    const node = homes[index] as SimNode;
    const place = { vmid: 100 + index, node, storage: guestStorage(node, hash(seed, 900 + index)) };
    return buildGuest(plan, place, seed, anchorS);
  });
  const storages = buildStorages(nodes, guests, seed, anchorS, options.ceph === true);
  return { nodes, guests, storages, gaps: plantGaps(nodes, anchorS) };
}

/** The second node is the hot one. */
const targetUse = (index: number, random: Random): number => (index === 1 ? 0.62 : random.between(0.36, 0.55));

const hostDemand = (plan: GuestPlan): number =>
  plan.archetype === "template" || plan.archetype === "powered-off" ? 0 : plan.memoryBytes * 0.8;

const processors = [
  { model: "AMD EPYC 7543 32-Core Processor", vendor: "AuthenticAMD", mhz: "2794.749" },
  { model: "Intel(R) Xeon(R) Gold 6326 CPU @ 2.90GHz", vendor: "GenuineIntel", mhz: "2900.000" },
  { model: "AMD EPYC 9354 32-Core Processor", vendor: "AuthenticAMD", mhz: "3250.000" },
] as const;

/** Hardware differs: the third node is larger, the fifth smaller than the average that is needed. */
function buildNode(index: number, memoryNeeded: number, seed: number, anchorS: number): Omit<SimNode, "releases"> {
  const random = createRandom(hash(seed, 50 + index));
  const scale = index % 6 === 2 ? 1.35 : index % 6 === 4 ? 0.7 : 1;
  const memoryGib = Math.max(32, Math.round((memoryNeeded * scale) / gib / 32) * 32);
  const threads = Math.max(8, Math.round(memoryGib / 4 / 8) * 8);
  const processor = processors[index % processors.length] ?? processors[0];
  const hardware: NodeHardware = {
    ...processor,
    sockets: threads > 64 ? 2 : 1,
    cores: threads / 2,
    threads,
    // The kernel keeps a little for itself.
    memoryBytes: memoryGib * gib - 700 * 2 ** 20 - index * 4096,
    rootBytes: 93 * gib + index * 1024 * 1024,
    swapBytes: 8 * gib - 4096,
    zfs: index % 2 === 0,
  };
  return {
    name: `pve${index + 1}`,
    nodeId: index + 1,
    ip: `127.0.0.${index + 1}`,
    seed: hash(seed, 70 + index),
    hardware,
    phaseS: (index * 3 + 1) % 10,
    bootedAtS: anchorS - random.integer(125, 200) * dayS + random.integer(0, 80_000),
    overhead: createSignal({
      seed: hash(seed, 90 + index),
      weekly: new Array<number>(168).fill(0.02),
      daily: 0.1,
      noise: 0.5,
      segments: [],
    }),
    overheadNetBytesPerSecond: random.between(20_000, 90_000),
  };
}

/** Largest first, each to the node with the most memory left under its target. */
function placeGuests(plans: readonly GuestPlan[], nodes: readonly SimNode[], targets: readonly number[]): SimNode[] {
  const room = nodes.map((node, index) => (targets[index] ?? 0.5) * node.hardware.memoryBytes);
  const homes: SimNode[] = [];
  const order = plans.map((plan, index) => ({ plan, index })).sort((a, b) => b.plan.memoryBytes - a.plan.memoryBytes);
  for (const { plan, index } of order) {
    const best = room.indexOf(Math.max(...room));
    const node = nodes[best];
    if (node === undefined) continue;
    room[best] = (room[best] ?? 0) - Math.max(hostDemand(plan), gib / 4);
    homes[index] = node;
  }
  return homes;
}

/** pvestatd stood still twice on one node: RRD has holes there for the node and all that runs on it. */
function plantGaps(nodes: readonly SimNode[], anchorS: number): readonly Gap[] {
  const node = nodes[Math.min(3, nodes.length - 1)];
  if (node === undefined) return [];
  const gap = (daysBack: number, hours: number): Gap => ({
    node: node.name,
    fromS: anchorS - daysBack * dayS + 7200,
    toS: anchorS - daysBack * dayS + 7200 + hours * 3600,
  });
  return [gap(40, 30), gap(3, 4)];
}
