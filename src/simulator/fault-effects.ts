// What the faults that are set mean for a node, a storage or a guest.
import type { SimStorage } from "./entities.ts";
import type { FaultList } from "./fault-list.ts";
import { storageNamed, volumeOf } from "./volume-measure.ts";

export interface FaultWorld {
  readonly faults: FaultList;
  readonly storages: readonly SimStorage[];
}

export const isDead = ({ faults }: FaultWorld, node: string): boolean =>
  faults.all("dead-node").some((fault) => fault.node === node);

export const skewMs = ({ faults }: FaultWorld, node: string): number =>
  faults.all("clock-skew").reduce((sum, fault) => sum + (fault.node === node ? fault.ms : 0), 0);

export const counterFault = ({ faults }: FaultWorld, vmid: number): "zero" | "stuck" | "backwards" | undefined =>
  faults.all("counters").find((fault) => fault.vmid === vmid)?.mode;

/** Whether the storage does not answer on the node, in whichever way. */
export const storageHangs = ({ faults }: FaultWorld, storage: string, node: string): boolean =>
  faults
    .all("storage-hung")
    .some((fault) => fault.storage === storage && (fault.node === undefined || fault.node === node));

/** Whether it blocks everybody who looks at it. */
export function storageStalls(world: FaultWorld, storage: string, node: string): boolean {
  const known = storageNamed(world.storages, storage);
  if (known === undefined || volumeOf(known, node) === undefined) return false;
  const stalls = world.faults.all("storage-hung").filter((fault) => fault.mode === "stalls");
  return stalls.some((fault) => fault.storage === storage && (fault.node === undefined || fault.node === node));
}

/** Whether the node's pvestatd stands still. */
export function pvestatdHangs(world: FaultWorld, node: string): boolean {
  if (world.storages.some((storage) => storageStalls(world, storage.id, node))) return true;
  return world.faults.all("pvestatd-hung").some((fault) => fault.node === node);
}
