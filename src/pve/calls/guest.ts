// The configuration of a guest.
import { pvePath } from "../path.ts";
import { flag, integer, name, record, text, words } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface GuestConfig {
  readonly name: string | undefined;
  /** When the guest was created, seconds since the epoch; tells guests apart that had the same vmid. VMs only. */
  readonly createdAtS: number | undefined;
  readonly digest: string | undefined;
  readonly template: boolean;
  readonly tags: readonly string[];
  /** All single values as PVE has them. */
  readonly values: ReadonlyMap<string, string>;
}

export interface GuestAddress {
  readonly node: string;
  readonly type: "qemu" | "lxc";
  readonly vmid: number;
}

export function readGuestConfig(data: unknown): GuestConfig {
  const fields = record(data);
  const values = Object.entries(fields).map(([key, value]) => [key, text(value)] as const);
  return {
    name: name(fields["name"]) ?? name(fields["hostname"]),
    createdAtS: createdAt(text(fields["meta"])),
    digest: name(fields["digest"]),
    template: flag(fields["template"]) === true,
    tags: words(fields["tags"]),
    values: new Map(values.filter((pair): pair is [string, string] => pair[1] !== undefined)),
  };
}

/** From `creation-qemu=10.1.2,ctime=1763398274`. */
const createdAt = (meta: string | undefined): number | undefined =>
  integer(/(?:^|,)ctime=(\d+)(?:,|$)/.exec(meta ?? "")?.[1]);

export const guestConfig = (
  pve: PveReader,
  { node, type, vmid }: GuestAddress,
  options: CallOptions = {},
): Promise<PveAnswer<GuestConfig>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/${type}/${vmid}/config`, node, read: readGuestConfig });
