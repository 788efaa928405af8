// What a storage lies on, from its configuration; and its own identity, which 9.2 tells.
import { pvePath } from "../path.ts";
import { type Fields, flag, name, type Rows, record, rowsOf, words } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface StorageBacking {
  readonly storage: string;
  readonly type: string;
  readonly shared: boolean;
  readonly disabled: boolean;
  /** Empty: all nodes. */
  readonly nodes: readonly string[];
  /** Words that are the same for storages on the same space; undefined when the configuration does not tell. */
  readonly backing: string | undefined;
}

/** Types that every node mounts from the same place although the configuration does not call them shared. */
const networked = /^(nfs|cifs|glusterfs|cephfs|rbd|pbs|iscsi|iscsidirect|zfs|esxi)$/;

export const readStorageBackings = (data: unknown): Rows<StorageBacking> =>
  rowsOf(data, (row) => {
    const [storage, type] = [name(row["storage"]), name(row["type"])];
    if (storage === undefined || type === undefined) return undefined;
    return {
      storage,
      type,
      shared: networked.test(type) || flag(row["shared"]) === true,
      disabled: flag(row["disable"]) === true,
      nodes: words(row["nodes"]),
      backing: backingOf(type, row),
    };
  });

/** Two datasets of one ZFS pool, two directories of one export share its space; two datastores of a PBS may not. */
function backingOf(type: string, row: Fields): string | undefined {
  const said = (...keys: readonly string[]): string | undefined => {
    const values = keys.map((key) => name(row[key]));
    return values.includes(undefined) ? undefined : values.join(" ");
  };
  switch (type) {
    case "zfspool":
      return prefixed("zfs", said("pool")?.split("/")[0]);
    case "lvm":
      return prefixed("lvm", said("vgname"));
    case "lvmthin":
      return prefixed("lvmthin", said("vgname", "thinpool")?.replace(" ", "/"));
    case "rbd":
    case "cephfs":
      return prefixed(
        "ceph",
        name(row["monhost"])
          ?.split(/[;, ]+/)
          .sort()
          .join(",") ?? "own",
      );
    case "nfs":
      return prefixed("nfs", said("server", "export")?.replace(" ", ":"));
    case "cifs":
      return prefixed("cifs", said("server", "share")?.replace(" ", "/"));
    case "pbs":
      return prefixed("pbs", said("server", "datastore")?.replace(" ", ":"));
    case "dir":
    case "btrfs":
      return prefixed(type, said("path"));
    default:
      return prefixed(type, said("portal", "target") ?? said("portal"));
  }
}

const prefixed = (type: string, value: string | undefined): string | undefined =>
  value === undefined ? undefined : `${type}:${value}`;

export function readStorageIdentity(data: unknown): string | undefined {
  return name(record(data)["id"]);
}

export const storageBackings = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Rows<StorageBacking>>> =>
  pve.get({ ...options, path: "/storage", read: readStorageBackings });

/** From 9.2 on. */
export const storageIdentity = (
  pve: PveReader,
  node: string,
  storage: string,
  options: CallOptions = {},
): Promise<PveAnswer<string | undefined>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/storage/${storage}/identity`, node, read: readStorageIdentity });
