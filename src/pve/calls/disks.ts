// Physical disks of a node. Both calls run smartctl on the node, which may wake a disk: they are for a slow pace.
import { pvePath } from "../path.ts";
import { integer, isRecord, list, name, number, type Rows, record, rowsOf, text } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface Disk {
  /** /dev/sda */
  readonly device: string;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  /** ssd, hdd, nvme, usb, unknown. */
  readonly type: string | undefined;
  readonly sizeBytes: number | undefined;
  /** What it is used for, in PVE's words: LVM, ZFS, partitions, … */
  readonly usage: string | undefined;
  /** PASSED, FAILED!, UNKNOWN, OK. */
  readonly smart: string | undefined;
  /** Life that is left, percent; PVE says "N/A" for a disk that does not wear. */
  readonly lifeLeftPercent: number | undefined;
}

export interface Smart {
  readonly health: string | undefined;
  readonly temperatureCelsius: number | undefined;
  readonly powerOnHours: number | undefined;
  readonly reallocatedSectors: number | undefined;
  readonly pendingSectors: number | undefined;
  readonly mediaErrors: number | undefined;
  /** Reads that the disk gave up and told the host (ATA 187). */
  readonly reportedUncorrectable: number | undefined;
  /** Commands that were given up because the disk did not answer in time (ATA 188). */
  readonly commandTimeouts: number | undefined;
  /** Sectors that the disk's own test could not read (ATA 198). */
  readonly offlineUncorrectable: number | undefined;
  readonly usedPercent: number | undefined;
  /** Spare blocks that are left (NVMe), and below what the maker calls it too few. */
  readonly sparePercent: number | undefined;
  readonly spareThresholdPercent: number | undefined;
  /** The NVMe controller's bits of what is wrong; 0 when nothing is. */
  readonly criticalWarning: number | undefined;
  /** Attributes whose value is at or below the maker's threshold now. */
  readonly failingAttributes: readonly string[];
}

export const readDisks = (data: unknown): Rows<Disk> =>
  rowsOf(data, (row) => {
    const device = name(row["devpath"]);
    if (device === undefined) return undefined;
    return {
      device,
      model: known(row["model"]),
      serial: known(row["serial"]),
      type: known(row["type"]),
      sizeBytes: number(row["size"]),
      usage: name(row["used"]),
      smart: name(row["health"]),
      lifeLeftPercent: number(row["wearout"]),
    };
  });

/** PVE writes "unknown" for what a disk does not tell. */
function known(value: unknown): string | undefined {
  const read = name(value)?.trim();
  return read === "" || read?.toLowerCase() === "unknown" ? undefined : read;
}

/** ATA disks answer with attributes, NVMe and SAS ones with smartctl's text. */
export function readSmart(data: unknown): Smart {
  const fields = record(data);
  const health = name(fields["health"]);
  return Array.isArray(fields["attributes"])
    ? { health, ...fromAttributes(list(fields["attributes"])) }
    : { health, ...fromText(text(fields["text"]) ?? "") };
}

/** Raw values have words behind the number: "36 (Min/Max 20/44)", "12345h+10m". */
function fromAttributes(rows: readonly unknown[]): Omit<Smart, "health"> {
  const raw = new Map<number, number>();
  const failing: string[] = [];
  for (const row of rows) {
    if (isRecord(row) && /now/i.test(text(row["fail"]) ?? "")) failing.push(text(row["name"]) ?? String(row["id"]));
    const id = isRecord(row) ? integer(typeof row["id"] === "string" ? row["id"].trim() : row["id"]) : undefined;
    const value = isRecord(row) ? leadingNumber(text(row["raw"])) : undefined;
    if (id !== undefined && value !== undefined) raw.set(id, value);
  }
  return {
    temperatureCelsius: raw.get(194) ?? raw.get(190),
    powerOnHours: raw.get(9),
    reallocatedSectors: raw.get(5),
    pendingSectors: raw.get(197),
    mediaErrors: raw.get(198) ?? raw.get(187),
    reportedUncorrectable: raw.get(187),
    commandTimeouts: timeouts(raw.get(188)),
    offlineUncorrectable: raw.get(198),
    usedPercent: undefined,
    sparePercent: undefined,
    spareThresholdPercent: undefined,
    criticalWarning: undefined,
    failingAttributes: failing,
  };
}

/** Seagate packs three counters of 16 bits into one number, which a smartctl that does not know the model prints whole. */
const timeouts = (raw: number | undefined): number | undefined => (raw === undefined ? undefined : raw % 65_536);

function fromText(lines: string): Omit<Smart, "health"> {
  const after = (label: RegExp): number | undefined =>
    leadingNumber(new RegExp(`^\\s*(?:${label.source})\\s*[:=]?\\s*([\\d.,]+)`, "im").exec(lines)?.[1]);
  return {
    temperatureCelsius: after(/Temperature|Current Drive Temperature/),
    powerOnHours: after(/Power On Hours|Accumulated power on time, hours:minutes/),
    reallocatedSectors: after(/Elements in grown defect list/),
    pendingSectors: undefined,
    mediaErrors: after(/Media and Data Integrity Errors/),
    reportedUncorrectable: undefined,
    commandTimeouts: undefined,
    offlineUncorrectable: undefined,
    usedPercent: after(/Percentage Used(?: endurance indicator)?/),
    sparePercent: after(/Available Spare/),
    spareThresholdPercent: after(/Available Spare Threshold/),
    criticalWarning: bits(/^\s*Critical Warning:\s*0x([0-9a-f]+)/im.exec(lines)?.[1]),
    failingAttributes: [],
  };
}

const bits = (hex: string | undefined): number | undefined =>
  hex === undefined ? undefined : Number.parseInt(hex, 16);

function leadingNumber(value: string | undefined): number | undefined {
  const digits = /^\s*(\d[\d,]*)/.exec(value ?? "")?.[1];
  return digits === undefined ? undefined : number(digits.replaceAll(",", ""));
}

export const disks = (pve: PveReader, node: string, options: CallOptions = {}): Promise<PveAnswer<Rows<Disk>>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/disks/list`, node, read: readDisks });

export const smart = (
  pve: PveReader,
  node: string,
  disk: string,
  options: CallOptions = {},
): Promise<PveAnswer<Smart>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/disks/smart`, query: { disk }, node, read: readSmart });
