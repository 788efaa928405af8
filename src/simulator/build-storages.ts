// The storages of a simulated cluster: local ones per node, a shared Ceph pool and a shared backup share.
import type { SimGuest, SimNode, SimStorage, SimVolume } from "./entities.ts";
import { createRandom, hash } from "./random.ts";

const gib = 2 ** 30;
const tib = 2 ** 40;

/** Where a guest's disks are: a third on Ceph, the rest on the node's own pool. */
export function guestStorage(node: SimNode, draw: number): string {
  if (draw % 3 === 0) return "ceph-1";
  return node.hardware.zfs ? "local-zfs" : "local-lvm";
}

export function buildStorages(
  nodes: readonly SimNode[],
  guests: readonly SimGuest[],
  seed: number,
  anchorS: number,
  hyperconverged: boolean,
): readonly SimStorage[] {
  const zfs = nodes.filter((node) => node.hardware.zfs);
  const lvm = nodes.filter((node) => !node.hardware.zfs);
  const diskBytes = guests.reduce((sum, guest) => sum + guest.diskBytes, 0);
  const shared = [
    ceph(diskBytes / 3, anchorS, hyperconverged),
    ...backups(diskBytes, anchorS),
    backupServer(diskBytes, anchorS),
    ...(zfs.length > 0 ? [pool("local-zfs", zfs, guests, seed, anchorS)] : []),
    ...(lvm.length > 0 ? [pool("local-lvm", lvm, guests, seed, anchorS)] : []),
  ];
  return [local(nodes, seed, anchorS), ...shared];
}

function local(nodes: readonly SimNode[], seed: number, anchorS: number): SimStorage {
  const volume = (node: SimNode): SimVolume => {
    const random = createRandom(hash(seed, 300 + node.nodeId));
    const totalBytes = node.hardware.rootBytes;
    const usedBytes = Math.floor(totalBytes * random.between(0.15, 0.45));
    return { totalBytes, usedBytes, atS: anchorS, growthBytesPerDay: 20 * 2 ** 20, weeklySawBytes: 0 };
  };
  return {
    id: "local",
    type: "dir",
    content: "backup,vztmpl,iso",
    shared: false,
    nodes: undefined,
    settings: { path: "/var/lib/vz" },
    volumes: new Map(nodes.map((node) => [node.name, volume(node)])),
  };
}

/** The first node of the pool fills: 85 % at the anchor and full some thirty days later. */
function pool(
  id: "local-zfs" | "local-lvm",
  nodes: readonly SimNode[],
  guests: readonly SimGuest[],
  seed: number,
  anchorS: number,
): SimStorage {
  const volume = (node: SimNode, index: number): SimVolume => {
    const random = createRandom(hash(seed, 500 + node.nodeId));
    const own = guests.filter((guest) => guest.node === node.name && guest.storage === id);
    const disks = own.reduce((sum, guest) => sum + guest.diskBytes, 0);
    const totalBytes = Math.ceil((disks * 1.6 + 200 * gib) / gib) * gib;
    const fills = index === 0 && id === "local-lvm";
    const usedBytes = Math.floor(totalBytes * (fills ? 0.85 : random.between(0.3, 0.6)));
    const growthBytesPerDay = Math.floor(totalBytes * (fills ? 0.005 : random.between(0.0001, 0.0006)));
    return { totalBytes, usedBytes, atS: anchorS, growthBytesPerDay, weeklySawBytes: 0 };
  };
  return {
    id,
    type: id === "local-zfs" ? "zfspool" : "lvmthin",
    content: "images,rootdir",
    shared: false,
    nodes: nodes.map((node) => node.name),
    settings: id === "local-zfs" ? { pool: "rpool/data", sparse: 1 } : { vgname: "pve", thinpool: "data" },
    volumes: new Map(nodes.map((node, index) => [node.name, volume(node, index)])),
  };
}

/** Without monitors of its own the cluster is told where those of the other one are. */
function ceph(diskBytes: number, anchorS: number, hyperconverged: boolean): SimStorage {
  const totalBytes = Math.ceil((diskBytes * 1.8 + 2 * tib) / gib) * gib;
  const used = Math.floor(totalBytes * 0.42);
  const growthBytesPerDay = Math.floor(totalBytes * 0.0007);
  return {
    id: "ceph-1",
    type: "rbd",
    content: "images,rootdir",
    shared: true,
    nodes: undefined,
    settings: { pool: "ceph-1", krbd: 0, ...(hyperconverged ? {} : { monhost: "192.0.2.21 192.0.2.22 192.0.2.23" }) },
    volumes: new Map([["", { totalBytes, usedBytes: used, atS: anchorS, growthBytesPerDay, weeklySawBytes: 0 }]]),
  };
}

/** Two ids on one export: what they say of its size counts once. */
function backups(diskBytes: number, anchorS: number): readonly SimStorage[] {
  const totalBytes = Math.ceil((diskBytes * 2 + 4 * tib) / gib) * gib;
  const used = Math.floor(totalBytes * 0.5);
  const growthBytesPerDay = Math.floor(totalBytes * 0.0005);
  const weeklySawBytes = Math.floor(totalBytes * 0.12);
  const volume = { totalBytes, usedBytes: used, atS: anchorS, growthBytesPerDay, weeklySawBytes };
  const share = (id: string, content: string): SimStorage => ({
    id,
    type: "nfs",
    content,
    shared: true,
    nodes: undefined,
    settings: { server: "192.0.2.10", export: "/srv/backup", path: `/mnt/pve/${id}` },
    volumes: new Map([["", volume]]),
  });
  return [share("nfs-backup", "backup"), share("nfs-iso", "iso")];
}

function backupServer(diskBytes: number, anchorS: number): SimStorage {
  const totalBytes = Math.ceil((diskBytes + 2 * tib) / gib) * gib;
  const usedBytes = Math.floor(totalBytes * 0.38);
  const growthBytesPerDay = Math.floor(totalBytes * 0.0004);
  return {
    id: "pbs-1",
    type: "pbs",
    content: "backup",
    shared: true,
    nodes: undefined,
    settings: {
      server: "192.0.2.30",
      datastore: "main",
      username: "pve@pbs",
      fingerprint: Array.from({ length: 32 }, (_, index) =>
        ((index * 37 + 11) % 256).toString(16).padStart(2, "0"),
      ).join(":"),
      "prune-backups": "keep-all=1",
    },
    volumes: new Map([["", { totalBytes, usedBytes, atS: anchorS, growthBytesPerDay, weeklySawBytes: 0 }]]),
  };
}
