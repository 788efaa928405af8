// /nodes/{node}/disks/zfs: the pools of a node, and the tree of disks of each.
import { ApiError } from "../api-error.ts";
import { diskHealth, isLost } from "../disk-health.ts";
import { byIdLink, rootPool, type SimDisk, zfsSlop } from "../disks.ts";
import type { SimNode } from "../entities.ts";
import { nodeParameter, textOf } from "../parameters.ts";
import type { Call, Route } from "../route.ts";
import { storageNamed, usedBytes, volumeOf } from "../volume-measure.ts";
import { nodeOf } from "./lookup.ts";

const audit = { path: "/", privileges: ["Sys.Audit"] } as const;

export const zfsRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes/{node}/disks/zfs",
    parameters: nodeParameter,
    permission: audit,
    forwarded: true,
    answer: (call) => ({ data: [...poolsOf(call)].map(([name, disks]) => poolRow(call, name, disks)) }),
  },
  {
    method: "GET",
    path: "/nodes/{node}/disks/zfs/{name}",
    parameters: { ...nodeParameter, name: { type: "string" } },
    permission: audit,
    forwarded: true,
    answer: (call) => ({ data: detail(call, textOf(call.parameters, "name") ?? "") }),
  },
];

function poolsOf(call: Call): ReadonlyMap<string, readonly SimDisk[]> {
  const pools = new Map<string, SimDisk[]>();
  for (const disk of call.state.disksOf(nodeOf(call).name)) {
    if (disk.use.kind === "zfs") pools.set(disk.use.pool, [...(pools.get(disk.use.pool) ?? []), disk]);
  }
  return pools;
}

function poolRow(call: Call, name: string, disks: readonly SimDisk[]): object {
  const { nowS } = call.state;
  const size = disks[0]?.sizeBytes ?? 0;
  const alloc = Math.floor(size * fillOf(call, nodeOf(call), name));
  return {
    name,
    size,
    alloc,
    free: size - alloc,
    frag: Math.floor(8 + (alloc / size) * 30),
    dedup: 1,
    health: disks.some((disk) => isLost(disk, nowS)) ? "DEGRADED" : "ONLINE",
  };
}

/** The root pool is as full as the storage on it says; the other holds what an administrator put there by hand. */
function fillOf({ state }: Call, node: SimNode, pool: string): number {
  const storage = storageNamed(state.storages, "local-zfs");
  const volume = storage === undefined ? undefined : volumeOf(storage, node.name);
  if (pool !== rootPool || volume === undefined) return 0.31;
  return (usedBytes(volume, state.nowS) / volume.totalBytes) * zfsSlop;
}

function detail(call: Call, name: string): object {
  const disks = poolsOf(call).get(name);
  // Without a pool of that name the command itself fails.
  if (disks === undefined) throw new ApiError(500, `command '/sbin/zpool status -P ${name}' failed: exit code 1`);
  const { nowS } = call.state;
  const lost = disks.some((disk) => isLost(disk, nowS));
  const state = lost ? "DEGRADED" : "ONLINE";
  const clean = { state, read: 0, write: 0, cksum: 0, msg: "" };
  const leaves = disks.map((disk) => leaf(disk, nowS));
  const mirror = { name: "mirror-0", ...clean, children: leaves, leaf: 0 };
  return {
    name,
    state,
    ...(lost ? complaint : {}),
    scan: `scrub repaired 0B in 02:41:07 with 0 errors on ${new Date(lastScrubS(nowS) * 1000).toUTCString()}`,
    errors: "No known data errors",
    children: [{ name, ...clean, children: [mirror], leaf: 0 }],
    leaf: 0,
  };
}

const complaint = {
  status: "One or more devices are faulted in response to persistent errors. Sufficient replicas exist.",
  action: "Replace the faulted device, or use 'zpool clear' to mark the device repaired.",
};

function leaf(disk: SimDisk, nowS: number): object {
  const lost = isLost(disk, nowS);
  const { reportedUncorrectable, pending } = diskHealth(disk, nowS);
  return {
    name: `${byIdLink(disk)}-part${disk.use.kind === "zfs" && disk.use.boot ? 3 : 1}`,
    state: lost ? "FAULTED" : "ONLINE",
    read: Math.floor(reportedUncorrectable / 6),
    write: lost ? 12 : 0,
    cksum: disk.fate.kind === "failing" ? Math.floor(pending / 12) : 0,
    msg: lost ? "too many errors" : "",
    leaf: 1,
  };
}

/** Debian scrubs on the second Sunday of a month. */
function lastScrubS(nowS: number): number {
  const now = new Date(nowS * 1000);
  const sunday = (monthsBack: number): number => {
    const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - monthsBack, 1);
    const toSunday = (7 - new Date(first).getUTCDay()) % 7;
    return first / 1000 + (toSunday + 7) * 86_400 + 24 * 60 + 9667;
  };
  return sunday(0) <= nowS ? sunday(0) : sunday(1);
}
