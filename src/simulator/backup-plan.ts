// The backup jobs of the cluster and what each run of one does to each guest. Tasks, locks and the contents of the
// backup storages are all read from these runs, so they agree.
import type { SimGuest, SimNode } from "./entities.ts";
import { createRandom, hash } from "./random.ts";

const dayS = 86_400;
const hourS = 3600;
/** All backups of a node are done within three hours. */
const windowS = 3 * hourS;
const backupBytesPerSecond = 150 * 2 ** 20;

export interface BackupJob {
  readonly id: string;
  readonly enabled: boolean;
  readonly storage: "nfs-backup" | "pbs-1";
  /** Seconds after midnight UTC. */
  readonly startS: number;
  readonly schedule: string;
  readonly comment: string;
  readonly select:
    | { readonly kind: "all"; readonly exclude: readonly number[] }
    | { readonly kind: "pool"; readonly pool: string }
    | { readonly kind: "vmids"; readonly vmids: readonly number[] };
  readonly keepDaily: number;
  readonly keepWeekly: number;
}

export interface BackupPlan {
  readonly jobs: readonly BackupJob[];
  /** Fails every night since `failsSinceS`. */
  readonly failingVmid: number | undefined;
  readonly failsSinceS: number;
  /** Ends with a warning every night. */
  readonly warningVmid: number | undefined;
}

/**
 * Everything but two guests goes to a share every night; one pool also to a backup server; and the second of the two is
 * in a job that somebody switched off, which PVE still counts as covered.
 */
export function planBackups(guests: readonly SimGuest[], seed: number, anchorS: number): BackupPlan {
  const random = createRandom(hash(seed, 7001));
  const id = (): string => `backup-${random.hex(8)}-${random.hex(4)}`;
  const ordinary = guests.filter((guest) => !guest.template);
  const exclude = ordinary.length >= 8 ? ordinary.slice(-2).map((guest) => guest.vmid) : [];
  const kept = ordinary.filter((guest) => !exclude.includes(guest.vmid));
  return {
    failingVmid: kept.at(2)?.vmid,
    warningVmid: kept.at(5)?.vmid,
    failsSinceS: anchorS - 20 * dayS,
    jobs: [
      {
        id: id(),
        enabled: true,
        storage: "nfs-backup",
        startS: hourS,
        schedule: "01:00",
        comment: "Everything, every night",
        select: { kind: "all", exclude },
        keepDaily: 7,
        keepWeekly: 4,
      },
      {
        id: id(),
        enabled: true,
        storage: "pbs-1",
        startS: 4.5 * hourS,
        schedule: "04:30",
        comment: "The shop, off site",
        select: { kind: "pool", pool: "shop" },
        keepDaily: 14,
        keepWeekly: 8,
      },
      {
        id: id(),
        enabled: false,
        storage: "nfs-backup",
        startS: 6 * hourS,
        schedule: "06:00",
        comment: "Off since the move",
        select: { kind: "vmids", vmids: exclude.slice(1) },
        keepDaily: 3,
        keepWeekly: 0,
      },
    ],
  };
}

export function includes(job: BackupJob, guest: SimGuest): boolean {
  const { select } = job;
  if (select.kind === "all") return !select.exclude.includes(guest.vmid);
  return select.kind === "pool" ? guest.pool === select.pool : select.vmids.includes(guest.vmid);
}

/** One guest's backup within one run. */
export interface GuestBackup {
  readonly guest: SimGuest;
  readonly startS: number;
  readonly endS: number;
  readonly outcome: "ok" | "warning" | "failed";
}

/** What one job did on one node in one night: one task of PVE. */
export interface BackupRun {
  readonly job: BackupJob;
  readonly node: SimNode;
  readonly startS: number;
  readonly endS: number;
  /** In order, one after the other. */
  readonly backups: readonly GuestBackup[];
}

export interface BackupNight {
  readonly plan: BackupPlan;
  readonly nodes: readonly SimNode[];
  readonly guests: readonly SimGuest[];
  readonly midnightS: number;
}

export function backupRuns(night: BackupNight): readonly BackupRun[] {
  const jobs = night.plan.jobs.filter((job) => job.enabled);
  return jobs.flatMap((job) => night.nodes.flatMap((node) => runOn(night, job, node)));
}

function runOn(night: BackupNight, job: BackupJob, node: SimNode): readonly BackupRun[] {
  const guests = night.guests.filter(
    (guest) => guest.node === node.name && guest.createdAtS < night.midnightS && includes(job, guest),
  );
  if (guests.length === 0) return [];
  const startS = night.midnightS + job.startS + (node.nodeId % 6) * 300;
  let atS = startS;
  const backups = guests.map((guest): GuestBackup => {
    const naturalS = 15 + (guest.diskBytes * 0.5) / backupBytesPerSecond;
    const endS = atS + Math.ceil(Math.max(4, Math.min(naturalS, windowS / guests.length)));
    const backup = { guest, startS: atS, endS, outcome: outcomeOf(night.plan, job, guest, atS) };
    atS = endS + 1;
    return backup;
  });
  return [{ job, node, startS, endS: atS, backups }];
}

function outcomeOf(plan: BackupPlan, job: BackupJob, { vmid }: SimGuest, atS: number): GuestBackup["outcome"] {
  if (job.storage !== "nfs-backup") return "ok";
  if (vmid === plan.failingVmid && atS >= plan.failsSinceS) return "failed";
  return vmid === plan.warningVmid ? "warning" : "ok";
}
