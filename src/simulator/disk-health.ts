// What SMART would say of a disk at a moment. Counters of errors never fall; temperature and pending sectors wander.
import type { SimDisk } from "./disks.ts";
import { hash } from "./random.ts";

const dayS = 86_400;
const hourS = 3600;

export interface DiskHealth {
  readonly passed: boolean;
  readonly powerOnHours: number;
  readonly powerCycles: number;
  readonly celsius: number;
  readonly reallocated: number;
  readonly reportedUncorrectable: number;
  readonly commandTimeouts: number;
  readonly pending: number;
  readonly offlineUncorrectable: number;
  readonly transferErrors: number;
  /** Percent of the rated writes; above 100 when it is used beyond them. */
  readonly wornPercent: number;
  readonly writtenBytes: number;
}

export function diskHealth(disk: SimDisk, atS: number): DiskHealth {
  const { fate, wear } = disk;
  const aged = Math.max(0, atS - disk.installedAtS);
  const errors = fate.kind === "failing" ? failing(disk, fate, atS) : fate.kind === "noisy" ? noisy(aged) : none;
  const wornPercent = Math.max(0, wear.percent + (wear.perDay * (atS - wear.atS)) / dayS);
  return {
    passed: fate.kind !== "failing" || atS < fate.failsAtS,
    powerOnHours: Math.floor(aged / hourS),
    powerCycles: 9 + (disk.seed % 30),
    celsius: celsius(disk, atS),
    ...errors,
    wornPercent,
    writtenBytes: Math.floor((wornPercent / 100) * disk.sizeBytes * 1300),
  };
}

type Errors = Pick<
  DiskHealth,
  "reallocated" | "reportedUncorrectable" | "commandTimeouts" | "pending" | "offlineUncorrectable" | "transferErrors"
>;

const none: Errors = {
  reallocated: 0,
  reportedUncorrectable: 0,
  commandTimeouts: 0,
  pending: 0,
  offlineUncorrectable: 0,
  transferErrors: 0,
};

/** Three sectors that never become more, and a transfer error every seventeen days. */
const noisy = (agedS: number): Errors => ({
  ...none,
  reallocated: 3,
  commandTimeouts: 1,
  transferErrors: Math.floor(agedS / (17 * dayS)),
});

interface Failing {
  readonly precursorAtS: number;
  readonly failsAtS: number;
}

/** Slowly at first, then ever faster; a day after the failure the numbers stand still. */
function failing(disk: SimDisk, { precursorAtS, failsAtS }: Failing, atS: number): Errors {
  const share = (Math.min(atS, failsAtS + dayS) - precursorAtS) / (failsAtS - precursorAtS);
  if (share <= 0) return none;
  const reallocated = Math.floor((3800 * Math.expm1(4 * share)) / Math.expm1(4)) + 8;
  const reportedUncorrectable = Math.floor(180 * share ** 3);
  const wander = hash(disk.seed, Math.floor(atS / hourS)) % 9;
  const pending = Math.floor(96 * share ** 2) + wander;
  return {
    reallocated,
    reportedUncorrectable,
    commandTimeouts: Math.floor(40 * share ** 2),
    pending,
    offlineUncorrectable: Math.floor(70 * share ** 2),
    transferErrors: 0,
  };
}

/** Warmer in the afternoon; spinning disks run cooler than flash. */
function celsius(disk: SimDisk, atS: number): number {
  const base = disk.kind === "hdd" ? 33 : disk.kind === "ssd" ? 30 : 42;
  const day = 3 * Math.sin(((atS % dayS) / dayS - 0.375) * 2 * Math.PI);
  return Math.round(base + (disk.seed % 5) + day + (hash(disk.seed ^ 3, Math.floor(atS / 600)) % 3) - 1);
}

/** Whether the disk still answers its controller; ZFS has thrown it out when not. */
export const isLost = (disk: SimDisk, atS: number): boolean =>
  disk.fate.kind === "failing" && atS >= disk.fate.failsAtS;
