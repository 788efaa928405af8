// What was planted in the cluster, so that a test can compare findings with it. Times are epoch seconds.

import { includes } from "./backup-plan.ts";
import type { SimDisk } from "./disks.ts";
import type { Release, SimGuest, SimVolume } from "./entities.ts";
import { agentKind, programShare } from "./guest-agent.ts";
import { rrdTable } from "./rrd-tables.ts";
import type { SimulatorState } from "./state.ts";

export interface Truth {
  readonly seed: number;
  readonly release: Release;
  readonly now_s: number;
  readonly anchor_s: number;
  readonly raw_step_s: number;
  readonly failing_backup_vmid: number | null;
  readonly warning_backup_vmid: number | null;
  /** A backup on the backup server that its verification finds broken. */
  readonly damaged_backup_vmid: number | null;
  readonly uncovered_vmids: readonly number[];
  /** In a job that is switched off and in no other. */
  readonly covered_by_disabled_job_only: readonly number[];
  readonly orphan_volumes: readonly string[];
  readonly failing_replication: string | null;
  readonly nodes: readonly object[];
  readonly guests: readonly GuestTruthRow[];
  readonly storages: readonly StorageTruthRow[];
  readonly disks: readonly DiskTruthRow[];
  readonly gaps: readonly { readonly node: string; readonly from_s: number; readonly to_s: number | null }[];
}
export type GuestTruthRow = ReturnType<typeof guestTruth>;
export type StorageTruthRow = ReturnType<typeof volumeTruth>;
export type DiskTruthRow = ReturnType<typeof diskTruth>;

export function truthOf(state: SimulatorState): Truth {
  return {
    seed: state.seed,
    release: state.release,
    now_s: state.nowS,
    anchor_s: state.anchorS,
    raw_step_s: rrdTable(state.release, "hour").stepS,
    failing_backup_vmid: state.backups.failingVmid ?? null,
    warning_backup_vmid: state.backups.warningVmid ?? null,
    damaged_backup_vmid: state.damagedVmid ?? null,
    ...coverage(state),
    orphan_volumes: state.orphans.map((orphan) => orphan.volid),
    failing_replication: state.replication.find((job) => job.failsSinceS !== undefined)?.id ?? null,
    nodes: [...state.nodes.values()].map((node) => ({
      name: node.name,
      ip: node.ip,
      booted_at_s: node.bootedAtS,
      threads: node.hardware.threads,
      memory_bytes: node.hardware.memoryBytes,
      hot: node.nodeId === 2,
      releases: node.releases.map(({ fromS, release }) => ({ from_s: fromS, release })),
    })),
    guests: [...state.guests.values()].map(guestTruth),
    storages: state.storages.flatMap((storage) =>
      [...storage.volumes].map(([node, volume]) => volumeTruth(storage.id, node, volume)),
    ),
    disks: [...state.disks.values()].flat().map(diskTruth),
    gaps: state.gaps.all.map((gap) => ({ node: gap.node, from_s: gap.fromS, to_s: finite(gap.toS) })),
  };
}

function coverage(state: SimulatorState) {
  const { jobs } = state.backups;
  const covered = (guest: SimGuest, enabledOnly: boolean): boolean =>
    jobs.some((job) => (job.enabled || !enabledOnly) && includes(job, guest));
  const guests = [...state.guests.values()];
  return {
    uncovered_vmids: guests.filter((guest) => !covered(guest, false)).map((guest) => guest.vmid),
    covered_by_disabled_job_only: guests
      .filter((guest) => covered(guest, false) && !covered(guest, true))
      .map((guest) => guest.vmid),
  };
}

function guestTruth(guest: SimGuest) {
  return {
    vmid: guest.vmid,
    type: guest.type,
    name: guest.name,
    node: guest.node,
    cores: guest.cores,
    memory_bytes: guest.memoryBytes,
    balloon: guest.balloon,
    agent: guest.type === "qemu" ? agentKind(guest) : null,
    /** Of its memory in use, the share that is programs and not cache, as /proc/meminfo inside tells. */
    program_share: programShare(guest),
    created_at_s: guest.createdAtS,
    ran: guest.lives.map((life) => ({ node: life.node, from_s: life.fromS, to_s: finite(life.toS) })),
    ...guest.truth,
  };
}

function volumeTruth(id: string, node: string, volume: SimVolume) {
  const left = volume.totalBytes - volume.usedBytes;
  const growth = volume.growthBytesPerDay;
  return {
    id,
    node: node === "" ? null : node,
    total_bytes: volume.totalBytes,
    used_bytes_at_anchor: volume.usedBytes,
    growth_bytes_per_day: growth,
    weekly_saw_bytes: volume.weeklySawBytes,
    full_at_s: growth > 0 ? Math.round(volume.atS + (left / growth) * 86_400) : null,
  };
}

function diskTruth(disk: SimDisk) {
  const { fate, wear } = disk;
  const failing = fate.kind === "failing" ? fate : undefined;
  return {
    node: disk.node,
    devpath: disk.devpath,
    serial: disk.serial,
    kind: disk.kind,
    fate: fate.kind,
    precursor_at_s: failing?.precursorAtS ?? null,
    fails_at_s: failing?.failsAtS ?? null,
    /** When it has written all it is rated for. */
    worn_out_at_s: wear.perDay > 0 ? Math.round(wear.atS + ((100 - wear.percent) / wear.perDay) * 86_400) : null,
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
