// Where a guest's disks lie and what ties it to its node, from the lines of its configuration.
import type { FactFields } from "../../model/facts.ts";
import { volumeOf } from "../supply/index.ts";
import type { GuestDisks } from "./cluster-model.ts";

export interface DiskContext {
  readonly isShared: (storage: string) => boolean;
  /** Nodes that hold a replica, with the time of the last replication. */
  readonly replicas: Readonly<Record<string, number>>;
}

const words = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

export function disksOf(config: FactFields, { isShared, replicas }: DiskContext): GuestDisks {
  const volumes = words(config["disks"]).flatMap((line) => {
    const storage = volumeOf(line)?.storage ?? null;
    return storage === null ? [] : [{ storage, replicated: !/,replicate=0\b/.test(line) }];
  });
  const local = volumes.filter(({ storage }) => !isShared(storage));
  // Replication takes all of a guest's disks but those that say no; a guest that lacks one of its disks does not start.
  const covered = local.length > 0 && local.every(({ replicated }) => replicated);
  return {
    shared: names(volumes.filter(({ storage }) => isShared(storage))),
    local: names(local),
    copies: covered ? replicas : {},
  };
}

const names = (volumes: readonly { readonly storage: string }[]): readonly string[] => [
  ...new Set(volumes.map(({ storage }) => storage)),
];

/** Null when nothing does. Which nodes a resource mapping names is not known, so that it counts as a tie. */
export function tieOf(config: FactFields): string | null {
  for (const line of words(config["settings"])) {
    const [, device] = /^(hostpci\d+): /.exec(line) ?? /^(usb\d+): .*\b(?:host|mapping)=/.exec(line) ?? [];
    if (device !== undefined) return `passes a device of its node through (${device})`;
  }
  for (const line of words(config["disks"])) {
    const volume = volumeOf(line);
    if (volume?.storage !== null || /,shared=1\b/.test(line)) continue;
    if (volume.name.startsWith("/")) return `uses ${volume.name} of its node (${volume.key})`;
  }
  return null;
}
