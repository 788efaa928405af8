// How full a storage is at a moment: a line, with a weekly saw-tooth where backups pile up and are pruned.
import type { SimGuest, SimNode, SimStorage, SimVolume } from "./entities.ts";

const weekS = 7 * 86_400;
/** The Sunday 03:00 UTC on which pruning runs, in seconds after the epoch's Thursday. */
const pruneOffsetS = 3 * 86_400 + 3 * 3600;

/** The volume behind a storage on a node; undefined where the node does not have the storage. */
export function volumeOf(storage: SimStorage, node: string): SimVolume | undefined {
  if (storage.nodes !== undefined && !storage.nodes.includes(node)) return undefined;
  return storage.volumes.get(storage.shared ? "" : node);
}

export function usedBytes(volume: SimVolume, atS: number): number {
  const line = volume.usedBytes + (volume.growthBytesPerDay * (atS - volume.atS)) / 86_400;
  const intoWeek = ((((atS - pruneOffsetS) % weekS) + weekS) % weekS) / weekS;
  const used = line + volume.weeklySawBytes * intoWeek;
  return Math.min(0.99 * volume.totalBytes, Math.max(0.01 * volume.totalBytes, used));
}

export const storageNamed = (storages: readonly SimStorage[], id: string): SimStorage | undefined =>
  storages.find((storage) => storage.id === id);

export const storagesOf = (storages: readonly SimStorage[], node: SimNode): readonly SimStorage[] =>
  storages.filter((storage) => volumeOf(storage, node.name) !== undefined);

/** Where a guest's disk is after a move: a local one ends on the target's own pool. */
export function storageAfterMove(storages: readonly SimStorage[], guest: SimGuest, target: string): string {
  const has = (storage: SimStorage): boolean => volumeOf(storage, target) !== undefined;
  const now = storageNamed(storages, guest.storage);
  if (now !== undefined && has(now)) return guest.storage;
  const images = (storage: SimStorage): boolean => storage.content.includes("images") && !storage.shared;
  return storages.find((storage) => has(storage) && images(storage))?.id ?? guest.storage;
}
