// Guests by node, made anew only when a guest has changed.
import type { SimGuest } from "./entities.ts";

export interface GuestWorld {
  /** Grows with every change of guests. */
  readonly revision: number;
  readonly guests: ReadonlyMap<number, SimGuest>;
}

type ByNode = Map<string, SimGuest[]>;

export class GuestIndex {
  readonly #world: GuestWorld;
  /** Deleted ones: what they did stays in their nodes' numbers. */
  readonly #gone: SimGuest[] = [];
  #revision = -1;
  #now: ByNode = new Map();
  #ever: ByNode = new Map();
  #noisy: ByNode = new Map();

  constructor(world: GuestWorld) {
    this.#world = world;
  }

  remember(gone: SimGuest): void {
    this.#gone.push(gone);
  }

  now(node: string): readonly SimGuest[] {
    this.#refresh();
    return this.#now.get(node) ?? [];
  }

  /** All that ever ran there, also the deleted ones. */
  ever(node: string): readonly SimGuest[] {
    this.#refresh();
    return this.#ever.get(node) ?? [];
  }

  /** Of these the ones that pressed on the disks of others. */
  noisy(node: string): readonly SimGuest[] {
    this.#refresh();
    return this.#noisy.get(node) ?? [];
  }

  #refresh(): void {
    const { revision, guests } = this.#world;
    if (this.#revision === revision) return;
    this.#revision = revision;
    this.#now = new Map();
    this.#ever = new Map();
    this.#noisy = new Map();
    for (const guest of guests.values()) add(this.#now, guest.node, guest);
    for (const guest of [...guests.values(), ...this.#gone]) {
      for (const node of new Set([guest.node, ...guest.lives.map((life) => life.node)])) {
        add(this.#ever, node, guest);
        if (guest.load.neighbourIowait > 0) add(this.#noisy, node, guest);
      }
    }
  }
}

function add(map: ByNode, node: string, guest: SimGuest): void {
  const list = map.get(node);
  if (list === undefined) map.set(node, [guest]);
  else list.push(guest);
}
