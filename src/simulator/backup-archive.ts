// The backups that lie on a backup storage at a moment: what the runs made, after pruning.
import type { BackupJob, BackupRun, GuestBackup } from "./backup-plan.ts";

const dayS = 86_400;

export interface StoredBackup {
  readonly backup: GuestBackup;
  readonly job: BackupJob;
}

export interface ArchiveWorld {
  readonly nowS: number;
  /** The runs of the night that begins on this day (days since the epoch). */
  readonly runsOf: (day: number) => readonly BackupRun[];
}

/** Newest first. Looks back over as many nights as the longest retention of a job and a failing guest need. */
export function storedBackups(world: ArchiveWorld, storage: string, lookBackDays = 100): readonly StoredBackup[] {
  const today = Math.floor(world.nowS / dayS);
  const kept = new Map<string, Retention>();
  const found: StoredBackup[] = [];
  for (let day = today; day > today - lookBackDays; day--) {
    for (const run of world.runsOf(day)) {
      if (run.job.storage !== storage) continue;
      for (const backup of run.backups) {
        if (backup.outcome === "failed" || backup.endS > world.nowS) continue;
        const key = `${run.job.id} ${backup.guest.vmid} ${backup.guest.createdAtS}`;
        const retention = kept.get(key) ?? { days: 0, weeksBeyond: 0, weeks: new Set<number>() };
        kept.set(key, retention);
        if (keeps(run.job, retention, day)) found.push({ backup, job: run.job });
      }
    }
  }
  return found;
}

interface Retention {
  days: number;
  weeksBeyond: number;
  readonly weeks: Set<number>;
}

/** As PVE prunes: the newest of each of so many days that have one, then of so many weeks beyond these. */
function keeps(job: BackupJob, retention: Retention, day: number): boolean {
  // Day 4 after the epoch was a Monday.
  const week = Math.floor((day - 4) / 7);
  if (retention.days < job.keepDaily) {
    retention.days++;
    retention.weeks.add(week);
    return true;
  }
  if (retention.weeks.has(week) || retention.weeksBeyond >= job.keepWeekly) return false;
  retention.weeksBeyond++;
  retention.weeks.add(week);
  return true;
}
