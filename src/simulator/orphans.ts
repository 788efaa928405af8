// Volumes that were left behind: their guest is gone, and no configuration names them.
import type { SimNode, SimStorage } from "./entities.ts";
import { volumeOf } from "./volume-measure.ts";

export interface Orphan {
  readonly storage: string;
  readonly node: string;
  readonly vmid: number;
  readonly volid: string;
  readonly sizeBytes: number;
}

/** One, on the first node that has a local pool for images. Its vmid is far from those that guests get. */
export function planOrphans(nodes: readonly SimNode[], storages: readonly SimStorage[]): readonly Orphan[] {
  for (const node of nodes) {
    const has = (storage: SimStorage): boolean =>
      !storage.shared && storage.content.includes("images") && volumeOf(storage, node.name) !== undefined;
    const storage = storages.find(has);
    if (storage === undefined) continue;
    const vmid = 90_001;
    const volid = `${storage.id}:vm-${vmid}-disk-0`;
    return [{ storage: storage.id, node: node.name, vmid, volid, sizeBytes: 32 * 2 ** 30 }];
  }
  return [];
}
