// Ceph at a moment: which daemons are up, how full it is, and what it complains about.
import { type CephPlan, replicas } from "./ceph-plan.ts";
import { isLost } from "./disk-health.ts";
import type { SimDisk } from "./disks.ts";
import type { SimulatorState } from "./state.ts";
import { usedBytes } from "./volume-measure.ts";

export interface OsdNow {
  readonly id: number;
  readonly node: string;
  readonly disk: SimDisk;
  readonly up: boolean;
  readonly usedBytes: number;
}

export interface CephNow {
  readonly plan: CephPlan;
  readonly osds: readonly OsdNow[];
  readonly monitorsUp: readonly string[];
  /** What clients stored, once. */
  readonly storedBytes: number;
  /** What they can still store. */
  readonly availableBytes: number;
  readonly rawTotalBytes: number;
  readonly rawUsedBytes: number;
  readonly checks: Readonly<Record<string, HealthCheck>>;
}

export interface HealthCheck {
  readonly severity: "HEALTH_WARN" | "HEALTH_ERR";
  readonly summary: { readonly message: string; readonly count: number };
  readonly muted: boolean;
}

export function cephNow(state: SimulatorState, plan: CephPlan): CephNow {
  const storedBytes = Math.floor(usedBytes(plan.volume, state.nowS));
  const rawUsedBytes = storedBytes * replicas;
  const disks = [...state.disks.values()].flat().filter((disk) => disk.use.kind === "osd");
  const osds = disks.map((disk) => osdNow(state, disk, rawUsedBytes / disks.length));
  const monitorsUp = plan.monitors.filter((node) => state.isOnline(node));
  return {
    plan,
    osds,
    monitorsUp,
    storedBytes,
    availableBytes: plan.volume.totalBytes - storedBytes,
    rawTotalBytes: disks.reduce((sum, disk) => sum + disk.sizeBytes, 0),
    rawUsedBytes,
    checks: complaints(plan, osds, monitorsUp),
  };
}

function osdNow(state: SimulatorState, disk: SimDisk, meanBytes: number): OsdNow {
  const id = disk.use.kind === "osd" ? disk.use.osdId : -1;
  // Placement groups never spread evenly.
  const lean = 1 + ((disk.seed % 1000) / 1000 - 0.5) * 0.12;
  const up = state.isOnline(disk.node) && !isLost(disk, state.nowS);
  return { id, node: disk.node, disk, up, usedBytes: Math.floor(meanBytes * lean) };
}

function complaints(plan: CephPlan, osds: readonly OsdNow[], up: readonly string[]): Record<string, HealthCheck> {
  const down = osds.filter((osd) => !osd.up).length;
  const full = osds.filter((osd) => osd.usedBytes > 0.85 * osd.disk.sizeBytes).length;
  const quiet = plan.monitors.length - up.length;
  const warn = (count: number, message: string): HealthCheck => ({
    severity: "HEALTH_WARN",
    summary: { message, count },
    muted: false,
  });
  return {
    ...(quiet > 0 ? { MON_DOWN: warn(quiet, `${quiet}/${plan.monitors.length} mons down`) } : {}),
    ...(down > 0 ? { OSD_DOWN: warn(down, `${down} osds down`) } : {}),
    ...(down > 0 ? { PG_DEGRADED: warn(1, "Degraded data redundancy: some placement groups undersized") } : {}),
    ...(full > 0 ? { OSD_NEARFULL: warn(full, `${full} nearfull osd(s)`) } : {}),
  };
}
