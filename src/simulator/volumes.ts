// The volumes of a guest, under the names that its configuration gives them.
import type { SimGuest } from "./entities.ts";

export interface GuestVolume {
  /** scsi0, efidisk0, rootfs, mp0, … */
  readonly key: string;
  readonly volid: string;
  readonly sizeBytes: number;
  readonly format: "raw" | "subvol";
  /** Left out of backups by the guest's configuration. */
  readonly backup: boolean;
}

/** Some guests have a second disk for data; every other of these is left out of backups. */
const hasData = (guest: SimGuest): boolean => guest.seed % 4 === 0 && !guest.template;
const leavesOutData = (guest: SimGuest): boolean => guest.seed % 8 === 0;
const efiBytes = 4 * 2 ** 20;

export function volumesOf(guest: SimGuest): readonly GuestVolume[] {
  return guest.type === "qemu" ? machineVolumes(guest) : containerVolumes(guest);
}

function machineVolumes(guest: SimGuest): readonly GuestVolume[] {
  const kind = guest.template ? "base" : "vm";
  const volume = (key: string, number: number, sizeBytes: number, backup = true): GuestVolume => ({
    key,
    volid: `${guest.storage}:${kind}-${guest.vmid}-disk-${number}`,
    sizeBytes,
    format: "raw",
    backup,
  });
  const data = hasData(guest) ? [volume("scsi1", 2, guest.diskBytes * 2, !leavesOutData(guest))] : [];
  return [volume("efidisk0", 1, efiBytes), volume("scsi0", 0, guest.diskBytes), ...data];
}

/** On ZFS a container's volume is a file system of its own, elsewhere a block device. */
function containerVolumes(guest: SimGuest): readonly GuestVolume[] {
  const zfs = guest.storage === "local-zfs";
  const volume = (key: string, number: number, sizeBytes: number, backup: boolean): GuestVolume => ({
    key,
    volid: `${guest.storage}:${zfs ? "subvol" : "vm"}-${guest.vmid}-disk-${number}`,
    sizeBytes,
    format: zfs ? "subvol" : "raw",
    backup,
  });
  // A mount point is backed up only when its configuration says so.
  const data = hasData(guest) ? [volume("mp0", 1, guest.diskBytes * 2, !leavesOutData(guest))] : [];
  return [volume("rootfs", 0, guest.diskBytes, true), ...data];
}
