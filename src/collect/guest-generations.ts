// Which guest is meant by a vmid. PVE gives a vmid to another guest once the first is deleted; their histories must not
// be joined. So every guest has a generation: one more after its deletion was seen, after its type changed, or after it
// was absent from two complete listings.
import { type ClusterId, type EntityId, guestEntityId } from "../model/ids.ts";
import type { GuestEntity } from "../model/inventory.ts";

/** A round that was under way when the deletion ended may still have the guest. */
const deletionMs = 2_000;

interface Known {
  id: EntityId;
  generation: number;
  type: "qemu" | "lxc";
  gone: boolean;
}

export class GuestGenerations {
  readonly #cluster: ClusterId;
  readonly #byVmid = new Map<number, Known>();

  constructor(cluster: ClusterId, known: readonly GuestEntity[]) {
    this.#cluster = cluster;
    for (const guest of known) {
      const best = this.#byVmid.get(guest.vmid);
      if (best !== undefined && best.generation > guest.generation) continue;
      this.#byVmid.set(guest.vmid, {
        id: guest.id,
        generation: guest.generation,
        type: guest.type,
        gone: guest.goneAt !== null,
      });
    }
  }

  /** The id of the guest that has this vmid now; a vmid that is new, or was given up, begins a generation. */
  current(vmid: number, type: "qemu" | "lxc"): { readonly id: EntityId; readonly generation: number } {
    const known = this.#byVmid.get(vmid);
    if (known !== undefined && !known.gone && known.type === type) return known;
    const generation = known === undefined ? 1 : known.generation + 1;
    const next = { id: guestEntityId(this.#cluster, vmid, generation), generation, type, gone: false };
    this.#byVmid.set(vmid, next);
    return next;
  }

  /** The id that the vmid has, without beginning a generation. */
  peek(vmid: number): EntityId | undefined {
    return this.#byVmid.get(vmid)?.id;
  }

  /**
   * Whose sample it is that a node took at `ts` of a guest of this type. One answer may hold the last samples of a deleted
   * guest and the first of the next; `destroyedAt` is when the vmid was last given up, if its task was seen.
   */
  ownerAt(vmid: number, type: "qemu" | "lxc", ts: number, destroyedAt: number | undefined): EntityId | undefined {
    const known = this.#byVmid.get(vmid);
    if (known === undefined) return undefined;
    const isAfter = destroyedAt !== undefined && ts > destroyedAt + deletionMs;
    const isOther = known.type !== type;
    if (known.gone) return isAfter ? this.#idOf(vmid, known.generation + 1) : known.id;
    const isPredecessors = isOther || (destroyedAt !== undefined && !isAfter);
    return isPredecessors && known.generation > 1 ? this.#idOf(vmid, known.generation - 1) : known.id;
  }

  #idOf(vmid: number, generation: number): EntityId {
    return guestEntityId(this.#cluster, vmid, generation);
  }

  /** The guest was deleted: the next one under this vmid is another. */
  end(vmid: number): void {
    const known = this.#byVmid.get(vmid);
    if (known !== undefined) known.gone = true;
  }
}
