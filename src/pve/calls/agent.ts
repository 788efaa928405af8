// What a guest tells through its agent. Each call holds a worker of the node for up to five seconds: one at a time per node.
import { pvePath } from "../path.ts";
import { isRecord, list, name, number, type Rows, record, rowsOf, text } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface GuestFileSystem {
  readonly mountPoint: string;
  readonly type: string | undefined;
  readonly totalBytes: number | undefined;
  readonly usedBytes: number | undefined;
  readonly devices: readonly string[];
}

export interface GuestMemory {
  readonly totalBytes: number | undefined;
  readonly availableBytes: number | undefined;
}

/** Not file systems of their own, or not on a disk: they would be counted twice, or say 100 % for ever. */
const pseudo = /^(tmpfs|devtmpfs|overlay|squashfs|ramfs|proc|sysfs|cgroup2?|fuse\.snapfuse|iso9660|udf|CDFS)$/i;

export function readFileSystems(data: unknown): Rows<GuestFileSystem> {
  const read = rowsOf(record(data)["result"], (row) => {
    const mountPoint = name(row["mountpoint"]);
    if (mountPoint === undefined) return undefined;
    return {
      mountPoint,
      type: name(row["type"]),
      totalBytes: number(row["total-bytes"]),
      usedBytes: number(row["used-bytes"]),
      devices: devicesOf(row["disk"], name(row["name"])),
    };
  });
  return { rows: onePerDevice(read.rows.filter((row) => !isPseudo(row))), rejected: read.rejected };
}

const isPseudo = ({ type, mountPoint, totalBytes }: GuestFileSystem): boolean =>
  pseudo.test(type ?? "") || mountPoint.startsWith("/snap/") || totalBytes === 0;

function devicesOf(disks: unknown, volume: string | undefined): readonly string[] {
  const devices = (Array.isArray(disks) ? list(disks) : [])
    .filter(isRecord)
    .map((disk) => name(disk["dev"]))
    .filter((device) => device !== undefined);
  return devices.length > 0 || volume === undefined ? devices : [volume];
}

/** A bind mount shows the same device and the same numbers again. */
function onePerDevice(rows: readonly GuestFileSystem[]): GuestFileSystem[] {
  const seen = new Set<string>();
  return rows.filter(({ devices, totalBytes, usedBytes }) => {
    if (devices.length === 0) return true;
    const key = `${devices.join()} ${totalBytes} ${usedBytes}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

export function readMeminfo(data: unknown): GuestMemory {
  const content = text(record(data)["content"]) ?? "";
  const kibibytes = (field: string): number | undefined => {
    const value = number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(content)?.[1]);
    return value === undefined ? undefined : value * 1024;
  };
  return { totalBytes: kibibytes("MemTotal"), availableBytes: kibibytes("MemAvailable") };
}

export const guestFileSystems = (
  pve: PveReader,
  node: string,
  vmid: number,
  options: CallOptions = {},
): Promise<PveAnswer<Rows<GuestFileSystem>>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/qemu/${vmid}/agent/get-fsinfo`, node, read: readFileSystems });

export const guestMeminfo = (
  pve: PveReader,
  node: string,
  vmid: number,
  options: CallOptions = {},
): Promise<PveAnswer<GuestMemory>> => {
  const path = pvePath`/nodes/${node}/qemu/${vmid}/agent/file-read`;
  return pve.get({ ...options, path, query: { file: "/proc/meminfo" }, node, read: readMeminfo });
};
