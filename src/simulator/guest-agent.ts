// What the QEMU guest agent of a VM would say: file systems, operating system, and /proc/meminfo.
import { newestLife, type SimGuest } from "./entities.ts";
import { diskUsed } from "./guest-measure.ts";
import { volumesOf } from "./volumes.ts";

/** `absent`: not configured. `silent`: configured, but nothing runs inside. `slow` and `hangs`: it runs and takes long. */
export type AgentKind = "works" | "slow" | "hangs" | "silent" | "absent";

/** It answers so long after the start of the VM. */
const bootS = 40;

/** By the vmid, so that every kind occurs in every cluster of some size. */
const oddAgents: ReadonlyMap<number, AgentKind> = new Map([
  [2, "absent"],
  [4, "silent"],
  [8, "absent"],
  [11, "slow"],
  [13, "hangs"],
]);

export const agentKind = (guest: SimGuest): AgentKind => oddAgents.get(guest.vmid % 15) ?? "works";

/** The `agent` line of the configuration; both spellings mean the same. */
export function agentSetting(guest: SimGuest): string | undefined {
  if (agentKind(guest) === "absent") return undefined;
  return guest.seed % 3 === 0 ? "enabled=1,fstrim_cloned_disks=1" : "1";
}

export function hasBooted(guest: SimGuest, atS: number): boolean {
  const life = newestLife(guest);
  return life !== undefined && atS - life.fromS >= bootS;
}

const isWindows = (guest: SimGuest): boolean => guest.ostype.startsWith("win");

interface FileSystem {
  readonly name: string;
  readonly mountpoint: string;
  readonly type: string;
  readonly "total-bytes"?: number;
  readonly "used-bytes"?: number;
  readonly disk: readonly object[];
}

/** With what a reader has to leave out: a snap, a second mount of the same device, a partition without numbers. */
export function fileSystems(guest: SimGuest, atS: number): readonly FileSystem[] {
  const total = Math.floor(guest.diskBytes * 0.97);
  const used = Math.floor(Math.min(total, diskUsed(guest, atS)));
  const sizes = { "total-bytes": total, "used-bytes": used };
  const disk = (unit: number, part: number): readonly object[] => [
    {
      dev: `/dev/sd${String.fromCharCode(97 + unit)}${part}`,
      serial: `0QEMU_QEMU_HARDDISK_drive-scsi${unit}`,
      "bus-type": "scsi",
      bus: 0,
      target: 0,
      unit,
      "pci-controller": { domain: 0, bus: 6, slot: 3, function: 0 },
    },
  ];
  if (isWindows(guest)) {
    return [
      { name: "\\\\?\\Volume{4a1b}\\", mountpoint: "System Reserved", type: "NTFS", disk: disk(0, 1) },
      { name: "\\\\?\\Volume{4a1c}\\", mountpoint: "C:\\", type: "NTFS", ...sizes, disk: disk(0, 2) },
    ];
  }
  const data = volumesOf(guest).find((volume) => volume.key === "scsi1");
  return [
    { name: "sda1", mountpoint: "/", type: "ext4", ...sizes, disk: disk(0, 1) },
    {
      name: "sda15",
      mountpoint: "/boot/efi",
      type: "vfat",
      "total-bytes": 129_718_272,
      "used-bytes": 9_176_064,
      disk: disk(0, 15),
    },
    { name: "sda1", mountpoint: "/var/lib/docker", type: "ext4", ...sizes, disk: disk(0, 1) },
    {
      name: "loop0",
      mountpoint: "/snap/core22/1621",
      type: "squashfs",
      "total-bytes": 66_846_720,
      "used-bytes": 66_846_720,
      disk: [],
    },
    ...(data === undefined ? [] : [dataFileSystem(data.sizeBytes, guest, disk(1, 1))]),
  ];
}

const dataFileSystem = (bytes: number, guest: SimGuest, disk: readonly object[]): FileSystem => ({
  name: "sdb1",
  mountpoint: "/srv/data",
  type: "xfs",
  "total-bytes": Math.floor(bytes * 0.99),
  "used-bytes": Math.floor(bytes * (0.2 + (guest.seed % 50) / 100)),
  disk,
});

export function osInfo(guest: SimGuest): object {
  if (isWindows(guest)) {
    return {
      id: "mswindows",
      name: "Microsoft Windows",
      "pretty-name": "Windows Server 2022 Standard",
      version: "Microsoft Windows Server 2022",
      "version-id": "2022",
      "kernel-release": "20348",
      "kernel-version": "10.0",
      machine: "x86_64",
    };
  }
  return {
    id: "debian",
    name: "Debian GNU/Linux",
    "pretty-name": "Debian GNU/Linux 13 (trixie)",
    version: "13 (trixie)",
    "version-id": "13",
    "kernel-release": "6.12.48+deb13-amd64",
    "kernel-version": "#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1",
    machine: "x86_64",
  };
}

/** Undefined where there is no such file. */
export function readFile(guest: SimGuest, path: string, atS: number): string | undefined {
  return path === "/proc/meminfo" && !isWindows(guest) ? meminfo(guest, atS) : undefined;
}

/** What is not free is programs and cache; of a leaking guest nearly all is programs. */
export const programShare = (guest: SimGuest): number => (guest.truth.memory_leak === null ? 0.55 : 0.9);

function meminfo(guest: SimGuest, atS: number): string {
  const total = guest.memoryBytes;
  const used = guest.load.memory.average(atS - 10, atS) * total;
  const cache = used * (1 - programShare(guest));
  const lines: readonly (readonly [string, number])[] = [
    ["MemTotal", total],
    ["MemFree", total - used],
    ["MemAvailable", total - used + cache * 0.95],
    ["Buffers", cache * 0.05],
    ["Cached", cache * 0.85],
    ["SwapCached", 0],
    ["AnonPages", used - cache],
    ["Shmem", cache * 0.03],
    ["SReclaimable", cache * 0.1],
    ["SwapTotal", 2 ** 30],
    ["SwapFree", 2 ** 30],
  ];
  return lines
    .map(([name, bytes]) => `${`${name}:`.padEnd(16)}${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`)
    .join("");
}
