// Makes one guest with its history: when it was created, when it ran, and the curves of its load.
import { createCurves } from "./archetypes.ts";
import type { Archetype, GuestLoad, Life, SimGuest, SimNode } from "./entities.ts";
import type { GuestPlan } from "./guest-plan.ts";
import { createRandom, hash, type Random } from "./random.ts";

const dayS = 86_400;
const megabyte = 1e6;

export interface GuestPlace {
  readonly vmid: number;
  readonly node: SimNode;
  readonly storage: string;
}

/** `anchorS` is the day that the planted past is laid around. */
export function buildGuest(plan: GuestPlan, place: GuestPlace, seed: number, anchorS: number): SimGuest {
  const random = createRandom(hash(seed, place.vmid));
  const createdAtS = anchorS - random.integer(place.vmid % 9 === 0 ? 40 : 380, place.vmid % 9 === 0 ? 300 : 700) * dayS;
  const lives = pastLives(plan.archetype, place.node, Math.max(createdAtS, 0), anchorS, random);
  return assembleGuest(plan, place, { seed: hash(seed, place.vmid), createdAtS, lives, anchorS });
}

/** A guest that comes into being now, stopped. */
export function freshGuest(plan: GuestPlan, place: GuestPlace, seed: number, nowS: number): SimGuest {
  return assembleGuest(plan, place, {
    seed: hash(seed, place.vmid + nowS),
    createdAtS: nowS,
    lives: [],
    anchorS: nowS,
  });
}

function assembleGuest(
  plan: GuestPlan,
  place: GuestPlace,
  history: {
    readonly seed: number;
    readonly createdAtS: number;
    readonly lives: Life[];
    readonly anchorS: number;
  },
): SimGuest {
  const { seed, anchorS } = history;
  const random = createRandom(seed ^ 0x5bd1);
  const { cpu, io, memory, truth } = createCurves(plan.archetype, seed, anchorS, plan.memoryBytes);
  const growth = diskGrowth(plan, random);
  const load: GuestLoad = {
    cpu,
    io,
    memory,
    netInScale: random.between(0.3, 12) * megabyte,
    netOutScale: random.between(0.3, 16) * megabyte,
    diskReadScale: random.between(0.5, 20) * megabyte,
    diskWriteScale: random.between(0.5, 12) * megabyte,
    hostShare: plan.balloon ? random.between(0.55, 0.95) : random.between(0.955, 0.985),
    diskAtS: anchorS,
    diskUsedBytes: Math.floor(plan.diskBytes * random.between(0.3, plan.archetype === "growing" ? 0.6 : 0.8)),
    diskGrowthBytesPerDay: growth,
    neighbourIowait: truth.noisy?.iowait ?? 0,
  };
  return {
    vmid: place.vmid,
    type: plan.type,
    name: plan.name,
    node: place.node.name,
    pool: plan.pool,
    tags: plan.tags,
    lock: undefined,
    template: plan.archetype === "template",
    cores: plan.cores,
    memoryBytes: plan.memoryBytes,
    diskBytes: plan.diskBytes,
    balloon: plan.balloon,
    ostype: plan.ostype,
    storage: place.storage,
    seed,
    createdAtS: history.createdAtS,
    lives: history.lives,
    load,
    truth: { ...truth, disk_growth_bytes_per_day: growth },
  };
}

/** Of the file system inside: PVE itself shows it for containers, the guest agent for VMs. */
function diskGrowth(plan: GuestPlan, random: Random): number {
  const perDay = plan.archetype === "growing" ? random.between(0.008, 0.02) : random.between(0, 0.0003);
  return Math.floor(plan.diskBytes * perDay);
}

/** One earlier run and the present one, with a pause between them; some were off for days, some are off now. */
function pastLives(archetype: Archetype, node: SimNode, createdAtS: number, anchorS: number, random: Random): Life[] {
  if (archetype === "template") return [];
  const firstS = createdAtS + random.integer(600, 7200);
  if (archetype === "powered-off") {
    return [{ node: node.name, fromS: firstS, toS: anchorS - random.integer(3, 90) * dayS }];
  }
  const latest = Math.max(node.bootedAtS + 120, anchorS - random.integer(1, 120) * dayS);
  const startedS = Math.max(latest + random.integer(0, 50_000), firstS + dayS);
  const pauseS = random.next() < 0.15 ? random.integer(1, 9) * dayS : random.integer(40, 200);
  const now = { node: node.name, fromS: startedS, toS: Number.POSITIVE_INFINITY };
  return startedS - pauseS <= firstS ? [now] : [{ node: node.name, fromS: firstS, toS: startedS - pauseS }, now];
}
