// What pvestatd would read from a node: the sum of its guests and the host's own work.
import type { SimGuest, SimNode } from "./entities.ts";
import { hostMemory, netInOf, netOutOf, overlap, sumsAt } from "./guest-measure.ts";

/** Order of the fifteen values as /cluster/metrics/export lists them. */
export const nodeFields = [
  "uptime",
  "net_in",
  "net_out",
  "cpu_avg1",
  "cpu_avg5",
  "cpu_avg15",
  "cpu_max",
  "cpu_current",
  "cpu_iowait",
  "mem_total",
  "mem_used",
  "swap_total",
  "swap_used",
  "disk_total",
  "disk_used",
] as const;
export type NodeField = (typeof nodeFields)[number];
export type NodeReading = Readonly<Record<NodeField, number>>;

export interface NodeAverages {
  /** Fraction of the node's threads. */
  readonly cpu: number;
  readonly iowait: number;
  readonly memUsedBytes: number;
  readonly netInBytesPerSecond: number;
  readonly netOutBytesPerSecond: number;
}

const gib = 2 ** 30;

/** Memory of the host itself: services, and the ZFS cache where there is one. */
export const arcBytes = (node: SimNode): number => (node.hardware.zfs ? 0.08 * node.hardware.memoryBytes : 0);
const ownMemory = (node: SimNode): number => 2.5 * gib + 0.01 * node.hardware.memoryBytes + arcBytes(node);

/** Means over (fromS, toS]; `guests` are all that ever ran on the node in that time, also the deleted ones. */
export function averageNode(node: SimNode, guests: Iterable<SimGuest>, fromS: number, toS: number): NodeAverages {
  const lengthS = toS - fromS;
  const host = node.overhead.average(fromS, toS);
  let cores = host * node.hardware.threads;
  let io = 0;
  let noise = 0;
  let memory = ownMemory(node) * lengthS;
  let netIn = host * 8 * node.overheadNetBytesPerSecond * lengthS;
  let netOut = netIn;
  for (const guest of guests) {
    for (const life of guest.lives) {
      const part = life.node === node.name ? overlap(life, fromS, toS) : undefined;
      if (part === undefined) continue;
      const cpuSum = guest.load.cpu.integral(part.toS) - guest.load.cpu.integral(part.fromS);
      const ioSum = guest.load.io.integral(part.toS) - guest.load.io.integral(part.fromS);
      cores += (guest.cores * cpuSum) / lengthS;
      io += ioSum / lengthS;
      noise += (guest.load.neighbourIowait * ioSum) / lengthS;
      memory += hostMemory(guest, guest.load.memory.average(part.fromS, part.toS)) * (part.toS - part.fromS);
      netIn += netInOf(guest.load, cpuSum, ioSum);
      netOut += netOutOf(guest.load, cpuSum, ioSum);
    }
  }
  return {
    cpu: Math.min(1, cores / node.hardware.threads),
    iowait: Math.min(0.5, (0.02 * io) / node.hardware.threads + noise),
    memUsedBytes: Math.min(0.985 * node.hardware.memoryBytes, memory / lengthS),
    netInBytesPerSecond: netIn / lengthS,
    netOutBytesPerSecond: netOut / lengthS,
  };
}

export const loadAverage = (node: SimNode, cpu: number): number => cpu * node.hardware.threads * 1.1 + 0.05;

/** Bytes through the network cards since the node booted. */
function netSinceBoot(node: SimNode, guests: Iterable<SimGuest>, atS: number): { netIn: number; netOut: number } {
  const since = node.bootedAtS;
  const own = (node.overhead.integral(atS) - node.overhead.integral(since)) * 8 * node.overheadNetBytesPerSecond;
  let netIn = own;
  let netOut = own;
  for (const guest of guests) {
    for (const life of guest.lives) {
      const part = life.node === node.name ? overlap(life, since, atS) : undefined;
      if (part === undefined) continue;
      const began = sumsAt(guest, life, part.fromS);
      const running = part.toS < life.toS || life.toS === Number.POSITIVE_INFINITY;
      const ended = running
        ? { cpu: guest.load.cpu.integral(part.toS), io: guest.load.io.integral(part.toS) }
        : sumsAt(guest, life, part.toS);
      netIn += netInOf(guest.load, ended.cpu - began.cpu, ended.io - began.io);
      netOut += netOutOf(guest.load, ended.cpu - began.cpu, ended.io - began.io);
    }
  }
  return { netIn, netOut };
}

export function readNode(
  node: SimNode,
  guests: readonly SimGuest[],
  root: { readonly totalBytes: number; readonly usedBytes: number },
  atS: number,
): NodeReading {
  const now = averageNode(node, guests, atS - 10, atS);
  const bytes = netSinceBoot(node, guests, atS);
  const over = (windowS: number): number =>
    Math.round(100 * loadAverage(node, averageCpu(node, guests, atS - windowS, atS))) / 100;
  return {
    uptime: Math.floor(atS - node.bootedAtS),
    net_in: Math.floor(bytes.netIn),
    net_out: Math.floor(bytes.netOut),
    cpu_avg1: over(60),
    cpu_avg5: over(300),
    cpu_avg15: over(900),
    cpu_max: node.hardware.threads,
    cpu_current: round12(now.cpu),
    cpu_iowait: round12(now.iowait),
    mem_total: node.hardware.memoryBytes,
    mem_used: Math.floor(now.memUsedBytes),
    swap_total: node.hardware.swapBytes,
    swap_used: Math.floor(node.hardware.swapBytes * 0.02),
    disk_total: root.totalBytes,
    disk_used: Math.floor(root.usedBytes),
  };
}

/** PVE prints fifteen digits; twelve behind the point keep the export's text short. */
const round12 = (value: number): number => Math.round(value * 1e12) / 1e12;

/** CPU alone, without the cost of the other curves. */
function averageCpu(node: SimNode, guests: readonly SimGuest[], fromS: number, toS: number): number {
  let cores = node.overhead.average(fromS, toS) * node.hardware.threads;
  for (const guest of guests) {
    for (const life of guest.lives) {
      const part = life.node === node.name ? overlap(life, fromS, toS) : undefined;
      if (part === undefined) continue;
      cores +=
        (guest.cores * (guest.load.cpu.integral(part.toS) - guest.load.cpu.integral(part.fromS))) / (toS - fromS);
    }
  }
  return Math.min(1, cores / node.hardware.threads);
}
