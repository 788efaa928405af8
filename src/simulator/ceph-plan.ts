// The Ceph cluster that the nodes run themselves: how many OSDs, how large, and which nodes have monitors.
import type { SimNode, SimStorage, SimVolume } from "./entities.ts";
import { createRandom, hash } from "./random.ts";
import { storageNamed } from "./volume-measure.ts";

export const cephStorage = "ceph-1";
/** Copies of everything; the pool's size. */
export const replicas = 3;

export interface CephPlan {
  readonly fsid: string;
  readonly osds: { readonly perNode: number; readonly bytes: number };
  readonly monitors: readonly string[];
  /** The pool behind the storage: its total is what can be stored, its use what is. */
  readonly volume: SimVolume;
}

/** The OSDs are as large as the storage's total asks for, three copies and a reserve of 5 % below full. */
export function planCeph(nodes: readonly SimNode[], storages: readonly SimStorage[], seed: number): CephPlan {
  const volume = storageNamed(storages, cephStorage)?.volumes.get("");
  if (volume === undefined) throw new RangeError("a cluster with Ceph needs the storage on it");
  const perNode = 2;
  const hex = createRandom(hash(seed, 6001)).hex(32);
  return {
    fsid: [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-"),
    osds: { perNode, bytes: (volume.totalBytes * replicas) / 0.95 / (perNode * nodes.length) },
    monitors: nodes.slice(0, nodes.length >= 3 ? 3 : 1).map((node) => node.name),
    volume,
  };
}
