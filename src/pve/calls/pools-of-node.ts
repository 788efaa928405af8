// ZFS pools and LVM thin pools of a node.
import { pvePath } from "../path.ts";
import { type Fields, isRecord, name, number, type Rows, record, rowsOf } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface ZfsPool {
  readonly pool: string;
  /** ONLINE, DEGRADED, FAULTED, … */
  readonly health: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly allocatedBytes: number | undefined;
  readonly freeBytes: number | undefined;
  readonly fragmentationPercent: number | undefined;
}

export interface ZfsDetail {
  readonly state: string | undefined;
  readonly scan: string | undefined;
  readonly errors: string | undefined;
  readonly status: string | undefined;
  /** Devices that are not ONLINE or have counted errors, with what is wrong. */
  readonly failingDevices: readonly string[];
}

export interface ThinPool {
  readonly pool: string;
  readonly volumeGroup: string;
  readonly sizeBytes: number | undefined;
  readonly usedBytes: number | undefined;
  readonly metadataSizeBytes: number | undefined;
  readonly metadataUsedBytes: number | undefined;
}

export const readZfsPools = (data: unknown): Rows<ZfsPool> =>
  rowsOf(data, (row) => {
    const pool = name(row["name"]);
    if (pool === undefined) return undefined;
    return {
      pool,
      health: name(row["health"]),
      sizeBytes: number(row["size"]),
      allocatedBytes: number(row["alloc"]),
      freeBytes: number(row["free"]),
      fragmentationPercent: number(row["frag"]),
    };
  });

export function readZfsDetail(data: unknown): ZfsDetail {
  const fields = record(data);
  return {
    state: name(fields["state"]),
    scan: name(fields["scan"])?.replace(/\s+/g, " "),
    errors: name(fields["errors"])?.replace(/\s+/g, " "),
    status: name(fields["status"])?.replace(/\s+/g, " "),
    failingDevices: failing(fields["children"]),
  };
}

function failing(children: unknown): readonly string[] {
  if (!Array.isArray(children)) return [];
  return children.filter(isRecord).flatMap((child) => {
    const below = failing(child["children"]);
    const words = wordsOf(child);
    return words === undefined ? below : [words, ...below];
  });
}

function wordsOf(device: Fields): string | undefined {
  const called = name(device["name"]);
  const state = name(device["state"]) ?? "ONLINE";
  const errors = ["read", "write", "cksum"]
    .map((kind) => [kind, number(device[kind]) ?? 0] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`);
  if (called === undefined || (isWell(state) && errors.length === 0)) return undefined;
  return [called, state, ...errors].join(" ");
}

/** A spare waits as AVAIL; the groups of a pool (logs, cache) have no state. */
const isWell = (state: string): boolean => /^(ONLINE|AVAIL|-)$/i.test(state);

export const readThinPools = (data: unknown): Rows<ThinPool> =>
  rowsOf(data, (row) => {
    const [pool, volumeGroup] = [name(row["lv"]), name(row["vg"])];
    if (pool === undefined || volumeGroup === undefined) return undefined;
    return {
      pool,
      volumeGroup,
      sizeBytes: number(row["lv_size"]),
      usedBytes: number(row["used"]),
      metadataSizeBytes: number(row["metadata_size"]),
      metadataUsedBytes: number(row["metadata_used"]),
    };
  });

export const zfsPools = (pve: PveReader, node: string, options: CallOptions = {}): Promise<PveAnswer<Rows<ZfsPool>>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/disks/zfs`, node, read: readZfsPools });

export const zfsDetail = (
  pve: PveReader,
  node: string,
  pool: string,
  options: CallOptions = {},
): Promise<PveAnswer<ZfsDetail>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/disks/zfs/${pool}`, node, read: readZfsDetail });

export const thinPools = (
  pve: PveReader,
  node: string,
  options: CallOptions = {},
): Promise<PveAnswer<Rows<ThinPool>>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/disks/lvmthin`, node, read: readThinPools });
