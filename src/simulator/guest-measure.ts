// What pvestatd would read from a guest at a moment: gauges, and counters that run since the process started.
import { type GuestLoad, isRunning, type Life, newestLife, type Release, type SimGuest } from "./entities.ts";

export interface GuestReading {
  readonly uptimeS: number;
  /** Fraction of the guest's own cores over the last ten seconds. */
  readonly cpu: number;
  readonly memBytes: number;
  readonly memHostBytes: number;
  readonly diskBytes: number;
  readonly diskReadBytes: number;
  readonly diskWriteBytes: number;
  readonly netInBytes: number;
  readonly netOutBytes: number;
}

/** The four byte rates as sums of the CPU and the I/O curve, so that they are related but not copies. */
export const mixes = {
  netIn: { cpu: 0.7, io: 0.3 },
  netOut: { cpu: 0.5, io: 0.5 },
  diskRead: { cpu: 0.2, io: 0.8 },
  diskWrite: { cpu: 0.4, io: 0.6 },
} as const;

export interface Sums {
  readonly cpu: number;
  readonly io: number;
}

const remembered = new WeakMap<Life, Map<number, Sums>>();

/** The curves' integrals at one of the few moments that bound a life; every counter reading needs them again. */
export function sumsAt(guest: SimGuest, life: Life, atS: number): Sums {
  const known = remembered.get(life) ?? new Map<number, Sums>();
  const found = known.get(atS);
  if (found !== undefined) return found;
  const sums = { cpu: guest.load.cpu.integral(atS), io: guest.load.io.integral(atS) };
  remembered.set(life, known.set(atS, sums));
  return sums;
}

/** Undefined while the guest does not run. */
export function readGuest(guest: SimGuest, atS: number, release: Release): GuestReading | undefined {
  const life = newestLife(guest);
  if (life === undefined || !isRunning(guest) || life.fromS > atS) return undefined;
  const { load } = guest;
  const began = sumsAt(guest, life, life.fromS);
  const cpuNow = load.cpu.integral(atS);
  const cpuSum = cpuNow - began.cpu;
  const ioSum = load.io.integral(atS) - began.io;
  const windowS = Math.min(10, Math.max(1, atS - life.fromS));
  const memory = load.memory.average(atS - 10, atS);
  return {
    uptimeS: Math.floor(atS - life.fromS),
    cpu: (cpuNow - load.cpu.integral(atS - windowS)) / windowS,
    memBytes: Math.floor(guestMemory(guest, memory, release)),
    memHostBytes: Math.floor(hostMemory(guest, memory)),
    diskBytes: guest.type === "lxc" ? Math.floor(diskUsed(guest, atS)) : 0,
    diskReadBytes: Math.floor(load.diskReadScale * (mixes.diskRead.cpu * cpuSum + mixes.diskRead.io * ioSum)),
    diskWriteBytes: Math.floor(load.diskWriteScale * (mixes.diskWrite.cpu * cpuSum + mixes.diskWrite.io * ioSum)),
    netInBytes: Math.floor(load.netInScale * (mixes.netIn.cpu * cpuSum + mixes.netIn.io * ioSum)),
    netOutBytes: Math.floor(load.netOutScale * (mixes.netOut.cpu * cpuSum + mixes.netOut.io * ioSum)),
  };
}

/**
 * `mem` as PVE reports it, from the memory curve's value: with a balloon the guest's view; without one the host's, in
 * 8.x as the estimate from resident and virtual size.
 */
export function guestMemory(guest: SimGuest, memory: number, release: Release): number {
  if (guest.type === "lxc" || guest.balloon) return memory * guest.memoryBytes;
  return release === "8.4" ? hostMemory(guest, memory) * 0.93 : hostMemory(guest, memory);
}

/** What the guest takes of the host: its touched pages and QEMU's own, or the container's memory. */
export function hostMemory(guest: SimGuest, memory: number): number {
  if (guest.type === "lxc") return memory * guest.memoryBytes;
  const share = guest.load.hostShare + 0.02 * memory;
  return guest.memoryBytes * share + 120 * 2 ** 20;
}

export function diskUsed(guest: SimGuest, atS: number): number {
  const { diskUsedBytes, diskGrowthBytesPerDay, diskAtS } = guest.load;
  const used = diskUsedBytes + (diskGrowthBytesPerDay * (atS - diskAtS)) / 86_400;
  return Math.min(0.98 * guest.diskBytes, Math.max(0.05 * guest.diskBytes, used));
}

/** Network bytes that belong to an amount of the two curves. */
export const netInOf = (load: GuestLoad, cpu: number, io: number): number =>
  load.netInScale * (mixes.netIn.cpu * cpu + mixes.netIn.io * io);
export const netOutOf = (load: GuestLoad, cpu: number, io: number): number =>
  load.netOutScale * (mixes.netOut.cpu * cpu + mixes.netOut.io * io);

/** The part of a life that lies in (fromS, toS]; undefined when there is none. */
export function overlap(life: Life, fromS: number, toS: number): { fromS: number; toS: number } | undefined {
  const start = Math.max(life.fromS, fromS);
  const end = Math.min(life.toS, toS);
  return end > start ? { fromS: start, toS: end } : undefined;
}
