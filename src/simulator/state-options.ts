// What the simulated cluster is made of, with every default filled in.
import type { Clock } from "../lib/clock.ts";
import type { Release, SimNode } from "./entities.ts";

export interface StateOptions {
  readonly nodes: number;
  readonly guests: number;
  readonly release: Release;
  readonly seed: number;
  readonly speed: number;
  readonly startAt: number;
  readonly anchorAt: number;
  readonly clusterName: string;
  readonly clock: Clock;
  /** Whether the nodes run Ceph themselves. */
  readonly ceph: boolean;
  /** Nodes that run another release, by name. */
  readonly releases?: Readonly<Record<string, Release>>;
  /** Epoch milliseconds until which every node ran 8.4. */
  readonly upgradedAt?: number;
}

export function plannedReleases(options: StateOptions, node: string): SimNode["releases"] {
  const release = options.releases?.[node] ?? options.release;
  if (options.upgradedAt === undefined || release === "8.4") return [{ fromS: 0, release }];
  return [
    { fromS: 0, release: "8.4" },
    { fromS: options.upgradedAt / 1000, release },
  ];
}
