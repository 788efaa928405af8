// Which disks a node has, what they carry, and what is planted in their health.
import type { SimNode, SimStorage } from "./entities.ts";
import { createRandom, hash, type Random } from "./random.ts";
import { volumeOf } from "./volume-measure.ts";

export type DiskKind = "hdd" | "ssd" | "nvme";

export interface SimDisk {
  readonly node: string;
  readonly devpath: string;
  readonly kind: DiskKind;
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  readonly wwn: string;
  readonly sizeBytes: number;
  readonly use: DiskUse;
  readonly seed: number;
  /** Powered on since then. */
  readonly installedAtS: number;
  /** Percent of its rated writes that is used up at `atS`, and that comes on top per day. */
  readonly wear: { readonly atS: number; readonly percent: number; readonly perDay: number };
  readonly fate: DiskFate;
}

export type DiskUse =
  | { readonly kind: "zfs"; readonly pool: string; readonly boot: boolean }
  | { readonly kind: "lvm"; readonly boot: boolean }
  | { readonly kind: "osd"; readonly osdId: number }
  | { readonly kind: "unused" };

export type DiskFate =
  | { readonly kind: "healthy" }
  /** A few sectors were reallocated long ago and the cable makes transfer errors now and then: no sign of failure. */
  | { readonly kind: "noisy" }
  /** Counters rise from `precursorAtS` until SMART says FAILED at `failsAtS`. */
  | { readonly kind: "failing"; readonly precursorAtS: number; readonly failsAtS: number };

export interface DiskWorld {
  readonly nodes: readonly SimNode[];
  readonly storages: readonly SimStorage[];
  readonly seed: number;
  readonly anchorS: number;
  /** Bytes of each OSD and how many a node has; undefined without Ceph. */
  readonly osds: { readonly perNode: number; readonly bytes: number } | undefined;
}

/** The share of a pool that is for data: ZFS keeps a thirty-second for itself. */
export const zfsSlop = 31 / 32;
export const rootPool = "rpool";
export const sparePool = "tank";

const dayS = 86_400;
const terabyte = 1e12;

export function planDisks(world: DiskWorld): ReadonlyMap<string, readonly SimDisk[]> {
  return new Map(world.nodes.map((node) => [node.name, nodeDisks(world, node)]));
}

function nodeDisks(world: DiskWorld, node: SimNode): readonly SimDisk[] {
  const { seed, storages } = world;
  const make = createMaker(world, node);
  const pool = storages.find((storage) => storage.id === (node.hardware.zfs ? "local-zfs" : "local-lvm"));
  const bytes = (pool === undefined ? undefined : volumeOf(pool, node.name)?.totalBytes) ?? node.hardware.rootBytes;
  const disks: SimDisk[] = [];
  if (node.hardware.zfs) {
    const size = sectors(bytes / zfsSlop);
    for (let i = 0; i < 2; i++) disks.push(make("ssd", size, { kind: "zfs", pool: rootPool, boot: true }));
    for (let i = 0; i < 2; i++) disks.push(make("hdd", 8 * terabyte, { kind: "zfs", pool: sparePool, boot: false }));
  } else {
    disks.push(make("nvme", sectors((bytes + node.hardware.rootBytes) * 1.02), { kind: "lvm", boot: true }));
    disks.push(make("hdd", 4 * terabyte, { kind: "unused" }));
  }
  const { perNode = 0, bytes: osdBytes = 0 } = world.osds ?? {};
  for (let i = 0; i < perNode; i++) {
    const kind = hash(seed, 4000 + node.nodeId) % 2 === 0 ? "nvme" : "ssd";
    disks.push(make(kind, sectors(osdBytes), { kind: "osd", osdId: (node.nodeId - 1) * perNode + i }));
  }
  return disks;
}

const sectors = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;

const models: Readonly<Record<DiskKind, readonly (readonly [vendor: string, model: string])[]>> = {
  hdd: [
    ["ATA", "ST8000NM000A-2KE101"],
    ["ATA", "TOSHIBA_MG06ACA800E"],
  ],
  ssd: [
    ["ATA", "INTEL_SSDSC2KB038T8"],
    ["ATA", "KINGSTON_SEDC500M3840G"],
  ],
  nvme: [
    ["unknown", "SAMSUNG MZQL27T6HBLA-00A07"],
    ["unknown", "INTEL SSDPE2KX080T8"],
  ],
};

type Make = (kind: DiskKind, sizeBytes: number, use: DiskUse) => SimDisk;

function createMaker({ seed, anchorS }: DiskWorld, node: SimNode): Make {
  let letters = 0;
  let flash = 0;
  let spinning = 0;
  return (kind, sizeBytes, use) => {
    const devpath = kind === "nvme" ? `/dev/nvme${flash++}n1` : `/dev/sd${String.fromCharCode(97 + letters++)}`;
    const own = hash(seed ^ hash(77, node.nodeId), hash(5, letters * 100 + flash));
    const random = createRandom(own);
    const [vendor, model] = random.pick(models[kind]);
    const nth = kind === "hdd" ? spinning++ : -1;
    return {
      node: node.name,
      devpath,
      kind,
      vendor,
      model,
      serial: random.hex(kind === "nvme" ? 14 : 10).toUpperCase(),
      wwn: kind === "nvme" ? `eui.${random.hex(16)}` : `0x5${random.hex(15)}`,
      sizeBytes,
      use,
      seed: own,
      installedAtS: anchorS - random.integer(500, 1500) * dayS - random.integer(0, 80_000),
      wear: wearOf(node, kind, use, anchorS, random),
      fate: fateOf(node, nth, anchorS, random),
    };
  };
}

/** The system disk of the second node wears out within a year; the others last. */
function wearOf(node: SimNode, kind: DiskKind, use: DiskUse, anchorS: number, random: Random): SimDisk["wear"] {
  if (kind === "hdd") return { atS: anchorS, percent: 0, perDay: 0 };
  const worn = node.nodeId === 2 && use.kind === "lvm";
  const percent = worn ? random.between(68, 76) : random.between(2, 25);
  return { atS: anchorS, percent, perDay: worn ? random.between(0.11, 0.16) : random.between(0.002, 0.015) };
}

/** The first node's first spinning disk fails within a week, its second one only looks odd. */
function fateOf(node: SimNode, nth: number, anchorS: number, random: Random): DiskFate {
  if (node.nodeId !== 1 || nth < 0) return { kind: "healthy" };
  if (nth === 1) return { kind: "noisy" };
  const failsAtS = anchorS + random.integer(3, 6) * dayS + random.integer(0, 80_000);
  return { kind: "failing", precursorAtS: failsAtS - random.integer(12, 17) * dayS, failsAtS };
}

export const byIdLink = (disk: SimDisk): string =>
  `/dev/disk/by-id/${disk.kind === "nvme" ? "nvme" : "ata"}-${disk.model.replaceAll(" ", "_")}_${disk.serial}`;
