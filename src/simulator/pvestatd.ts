// Each node's status daemon: every ten seconds it measures, tells the cluster, and keeps its last 181 rounds for
// /cluster/metrics/export. Rounds live in typed arrays; what the columns mean is written once per change of the guests.
import type { Release, SimGuest, SimNode, SimStorage } from "./entities.ts";
import { counterFault, type FaultWorld, skewMs, storageHangs } from "./fault-effects.ts";
import { readGuest } from "./guest-measure.ts";
import { nodeFields, readNode } from "./node-measure.ts";
import { releaseAt } from "./releases.ts";
import { storagesOf, usedBytes, volumeOf } from "./volume-measure.ts";

export const generationS = 10;
export const keptGenerations = 181;
/** Values older than this are no longer shown by /cluster/resources. */
export const expireS = 300;

/** Columns of a guest, in the order of the array; NaN is absent. */
export const guestFields = [
  "uptime",
  "cpu_current",
  "mem_used",
  "disk_used",
  "disk_read",
  "disk_write",
  "net_in",
  "net_out",
  "mem_host",
] as const;
export type GuestField = (typeof guestFields)[number];
const guestWidth = guestFields.length;
const firstCounter = guestFields.indexOf("disk_read");
const nodeWidth = nodeFields.length;
const storageWidth = 2;

/** Who is measured in a round. The guests' fixed values are those of the guest object. */
export interface Layout {
  readonly guests: readonly SimGuest[];
  readonly names: readonly string[];
  readonly storages: readonly SimStorage[];
}

export interface Generation {
  /** When it was measured, in virtual epoch seconds. */
  readonly atS: number;
  /** The same on the node's own, perhaps skewed clock; whole seconds. */
  readonly timestampS: number;
  /** What the node ran then. */
  readonly release: Release;
  readonly layout: Layout;
  readonly values: Float64Array;
}

export interface StatusWorld extends FaultWorld {
  readonly nodes: ReadonlyMap<string, SimNode>;
  readonly storages: readonly SimStorage[];
  /** Changes with every change of guests, so that layouts can be kept. */
  readonly revision: number;
  guestsNow(node: string): readonly SimGuest[];
  /** All that ever ran there, also the deleted ones. */
  guestsEver(node: string): readonly SimGuest[];
  measures(node: string, atS: number): boolean;
}

interface Published {
  readonly generation: Generation;
  readonly index: number;
}

export class Pvestatd {
  readonly #world: StatusWorld;
  readonly #rings = new Map<string, Generation[]>();
  readonly #layouts = new Map<string, { revision: number; layout: Layout }>();
  /** What the other nodes have heard last; it outlives the node's own rounds. */
  readonly #nodes = new Map<string, Generation>();
  readonly #guests = new Map<number, Published>();
  readonly #storages = new Map<string, Published>();

  constructor(world: StatusWorld) {
    this.#world = world;
  }

  /** The first moment at or after `atS` at which the node's daemon runs. */
  nextRoundS(node: SimNode, atS: number): number {
    return Math.ceil((atS - node.phaseS) / generationS) * generationS + node.phaseS;
  }

