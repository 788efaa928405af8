// What a release of Proxmox VE can do. Every switch on a version stands here, with the release that brought the change.
import { PveTooOldError } from "./errors.ts";

/** The guest agent's own reads have this privilege from 9 on; 8 has only one that also allows monitor commands. */
export type GuestAgentPrivilege = "VM.GuestAgent.Audit" | null;

export type RrdTimeframeName = "hour" | "day" | "week" | "month" | "year" | "decade";
export interface RrdTimeframe {
  readonly name: RrdTimeframeName;
  /** Width of a point. After an upgrade from 8 to 9 one answer mixes widths: take the step from neighbours. */
  readonly stepS: number;
  readonly points: number;
}

export interface Capabilities {
  /** "8" or "9", from which more is decided than is worth a switch of its own. */
  readonly major: number;
  /** GET /cluster/metrics/export (pve-manager 8.2.5). */
  readonly metricsExport: boolean;
  /** Its parameter node-list (9.0.8). */
  readonly exportNodeList: boolean;
  /** Its cpu_iowait is a ratio; before 8.3.4 it is a cumulative value and must be ignored. */
  readonly exportIowait: boolean;
  /** Guests have memhost (9). */
  readonly memhost: boolean;
  /** Pressure (PSI) in rrddata and status (9). */
  readonly pressure: boolean;
  /** A storage tells its own identity (9.2). */
  readonly storageIdentity: boolean;
  readonly guestAgentPrivilege: GuestAgentPrivilege;
  /** What is worth importing once, finest first; what another timeframe contains is left out. */
  readonly rrdOfNodes: readonly RrdTimeframe[];
  readonly rrdOfOthers: readonly RrdTimeframe[];
  /** All that guests, storages and nodes have: a short gap is filled from the shortest answer that covers it. */
  readonly rrdFrames: readonly RrdTimeframe[];
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const timeframes8: readonly RrdTimeframe[] = [
  { name: "hour", stepS: minute, points: 70 },
  { name: "day", stepS: 30 * minute, points: 70 },
  { name: "week", stepS: 3 * hour, points: 70 },
  { name: "month", stepS: 12 * hour, points: 70 },
  { name: "year", stepS: 7 * day, points: 70 },
];
const timeframes9: readonly RrdTimeframe[] = [
  { name: "day", stepS: minute, points: 1440 },
  { name: "month", stepS: 30 * minute, points: 1440 },
  { name: "year", stepS: 6 * hour, points: 1440 },
];
/** Contained in the others; shorter answers for shorter gaps. */
const shortFrames9: readonly RrdTimeframe[] = [
  { name: "hour", stepS: minute, points: 60 },
  { name: "week", stepS: 30 * minute, points: 336 },
];
const decade: RrdTimeframe = { name: "decade", stepS: 7 * day, points: 570 };

export const oldestRelease = "8.0";

export function capabilitiesOf(version: string): Capabilities {
  const has = (since: string): boolean => compareVersions(version, since) >= 0;
  const nine = has("9.0~");
  return {
    major: majorOf(version),
    metricsExport: has("8.2.5"),
    exportNodeList: has("9.0.8"),
    exportIowait: has("8.3.4"),
    memhost: nine,
    pressure: nine,
    storageIdentity: has("9.2~"),
    guestAgentPrivilege: nine ? "VM.GuestAgent.Audit" : null,
    rrdOfNodes: nine ? [...timeframes9, decade] : timeframes8,
    rrdOfOthers: nine ? timeframes9 : timeframes8,
    rrdFrames: nine ? [...shortFrames9, ...timeframes9] : timeframes8,
  };
}

/** Throws a PveTooOldError for a release before 8.0. Between 8.0 and 8.2.5 we poll /cluster/resources instead. */
export function requireSupported(version: string, endpoint: string): void {
  if (compareVersions(version, `${oldestRelease}~`) >= 0) return;
  throw new PveTooOldError(
    `PVE ${version} at ${endpoint} is too old: Pilothouse needs ${oldestRelease} or newer; upgrade the node.`,
    { endpoint, path: "/version" },
  );
}

/** True for "9.2.11", "8.2", "9.0~beta1", "8.4.1-2". */
export const isVersion = (value: string): boolean => /^\d+(\.\d+)*([~+-][\w.~+-]*)?$/.test(value);

/** The part that counts of "pve-manager/9.1.5/80cf92a64bef6889", as node status has it. */
export function versionOfManager(value: string | undefined): string | undefined {
  const version = value?.split("/")[1];
  return version !== undefined && isVersion(version) ? version : undefined;
}

export const majorOf = (version: string): number => Number.parseInt(version, 10);

/**
 * Negative when `a` is older than `b`, 0 when they are the same, else positive. Numbers compare as numbers, missing ones
 * are 0, and what follows a `~` comes before the release itself ("9.0~beta" < "9.0"), as in Debian's versions.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  for (let index = 0; index < Math.max(left.numbers.length, right.numbers.length); index++) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.before === right.before) return 0;
  if (left.before === undefined) return 1;
  if (right.before === undefined) return -1;
  return left.before < right.before ? -1 : 1;
}

function split(version: string): { numbers: readonly number[]; before: string | undefined } {
  const [upstream = "", before] = (version.split(/[-+]/)[0] ?? "").split("~", 2);
  return { numbers: upstream.split(".").map((part) => Number.parseInt(part, 10) || 0), before };
}
