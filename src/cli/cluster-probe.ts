// Opens a configured cluster for the command line: nothing is asked before somebody wants an answer.
import type { ClusterSettings } from "../config/settings.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLog } from "../lib/log.ts";
import { type Permissions, PveCluster, permissions, type Version, version } from "../pve/index.ts";
import type { ClusterProbe } from "./doctor.ts";

export function openCluster({ id, endpoints, access, trust, limits }: ClusterSettings): PveCluster {
  return new PveCluster({ ...access, cluster: id, endpoints, trust, limits, clock: systemClock, log: silentLog });
}

export function openProbe(settings: ClusterSettings): ClusterProbe {
  const pve = openCluster(settings);
  let versionAnswer: Promise<Version> | undefined;
  let permissionsAnswer: Promise<Permissions> | undefined;
  return {
    settings,
    pve,
    gaveUp: false,
    version: () => (versionAnswer ??= version(pve).then(({ data }) => data)),
    permissions: () => (permissionsAnswer ??= permissions(pve).then(({ data }) => data)),
  };
}
