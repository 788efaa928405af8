// Where a guest's disks lie and what ties it to its node, from the lines of its configuration.
import type { FactFields } from "../../model/facts.ts";
import type { GuestDisks } from "./cluster-model.ts";

export interface DiskContext {
  readonly node: string;
  readonly isShared: (storage: string) => boolean;
  /** Nodes that hold a replica, with the time of the last replication. */
  readonly replicas: Readonly<Record<string, number>>;
}

const words = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

/** `scsi0: local-lvm:vm-100-disk-0,size=32G` lies on local-lvm. Volumes that are paths are no storage's. */
export function disksOf(config: FactFields, { isShared, replicas }: DiskContext): GuestDisks {
  const volumes = words(config["disks"]).flatMap((line) => {
    const [, storage] = /^[a-z]+\d*: ([^:/,\s]+):/.exec(line) ?? [];
    return storage === undefined ? [] : [{ storage, replicated: !/[,\s]replicate=0\b/.test(line) }];
  });
  const local = volumes.filter(({ storage }) => !isShared(storage));
  const covered = local.length > 0 && local.every(({ replicated }) => replicated);
  return {
    shared: unique(volumes.filter(({ storage }) => isShared(storage))),
    local: unique(local),
    copies: covered ? replicas : {},
  };
}

const unique = (volumes: readonly { readonly storage: string }[]): readonly string[] => [
  ...new Set(volumes.map(({ storage }) => storage)),
];

/** Null when nothing does. Which nodes a resource mapping names is not known, so that it counts as a tie. */
export function tieOf(config: FactFields): string | null {
  for (const line of words(config["settings"])) {
    const [, device] = /^(hostpci\d+): /.exec(line) ?? /^(usb\d+): .*\b(?:host|mapping)=/.exec(line) ?? [];
    if (device !== undefined) return `passes a device of its node through (${device})`;
  }
  for (const line of words(config["disks"])) {
    const [, mount] = /^(mp\d+): \//.exec(line) ?? [];
    if (mount !== undefined && !/,shared=1\b/.test(line)) return `mounts a directory of its node (${mount})`;
    const [, disk] = /^([a-z]+\d+): \/dev\//.exec(line) ?? [];
    if (disk !== undefined) return `uses a disk of its node (${disk})`;
  }
  return null;
}
