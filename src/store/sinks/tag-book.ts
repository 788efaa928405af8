// What the tags of a series need and a batch does not carry: the type of a guest, the plugin of a storage, and a guest's
// node where the row has none. The main thread tells it from the inventory.
import type { EntityId } from "../../model/ids.ts";

export interface EntityTags {
  readonly id: EntityId;
  readonly name: string;
  /** qemu or lxc, the plugin of a storage; null when it has none. */
  readonly type: string | null;
  readonly node: string | null;
}

/** A point that is written without its type gets a twin when it comes again with it; so a sink waits a little. */
const waitMs = 30_000;

export class TagBook {
  readonly #known = new Map<EntityId, EntityTags>();
  readonly #askedAt = new Map<EntityId, number>();

  #isTold = false;

  tell(entities: readonly EntityTags[]): void {
    this.#isTold = true;
    for (const entity of entities) this.#known.set(entity.id, entity);
  }

  get(id: EntityId): EntityTags | undefined {
    return this.#known.get(id);
  }

  /** True for half a minute after it was first asked about something unknown; never where nobody tells anything. */
  isWorthWaiting(id: EntityId, nowMs: number): boolean {
    if (!this.#isTold || this.#known.has(id)) return false;
    const since = this.#askedAt.get(id) ?? nowMs;
    this.#askedAt.set(id, since);
    return nowMs - since < waitMs;
  }
}
