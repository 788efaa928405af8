// Everything that exists in a cluster, in one answer. Written by hand, because a poll of a large cluster has thousands
// of rows. The fields keep PVE's own names and meanings; what a row does not have is undefined.
import { type Fields, flag, integer, isRecord, list, name, number, words } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface NodeRow {
  readonly node: string;
  /** online, offline, unknown */
  readonly status: string;
  /** Share of maxcpu, 0…1. */
  readonly cpu: number | undefined;
  readonly maxcpu: number | undefined;
  readonly mem: number | undefined;
  readonly maxmem: number | undefined;
  /** Root file system. */
  readonly disk: number | undefined;
  readonly maxdisk: number | undefined;
  readonly uptime: number | undefined;
  readonly hastate: string | undefined;
}

export interface GuestRow {
  readonly vmid: number;
  readonly type: "qemu" | "lxc";
  readonly node: string;
  readonly status: string;
  /** Undefined while there is no live data of the guest; keep the last known one. */
  readonly name: string | undefined;
  readonly template: boolean | undefined;
  /** Share of the guest's own CPUs; may pass 1. */
  readonly cpu: number | undefined;
  readonly maxcpu: number | undefined;
  readonly mem: number | undefined;
  readonly maxmem: number | undefined;
  readonly memhost: number | undefined;
  readonly disk: number | undefined;
  readonly maxdisk: number | undefined;
  /** Bytes since the guest's process began. */
  readonly netin: number | undefined;
  readonly netout: number | undefined;
  readonly diskread: number | undefined;
  readonly diskwrite: number | undefined;
  readonly uptime: number | undefined;
  readonly lock: string | undefined;
  readonly tags: readonly string[];
  readonly pool: string | undefined;
  readonly hastate: string | undefined;
}

export interface StorageRow {
  readonly storage: string;
  readonly node: string;
  /** available, unknown */
  readonly status: string;
  readonly disk: number | undefined;
  readonly maxdisk: number | undefined;
  readonly shared: boolean;
  readonly plugintype: string | undefined;
  readonly content: readonly string[];
}

export interface ClusterResources {
  readonly nodes: readonly NodeRow[];
  readonly guests: readonly GuestRow[];
  readonly storages: readonly StorageRow[];
  readonly pools: readonly string[];
  /** Rows of these kinds that could not be read. */
  readonly rejected: number;
}

/** Rows of other kinds (networks, fabrics) are passed over. */
export function readClusterResources(data: unknown): ClusterResources {
  const nodes: NodeRow[] = [];
  const guests: GuestRow[] = [];
  const storages: StorageRow[] = [];
  const pools: string[] = [];
  let rejected = 0;
  const keep = <T>(into: T[], row: T | undefined): void => {
    if (row === undefined) rejected++;
    else into.push(row);
  };
  for (const row of list(data)) {
    if (!isRecord(row)) {
      rejected++;
      continue;
    }
    const type = row["type"];
    if (type === "qemu" || type === "lxc") keep(guests, readGuest(row, type));
    else if (type === "storage") keep(storages, readStorage(row));
    else if (type === "node") keep(nodes, readNode(row));
    else if (type === "pool") keep(pools, name(row["pool"]));
    else if (typeof type !== "string") rejected++;
  }
  return { nodes, guests, storages, pools, rejected };
}

function readNode(row: Fields): NodeRow | undefined {
  const node = name(row["node"]);
  if (node === undefined) return undefined;
  return {
    node,
    status: name(row["status"]) ?? "unknown",
    cpu: number(row["cpu"]),
    maxcpu: number(row["maxcpu"]),
    mem: number(row["mem"]),
    maxmem: number(row["maxmem"]),
    disk: number(row["disk"]),
    maxdisk: number(row["maxdisk"]),
    uptime: number(row["uptime"]),
    hastate: name(row["hastate"]),
  };
}

function readGuest(row: Fields, type: GuestRow["type"]): GuestRow | undefined {
  const vmid = integer(row["vmid"]);
  const node = name(row["node"]);
  if (vmid === undefined || vmid < 1 || node === undefined) return undefined;
  return {
    vmid,
    type,
    node,
    status: name(row["status"]) ?? "unknown",
    name: name(row["name"]),
    template: flag(row["template"]),
    cpu: number(row["cpu"]),
    maxcpu: number(row["maxcpu"]),
    mem: number(row["mem"]),
    maxmem: number(row["maxmem"]),
    memhost: number(row["memhost"]),
    disk: number(row["disk"]),
    maxdisk: number(row["maxdisk"]),
    netin: number(row["netin"]),
    netout: number(row["netout"]),
    diskread: number(row["diskread"]),
    diskwrite: number(row["diskwrite"]),
    uptime: number(row["uptime"]),
    lock: name(row["lock"]),
    tags: words(row["tags"]),
    pool: name(row["pool"]),
    hastate: name(row["hastate"]),
  };
}

function readStorage(row: Fields): StorageRow | undefined {
  const storage = name(row["storage"]);
  const node = name(row["node"]);
  if (storage === undefined || node === undefined) return undefined;
  return {
    storage,
    node,
    status: name(row["status"]) ?? "unknown",
    disk: number(row["disk"]),
    maxdisk: number(row["maxdisk"]),
    shared: flag(row["shared"]) === true,
    plugintype: name(row["plugintype"]),
    content: words(row["content"]),
  };
}

/** Holds only what the token may see: an empty list may mean missing rights. */
export const clusterResources = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<ClusterResources>> =>
  pve.get({ ...options, path: "/cluster/resources", read: readClusterResources });
