// SMART as PVE hands it on: a table of attributes for ATA disks, smartctl's text for NVMe.
import type { DiskHealth } from "./disk-health.ts";
import type { SimDisk } from "./disks.ts";

interface AtaAttribute {
  readonly id: string;
  readonly name: string;
  readonly flags: string;
  readonly value: number;
  readonly normalized: number;
  readonly worst: number;
  readonly threshold: number;
  readonly fail: string;
  readonly raw: string;
}

type Line = readonly [id: number, name: string, flags: string, value: number, threshold: number, raw: string | number];

export function ataAttributes(disk: SimDisk, health: DiskHealth): readonly AtaAttribute[] {
  const lines = disk.kind === "hdd" ? spinning(disk, health) : flash(disk, health);
  return lines.map(([id, name, flags, value, threshold, raw]) => ({
    id: String(id).padStart(3),
    name,
    flags,
    value,
    normalized: value,
    worst: value,
    threshold,
    fail: threshold > 0 && value <= threshold ? "NOW" : "-",
    raw: String(raw),
  }));
}

/** A normalised value falls from 100 as its counter rises. */
const falls = (count: number, per: number): number => Math.max(1, 100 - Math.floor(count / per));

function spinning(disk: SimDisk, health: DiskHealth): readonly Line[] {
  const hours = health.powerOnHours;
  // Seagate tells hours with minutes and packs three counters into the timeouts.
  const seagate = disk.model.startsWith("ST");
  return [
    [1, "Raw_Read_Error_Rate", "POSR--", 81, 44, seagate ? 127_000_000 + (hours % 9973) : 0],
    [3, "Spin_Up_Time", "PO----", 90, 0, 0],
    [4, "Start_Stop_Count", "-O--CK", 100, 20, health.powerCycles],
    [5, "Reallocated_Sector_Ct", "PO--CK", falls(health.reallocated, 42), 10, health.reallocated],
    [9, "Power_On_Hours", "-O--CK", falls(hours, 900), 0, seagate ? `${hours}h+12m+03.117s` : hours],
    [10, "Spin_Retry_Count", "PO--C-", 100, 97, 0],
    [12, "Power_Cycle_Count", "-O--CK", 100, 20, health.powerCycles],
    [187, "Reported_Uncorrect", "-O--CK", falls(health.reportedUncorrectable, 1), 0, health.reportedUncorrectable],
    [188, "Command_Timeout", "-O--CK", 100, 0, seagate ? `${health.commandTimeouts} 0 0` : health.commandTimeouts],
    [194, "Temperature_Celsius", "-O---K", health.celsius, 0, `${health.celsius} (0 18 0 0 0)`],
    [197, "Current_Pending_Sector", "-O--C-", falls(health.pending, 20), 0, health.pending],
    [198, "Offline_Uncorrectable", "----C-", falls(health.offlineUncorrectable, 20), 0, health.offlineUncorrectable],
    [199, "UDMA_CRC_Error_Count", "-OSRCK", 200, 0, health.transferErrors],
  ];
}

function flash(disk: SimDisk, health: DiskHealth): readonly Line[] {
  const left = Math.max(1, Math.round(100 - health.wornPercent));
  const wear: Line = disk.model.startsWith("INTEL")
    ? [233, "Media_Wearout_Indicator", "-O--CK", left, 0, 0]
    : [231, "SSD_Life_Left", "-O--CK", left, 10, left];
  return [
    [5, "Reallocated_Sector_Ct", "-O--CK", 100, 0, health.reallocated],
    [9, "Power_On_Hours", "-O--CK", 100, 0, health.powerOnHours],
    [12, "Power_Cycle_Count", "-O--CK", 100, 0, health.powerCycles],
    [187, "Uncorrectable_Error_Cnt", "-O--CK", 100, 0, health.reportedUncorrectable],
    [194, "Temperature_Celsius", "-O---K", 100 - health.celsius, 0, `${health.celsius} (Min/Max 19/51)`],
    [197, "Pending_Sector_Count", "-O--CK", 100, 0, health.pending],
    [199, "CRC_Error_Count", "-OSRCK", 100, 0, health.transferErrors],
    wear,
    [241, "Host_Writes_32MiB", "-O--CK", 100, 0, Math.floor(health.writtenBytes / (32 * 2 ** 20))],
  ];
}

const unitBytes = 512_000;
const grouped = (value: number): string => Math.floor(value).toLocaleString("en-US");
const line = (label: string, value: string | number): string => `${`${label}:`.padEnd(36)}${value}`;

/** Between two blank lines, as smartctl prints it after the health. */
export function nvmeText(health: DiskHealth): string {
  const units = health.writtenBytes / unitBytes;
  const terabytes = (bytes: number): string => `${(bytes / 1e12).toFixed(2)} TB`;
  const used = Math.floor(health.wornPercent);
  return [
    "",
    "SMART/Health Information (NVMe Log 0x02)",
    line("Critical Warning", used >= 100 ? "0x04" : "0x00"),
    line("Temperature", `${health.celsius} Celsius`),
    line("Available Spare", `${Math.max(5, 100 - Math.max(0, used - 80))}%`),
    line("Available Spare Threshold", "10%"),
    line("Percentage Used", `${used}%`),
    line("Data Units Read", `${grouped(units * 1.7)} [${terabytes(health.writtenBytes * 1.7)}]`),
    line("Data Units Written", `${grouped(units)} [${terabytes(health.writtenBytes)}]`),
    line("Host Read Commands", grouped(units * 21)),
    line("Host Write Commands", grouped(units * 34)),
    line("Controller Busy Time", grouped(health.powerOnHours * 0.6)),
    line("Power Cycles", health.powerCycles),
    line("Power On Hours", grouped(health.powerOnHours)),
    line("Unsafe Shutdowns", 3),
    line("Media and Data Integrity Errors", 0),
    line("Error Information Log Entries", 0),
    "",
    "",
  ].join("\n");
}

/** What PVE finds among the names that mean wear, as it stands in `disks/list`; nothing for spinning disks. */
export const wearoutOf = (disk: SimDisk, health: DiskHealth): number | undefined => {
  if (disk.kind === "hdd") return undefined;
  if (disk.kind === "nvme") return 100 - Math.floor(health.wornPercent);
  return Math.max(1, Math.round(100 - health.wornPercent));
};
