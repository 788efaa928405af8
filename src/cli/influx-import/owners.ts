// Whose a row of PVE's metric server is: it knows names and vmids, and we know that a vmid may have belonged to several
// guests one after the other.
import type { EntityId } from "../../model/ids.ts";
import type { Entity, GuestEntity } from "../../model/inventory.ts";
import type { PveBucketRow } from "../../store/index.ts";

export class Owners {
  readonly #nodes = new Map<string, EntityId>();
  readonly #storages = new Map<string, EntityId>();
  readonly #guests = new Map<string, GuestEntity[]>();

  constructor(entities: readonly Entity[]) {
    for (const entity of entities) {
      if (entity.kind === "node") this.#nodes.set(entity.name, entity.id);
      if (entity.kind === "storage") this.#storages.set(`${entity.node ?? ""}:${entity.storage}`, entity.id);
      if (entity.kind === "guest") this.#addGuest(entity);
    }
  }

  get nodes(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  /** Undefined for what we do not know, and for what was before the guest was created. */
  of({ kind, name, node, endMs }: PveBucketRow): EntityId | undefined {
    switch (kind) {
      case "node":
        return this.#nodes.get(name);
      case "storage":
        return this.#storages.get(`${node ?? ""}:${name}`) ?? this.#storages.get(`:${name}`);
      case "guest":
        return this.#guests.get(name)?.find((guest) => isAlive(guest, endMs))?.id;
    }
  }

  #addGuest(guest: GuestEntity): void {
    const name = String(guest.vmid);
    const all = [...(this.#guests.get(name) ?? []), guest].sort((a, b) => a.generation - b.generation);
    this.#guests.set(name, all);
  }
}

/** The first generation that was not gone yet; before its creation, where that is known, the vmid was another's. */
const isAlive = ({ createdAt, goneAt }: GuestEntity, ms: number): boolean =>
  (createdAt ?? Number.NEGATIVE_INFINITY) < ms && ms <= (goneAt ?? Number.POSITIVE_INFINITY);
