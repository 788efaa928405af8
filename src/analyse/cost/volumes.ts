// The disks of a guest by storage, from its configuration. Snapshots and backups are not in it.

const units: Readonly<Record<string, number>> = { K: 2 ** -20, M: 2 ** -10, G: 1, T: 2 ** 10 };

/** GiB by storage id, and how many disks do not tell a storage or a size (a device that is passed through). */
export function volumesOf(disks: readonly string[]): {
  readonly gib: Record<string, number>;
  readonly unknown: number;
} {
  const gib: Record<string, number> = {};
  let unknown = 0;
  for (const disk of disks) {
    const [, storage] = /^[a-z]+\d*:\s*([^:,/\s]+):/.exec(disk) ?? [];
    const [, amount, unit = ""] = /[,:]\s*size=(\d+(?:\.\d+)?)([KMGT])?/.exec(disk) ?? [];
    if (storage === undefined || amount === undefined) unknown++;
    else gib[storage] = (gib[storage] ?? 0) + Number(amount) * (units[unit] ?? 2 ** -30);
  }
  return { gib, unknown };
}
