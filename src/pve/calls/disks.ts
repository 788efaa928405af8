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
  readonly usedPercent: number | undefined;
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
  for (const row of rows) {
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
    usedPercent: undefined,
  };
}

function fromText(lines: string): Omit<Smart, "health"> {
  const after = (label: RegExp): number | undefined =>
    leadingNumber(new RegExp(`^\\s*(?:${label.source})\\s*[:=]?\\s*([\\d.,]+)`, "im").exec(lines)?.[1]);
  return {
    temperatureCelsius: after(/Temperature|Current Drive Temperature/),
    powerOnHours: after(/Power On Hours|Accumulated power on time, hours:minutes/),
    reallocatedSectors: after(/Elements in grown defect list/),
    pendingSectors: undefined,
    mediaErrors: after(/Media and Data Integrity Errors/),
    usedPercent: after(/Percentage Used(?: endurance indicator)?/),
  };
}

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
