// One thing at one moment as Proxmox VE's status daemon measured it, by PVE's own names, whichever way it was pushed.
import type { FieldValue } from "./line-protocol.ts";

export interface PushedSample {
  readonly kind: "node" | "qemu" | "lxc" | "storage";
  readonly node: string;
  /** vmid, or name of the storage; the node's name again for a node. */
  readonly key: string;
  /** Milliseconds by the node's clock. */
  readonly ts: number;
  /** "cpu", "memory_memtotal", "cpustat_avg1", … as PVE names them, groups joined by "_". */
  readonly fields: Map<string, FieldValue>;
  /** Of a node: its network cards, by name. */
  readonly nics: Map<string, Nic>;
}

export interface Nic {
  receive?: number;
  transmit?: number;
  /** Told since PVE 9: whether it is a card and not a bridge. */
  isPhysical?: boolean;
}

/** Gathers what lines and data points say of the same thing at the same moment. */
export class SampleSet {
  readonly #samples = new Map<string, PushedSample>();

  at(kind: PushedSample["kind"], node: string, key: string, ts: number): PushedSample {
    // Lines of one thing differ in their measurement only, and its name comes last: no name can imitate another's key.
    const id = `${ts} ${kind} ${node} ${key}`;
    const known = this.#samples.get(id);
    if (known !== undefined) return known;
    const sample: PushedSample = { kind, node, key, ts, fields: new Map(), nics: new Map() };
    this.#samples.set(id, sample);
    return sample;
  }

  /** In the order of time. */
  list(): readonly PushedSample[] {
    return [...this.#samples.values()].sort((a, b) => a.ts - b.ts);
  }
}

export function nicOf(sample: PushedSample, name: string): Nic {
  const known = sample.nics.get(name);
  if (known !== undefined) return known;
  const nic: Nic = {};
  sample.nics.set(name, nic);
  return nic;
}

/** Longer than any name that PVE gives. */
const longestName = 255;
const nodeName = /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

/** Whether a thing could have this address at all; what is then not known is dropped later. */
export function isAddress(kind: PushedSample["kind"], node: string, key: string): boolean {
  if (!nodeName.test(node)) return false;
  if (kind === "qemu" || kind === "lxc") return /^\d{1,9}$/.test(key);
  return key.length > 0 && key.length <= longestName;
}
