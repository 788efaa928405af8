// Backups: jobs, guests that no job includes, and what lies on a storage.
import { pvePath } from "../path.ts";
import { flag, integer, isRecord, name, number, type Rows, rowsOf } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface BackupJob {
  readonly id: string;
  readonly enabled: boolean;
  readonly schedule: string | undefined;
  /** "all", "all except 100,101", "pool NAME" or the vmids. */
  readonly selection: string | undefined;
  readonly storage: string | undefined;
  readonly mode: string | undefined;
  /** keep-daily=7,keep-weekly=4 */
  readonly keep: string | undefined;
  readonly nextRunS: number | undefined;
  readonly comment: string | undefined;
}

export interface UncoveredGuest {
  readonly vmid: number;
  readonly name: string | undefined;
}

export interface BackupVolume {
  readonly volid: string;
  readonly vmid: number;
  /** Seconds since the epoch. */
  readonly createdS: number;
  readonly sizeBytes: number | undefined;
  readonly protected: boolean;
  readonly encrypted: boolean;
  /** ok, failed, none; undefined where the storage does not verify. */
  readonly verification: string | undefined;
}

export const readBackupJobs = (data: unknown): Rows<BackupJob> =>
  rowsOf(data, (row) => {
    const id = name(row["id"]);
    if (id === undefined) return undefined;
    return {
      id,
      // A job that does not say so is enabled.
      enabled: flag(row["enabled"]) ?? true,
      schedule: name(row["schedule"]) ?? name(row["starttime"]),
      selection: selectionOf(row),
      storage: name(row["storage"]),
      mode: name(row["mode"]),
      keep: keepOf(row["prune-backups"]),
      nextRunS: number(row["next-run"]),
      comment: name(row["comment"]),
    };
  });

function selectionOf(row: Readonly<Record<string, unknown>>): string | undefined {
  const pool = name(row["pool"]);
  if (pool !== undefined) return `pool ${pool}`;
  if (flag(row["all"]) !== true) return name(row["vmid"]);
  const except = name(row["exclude"]);
  return except === undefined ? "all" : `all except ${except}`;
}

/** A text on some releases, an object on others. */
function keepOf(value: unknown): string | undefined {
  if (!isRecord(value)) return name(value);
  const words = Object.entries(value).map(([key, amount]) => `${key}=${name(amount) ?? ""}`);
  return words.length === 0 ? undefined : words.sort().join(",");
}

export const readUncoveredGuests = (data: unknown): Rows<UncoveredGuest> =>
  rowsOf(data, (row) => {
    const vmid = integer(row["vmid"]);
    return vmid === undefined ? undefined : { vmid, name: name(row["name"]) };
  });

/** A backup of something else than a guest (a host's, on a Proxmox Backup Server) has no vmid and is left out. */
export function readBackupVolumes(data: unknown): Rows<BackupVolume> {
  const read = rowsOf(data, (row): BackupVolume | null | undefined => {
    const [volid, vmid, createdS] = [name(row["volid"]), integer(row["vmid"]), number(row["ctime"])];
    if (volid === undefined) return undefined;
    if (vmid === undefined || createdS === undefined) return null;
    const verification = row["verification"];
    return {
      volid,
      vmid,
      createdS,
      sizeBytes: number(row["size"]) ?? number(row["approximate-size"]),
      protected: flag(row["protected"]) === true,
      encrypted: name(row["encrypted"]) !== undefined && row["encrypted"] !== "0" && row["encrypted"] !== 0,
      verification: isRecord(verification) ? name(verification["state"]) : undefined,
    };
  });
  return { rows: read.rows.filter((row) => row !== null), rejected: read.rejected };
}

export const backupJobs = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Rows<BackupJob>>> =>
  pve.get({ ...options, path: "/cluster/backup", read: readBackupJobs });

export const uncoveredGuests = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Rows<UncoveredGuest>>> =>
  pve.get({ ...options, path: "/cluster/backup-info/not-backed-up", read: readUncoveredGuests });

/** Slow on large or remote storages. */
export const backupVolumes = (
  pve: PveReader,
  node: string,
  storage: string,
  options: CallOptions = {},
): Promise<PveAnswer<Rows<BackupVolume>>> => {
  const path = pvePath`/nodes/${node}/storage/${storage}/content`;
  return pve.get({ ...options, path, query: { content: "backup" }, node, read: readBackupVolumes });
};