  /** One round of one node. */
  measure(node: SimNode, atS: number): void {
    if (!this.#world.measures(node.name, atS)) return;
    const layout = this.#layout(node.name);
    const values = new Float64Array(nodeWidth + layout.guests.length * guestWidth + layout.storages.length * 2);
    const release = releaseAt(node, atS);
    for (const [index, guest] of layout.guests.entries()) {
      writeGuest(guest, values, index, atS, release);
      this.#spoil(guest, values, index);
    }
    this.#writeNode(node, values, atS);
    for (const index of layout.storages.keys()) this.#writeStorage(node.name, values, layout, index, atS);
    const timestampS = Math.floor(atS + skewMs(this.#world, node.name) / 1000);
    const generation: Generation = { atS, timestampS, release, layout, values };
    this.#keep(node.name, generation);
    this.#nodes.set(node.name, generation);
    for (const [index, guest] of layout.guests.entries()) this.#guests.set(guest.vmid, { generation, index });
    for (const [index, storage] of layout.storages.entries()) {
      if (storageHangs(this.#world, storage.id, node.name)) continue;
      this.#storages.set(`${node.name}/${storage.id}`, { generation, index });
    }
  }

  /** The rounds that a node still holds, oldest first. */
  history(node: string): readonly Generation[] {
    return this.#rings.get(node) ?? [];
  }

  /** A reboot empties the tmpfs that holds them. */
  forget(node: string): void {
    this.#rings.delete(node);
  }

  /** The last round that the cluster heard of, however old. */
  newest(node: string): Generation | undefined {
    return this.#nodes.get(node);
  }

  /** What the cluster last heard of a guest, from whichever node, unless it is too old. */
  guest(vmid: number, nowS: number): GuestView | undefined {
    const published = this.#guests.get(vmid);
    if (published === undefined || nowS - published.generation.atS >= expireS) return undefined;
    return guestView(published.generation, published.index);
  }

  forgetGuest(vmid: number): void {
    this.#guests.delete(vmid);
  }

  storage(node: string, storage: string, nowS: number): { total: number; used: number } | undefined {
    const published = this.#storages.get(`${node}/${storage}`);
    if (published === undefined || nowS - published.generation.atS >= expireS) return undefined;
    return storageView(published.generation, published.index);
  }

  #layout(node: string): Layout {
    const known = this.#layouts.get(node);
    if (known?.revision === this.#world.revision) return known.layout;
    const guests = this.#world.guestsNow(node);
    const simNode = this.#world.nodes.get(node);
    const storages = simNode === undefined ? [] : storagesOf(this.#world.storages, simNode);
    const layout = { guests, names: guests.map((guest) => guest.name), storages };
    this.#layouts.set(node, { revision: this.#world.revision, layout });
    return layout;
  }

  #spoil(guest: SimGuest, values: Float64Array, index: number): void {
    const fault = counterFault(this.#world, guest.vmid);
    const before = this.#guests.get(guest.vmid);
    const at = nodeWidth + index * guestWidth;
    if (fault === undefined || Number.isNaN(values[at + 1])) return;
    if (fault === "zero") {
      values.fill(0, at + firstCounter, at + firstCounter + 2);
      values[at + 2] = values[at + guestWidth - 1] ?? 0;
      return;
    }
    for (let offset = firstCounter; offset < firstCounter + 4; offset++) {
      const old = before?.generation.values[nodeWidth + before.index * guestWidth + offset];
      const real = values[at + offset] ?? 0;
      values[at + offset] = fault === "stuck" ? (old ?? real) : Math.floor(real * 0.9);
    }
  }

  #writeNode(node: SimNode, values: Float64Array, atS: number): void {
    const root = this.#world.storages.find((storage) => storage.id === "local")?.volumes.get(node.name);
    const used = root === undefined ? 0 : usedBytes(root, atS);
    const totalBytes = root?.totalBytes ?? node.hardware.rootBytes;
    const reading = readNode(node, this.#world.guestsEver(node.name), { totalBytes, usedBytes: used }, atS);
    nodeFields.forEach((field, index) => {
      values[index] = reading[field];
    });
  }

  /** An inactive storage stays at zero. */
  #writeStorage(node: string, values: Float64Array, layout: Layout, index: number, atS: number): void {
    const storage = layout.storages[index];
    const volume = storage === undefined ? undefined : volumeOf(storage, node);
    if (storage === undefined || volume === undefined || storageHangs(this.#world, storage.id, node)) return;
    const at = storageOffset(layout, index);
    values[at] = volume.totalBytes;
    values[at + 1] = Math.floor(usedBytes(volume, atS));
  }

  #keep(node: string, generation: Generation): void {
    const ring = this.#rings.get(node) ?? [];
    ring.push(generation);
    if (ring.length > keptGenerations) ring.shift();
    this.#rings.set(node, ring);
  }
}

function writeGuest(guest: SimGuest, values: Float64Array, index: number, atS: number, release: Release): void {
  const reading = readGuest(guest, atS, release);
  const at = nodeWidth + index * guestWidth;
  if (reading === undefined) {
    values.fill(Number.NaN, at + 1, at + guestWidth);
    return;
  }
  values[at] = reading.uptimeS;
  values[at + 1] = Math.round(reading.cpu * 1e12) / 1e12;
  values[at + 2] = reading.memBytes;
  values[at + 3] = guest.type === "lxc" ? reading.diskBytes : Number.NaN;
  values[at + 4] = reading.diskReadBytes;
  values[at + 5] = reading.diskWriteBytes;
  values[at + 6] = reading.netInBytes;
  values[at + 7] = reading.netOutBytes;
  values[at + 8] = guest.type === "qemu" ? reading.memHostBytes : 0;
}

export type GuestView = Readonly<Record<GuestField, number>> & {
  readonly name: string;
  readonly running: boolean;
  readonly release: Release;
};

export function guestView(generation: Generation, index: number): GuestView {
  const at = nodeWidth + index * guestWidth;
  const value = (offset: number): number => generation.values[at + offset] ?? Number.NaN;
  return {
    name: generation.layout.names[index] ?? "",
    running: !Number.isNaN(value(1)),
    release: generation.release,
    uptime: value(0),
    cpu_current: value(1),
    mem_used: value(2),
    disk_used: value(3),
    disk_read: value(4),
    disk_write: value(5),
    net_in: value(6),
    net_out: value(7),
    mem_host: value(8),
  };
}

const storageOffset = (layout: Layout, index: number): number =>
  nodeWidth + layout.guests.length * guestWidth + index * storageWidth;

export function storageView(generation: Generation, index: number): { total: number; used: number } {
  const at = storageOffset(generation.layout, index);
  return { total: generation.values[at] ?? 0, used: generation.values[at + 1] ?? 0 };
}

export const nodeValue = (generation: Generation, field: (typeof nodeFields)[number]): number =>
  generation.values[nodeFields.indexOf(field)] ?? 0;
