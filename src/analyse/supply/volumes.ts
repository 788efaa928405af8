// The volumes of a guest, from the lines of its configuration: what it really has on storages. A VM's `maxdisk` is its boot
// disk alone, so disks are always counted from here.

export interface Volume {
  /** scsi0, rootfs, mp1, … */
  readonly key: string;
  /** null for what lies on no storage: a device or a directory of the node. */
  readonly storage: string | null;
  /** PVE's name of it on the storage, or the path. */
  readonly name: string;
  /** null where the line does not tell. */
  readonly sizeBytes: number | null;
  /** The volume that it is a clone of; it holds only what differs from that. */
  readonly linkedTo: string | null;
}

const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** From `scsi0: local-zfs:vm-100-disk-0,size=32G`; undefined for a line that names nothing. */
export function volumeOf(line: string): Volume | undefined {
  const [, key = "", place = ""] = /^([a-z]+\d*): *([^,]+)/.exec(line) ?? [];
  if (key === "" || place === "none") return undefined;
  const [, storage, onStorage] = /^([^/:]+):(.+)$/.exec(place) ?? [];
  const name = onStorage ?? place;
  return { key, storage: storage ?? null, name, sizeBytes: sizeOf(line), linkedTo: baseOf(name) };
}

function sizeOf(line: string): number | null {
  const [, amount, unit = ""] = /,size=(\d+(?:\.\d+)?)([KMGT])?(?:,|$)/.exec(line) ?? [];
  return amount === undefined ? null : Number(amount) * (units[unit] ?? 1);
}

/** `base-9000-disk-0/vm-101-disk-0`, or with directories `9000/base-9000-disk-0.qcow2/101/vm-101-disk-0.qcow2`. */
const baseOf = (name: string): string | null => /^((?:\d+\/)?base-\d+-[^/]+)\/./.exec(name)?.[1] ?? null;

export interface VolumeSums {
  /** Everything on storages but linked clones; null as soon as one does not tell its size, or nothing is known. */
  readonly bytes: number | null;
  /** What linked clones would take if they shared nothing: the most, not what they hold. */
  readonly linkedBytes: number;
}

export function sumOfVolumes(volumes: readonly Volume[]): VolumeSums {
  let bytes: number | null = 0;
  let linkedBytes = 0;
  for (const { storage, sizeBytes, linkedTo } of volumes) {
    if (storage === null) continue;
    if (linkedTo !== null) linkedBytes += sizeBytes ?? 0;
    else bytes = bytes === null || sizeBytes === null ? null : bytes + sizeBytes;
  }
  return { bytes, linkedBytes };
}
